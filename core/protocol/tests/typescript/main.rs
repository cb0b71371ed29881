//! The seam to TypeScript: `app/src/contract/` and the golden JSON are what this crate says, byte for byte.
//!
//! `RETURNFEED_GEN=1 cargo test -p returnfeed-protocol --test typescript` writes them; without it, a difference
//! fails. Nothing here decides what a message looks like: the types do.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

mod declarations;
mod host;
mod quality;
mod samples;
mod show;
mod signin;

use std::path::{Path, PathBuf};
use std::{env, fs};

use samples::Sample;

/// The repository.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Whether to write instead of compare: only when asked by a 1.
#[expect(clippy::disallowed_methods, reason = "this test is a shell: it reads and writes files on request")]
fn generating() -> bool {
    env::var_os("RETURNFEED_GEN").is_some_and(|value| value == "1")
}

/// Writes the file when asked to generate, else demands that it is what would be written.
fn settle(path: &str, expected: &str) {
    let file = root().join(path);
    if generating() {
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, expected).unwrap();
        return;
    }
    let found = fs::read_to_string(&file).unwrap_or_default();
    assert!(
        found == expected,
        "{path} is not what core/protocol says; run `./dev gen` and commit the difference"
    );
}

fn golden_path(sample: &Sample) -> String {
    format!("tests/fixtures/protocol/{}.json", sample.name)
}

#[test]
fn the_typescript_contract_is_what_the_types_say() {
    settle("app/src/contract/protocol.ts", &declarations::protocol());
}

#[test]
fn the_typescript_samples_are_what_the_types_serialise() {
    settle("app/src/contract/samples.ts", &declarations::samples(&samples::all()));
}

#[test]
fn every_message_is_on_the_wire_what_its_golden_file_says_and_no_file_is_left_over() {
    for sample in samples::all() {
        settle(&golden_path(&sample), &format!("{}\n", serde_json::to_string_pretty(&sample.json).unwrap()));
    }
    let names: Vec<String> = samples::all().iter().map(golden_path).collect();
    for entry in fs::read_dir(root().join("tests/fixtures/protocol")).unwrap() {
        let name = format!("tests/fixtures/protocol/{}", entry.unwrap().file_name().to_string_lossy());
        assert!(names.contains(&name), "{name} belongs to no message; remove it");
    }
}

#[test]
fn every_golden_file_is_read_and_written_again_unchanged() {
    for sample in samples::all() {
        let text = serde_json::to_string(&sample.json).unwrap();
        assert_eq!((sample.reread)(&text).unwrap(), sample.json, "{}", sample.name);
    }
}

#[test]
fn a_field_that_this_version_does_not_know_is_passed_over() {
    // A show is a document: what it does not know it keeps (`show::tests`).
    for sample in samples::all().into_iter().filter(|sample| sample.typescript != "Show") {
        let mut newer = sample.json.clone();
        newer.as_object_mut().unwrap().insert("from_a_later_version".into(), serde_json::Value::Bool(true));
        assert_eq!((sample.reread)(&newer.to_string()).unwrap(), sample.json, "{}", sample.name);
    }
}
