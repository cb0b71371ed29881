//! The kept corpus through each target: what was once found stays mended, and what was once reached is reached in
//! every run of the tests.

use std::fs;
use std::path::PathBuf;

use returnfeed_fuzz::TARGETS;

fn corpus(name: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("corpus").join(name);
    let entries = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files: Vec<_> = entries.map(|entry| entry.expect("a readable folder").path()).collect();
    files.sort();
    files.into_iter().map(|path| (path.clone(), fs::read(path).expect("a readable file"))).collect()
}

#[test]
fn every_kept_input_leaves_every_invariant_standing() {
    for target in TARGETS {
        let files = corpus(target.name);
        assert!(files.len() >= 5, "{}: only {} inputs are kept", target.name, files.len());
        for (path, input) in files {
            // The name comes before a panic, and is shown with it.
            println!("{}", path.display());
            (target.run)(&input);
        }
    }
}

#[test]
fn an_input_cut_anywhere_is_an_input() {
    for target in TARGETS {
        for (path, input) in corpus(target.name).iter().take(3) {
            println!("{}", path.display());
            for end in (0..input.len().min(200)).step_by(7) {
                (target.run)(&input[..end]);
            }
        }
    }
}
