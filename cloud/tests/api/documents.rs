//! What the documents say to be shown by a test is shown by one that is there.

use std::collections::BTreeSet;
use std::path::Path;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
const DOCUMENTS: [&str; 2] = ["docs/security.md", "docs/protocol.md"];
const SOURCES: [&str; 4] = ["cloud/src", "cloud/tests", "core", "src-tauri/engine/src"];

#[test]
fn every_test_that_security_and_protocol_name_is_there() {
    let mut functions = BTreeSet::new();
    for place in SOURCES {
        functions_of(&Path::new(ROOT).join(place), &mut functions);
    }
    let mut missing = Vec::new();
    for document in DOCUMENTS {
        let text = std::fs::read_to_string(Path::new(ROOT).join(document)).unwrap();
        let quoted = text.split('`').skip(1).step_by(2);
        let names = quoted.filter_map(|quoted| quoted.rsplit_once("::")).map(|(_, name)| name);
        // A sentence is a test; a word is a module of them.
        let tests = names.filter(|name| name.contains('_')).map(str::to_owned);
        missing
            .extend(tests.filter(|name| !functions.contains(name)).map(|name| format!("{document}: {name}")));
    }
    assert!(missing.is_empty(), "{missing:?}");
    assert!(functions.len() > 1_000, "the sources were found");
}

fn functions_of(place: &Path, functions: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(place).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            functions_of(&path, functions);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            let named = text.split("fn ").skip(1).filter_map(|rest| rest.split(['(', '<']).next());
            functions.extend(named.map(str::to_owned));
        }
    }
}
