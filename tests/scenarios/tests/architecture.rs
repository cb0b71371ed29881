//! The arrows of the house, as `cargo metadata` sees them (ARCHITECTURE.md draws them).
//!
//! Refuses: a core that reaches for a shell's technology, a shell that depends on another shell, a technology
//! outside its one home.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use cargo_metadata::{DependencyKind, MetadataCommand};

/// Workspace crate -> what it depends on when it is built, tests apart.
struct House {
    rooms: BTreeMap<String, BTreeSet<String>>,
    folders: BTreeMap<String, String>,
}

fn house() -> House {
    let metadata = MetadataCommand::new().no_deps().exec().expect("cargo metadata of this workspace");
    let root = metadata.workspace_root.as_str().to_owned();
    let mut rooms = BTreeMap::new();
    let mut folders = BTreeMap::new();
    for package in &metadata.packages {
        let dependencies = package.dependencies.iter();
        let built = dependencies.filter(|d| d.kind != DependencyKind::Development).map(|d| d.name.clone());
        rooms.insert(package.name.to_string(), built.collect());
        let folder = package.manifest_path.parent().expect("a manifest lies in a folder");
        folders.insert(package.name.to_string(), folder.as_str().replacen(&root, "", 1));
    }
    House { rooms, folders }
}

impl House {
    fn under<'a>(&'a self, folder: &'a str) -> impl Iterator<Item = (&'a String, &'a BTreeSet<String>)> {
        self.rooms.iter().filter(move |(name, _)| self.folders[*name].starts_with(folder))
    }

    fn members(&self, folder: &str) -> BTreeSet<String> {
        self.under(folder).map(|(name, _)| name.clone()).collect()
    }

    /// Asserts that what lies in `technology` is used only in the `homes`.
    fn lives_only_in(&self, technology: &[&str], homes: &[&str]) {
        for (name, dependencies) in &self.rooms {
            for found in technology.iter().filter(|t| dependencies.contains(**t)) {
                let folder = &self.folders[name];
                assert!(
                    homes.iter().any(|home| folder == home),
                    "{found} is used in {folder}; its home is {homes:?}"
                );
            }
        }
    }
}

#[test]
fn core_depends_on_core_alone() {
    let house = house();
    let core = house.members("/core/");
    assert!(core.len() >= 6, "the cores were not found: {core:?}");
    let workspace: BTreeSet<_> = house.rooms.keys().cloned().collect();
    for (name, dependencies) in house.under("/core/") {
        let strangers: Vec<_> =
            dependencies.intersection(&workspace).filter(|d| !core.contains(*d)).collect();
        assert!(strangers.is_empty(), "{name} depends on {strangers:?}");
        if name == "returnfeed-protocol" {
            assert!(dependencies.is_disjoint(&workspace), "the protocol stands at the bottom");
        }
    }
}

#[test]
fn core_is_pure() {
    let impure = [
        "tokio",
        "mio",
        "socket2",
        "axum",
        "hyper",
        "reqwest",
        "sqlx",
        "rand",
        "getrandom",
        "chrono",
        "time",
        "gstreamer",
        "tauri",
        "libc",
        "libloading",
        "tokio-tungstenite",
        "async-std",
        "smol",
    ];
    let house = house();
    for (name, dependencies) in house.under("/core/") {
        let found: Vec<_> = impure.iter().filter(|crate_| dependencies.contains(**crate_)).collect();
        assert!(found.is_empty(), "{name} depends on {found:?}");
    }
}

#[test]
fn shells_never_depend_on_each_other() {
    let house = house();
    let cloud = house.members("/cloud");
    let plugins = house.members("/gst-plugins");
    let desktop = house.members("/src-tauri");
    let tests = house.members("/tests");
    let forbidden = [
        ("/cloud", [&plugins, &desktop, &tests]),
        ("/gst-plugins", [&cloud, &desktop, &tests]),
        ("/src-tauri", [&cloud, &tests, &tests]),
    ];
    for (shell, strangers) in forbidden {
        let mut rooms = 0;
        for (name, dependencies) in house.under(shell) {
            rooms += 1;
            for others in strangers {
                let found: Vec<_> = dependencies.intersection(others).collect();
                assert!(found.is_empty(), "{name} in {shell} depends on {found:?}");
            }
        }
        assert!(rooms > 0, "no crate was found in {shell}");
    }
}

#[test]
fn each_technology_has_one_home() {
    let house = house();
    house.lives_only_in(&["sqlx"], &["/cloud"]);
    house.lives_only_in(&["axum"], &["/cloud", "/src-tauri/engine"]);
    // The load's viewers are real ones; the engine's is the tally's way on the local network.
    house.lives_only_in(&["str0m"], &["/cloud", "/cloud/loadtest", "/src-tauri/engine"]);
    house.lives_only_in(&["sapflow-srt"], &[]); // a test's other end, in no product
    house.lives_only_in(&["libloading"], &["/gst-plugins/ndi-sdk-sys", "/tests/bench-ingest"]);
    house.lives_only_in(&["tauri"], &["/src-tauri"]);
}

#[test]
fn gstreamer_stays_in_the_plugins_and_the_engine() {
    let house = house();
    for (name, dependencies) in &house.rooms {
        if dependencies.contains("gstreamer") {
            let folder = &house.folders[name];
            assert!(
                folder.starts_with("/gst-plugins/") || folder == "/src-tauri/engine",
                "gstreamer in {folder}"
            );
        }
    }
}

/// The packages that the product was asked to be made of: each with its home, and what its code there calls it.
const ASKED_FOR: [(&str, &str, &str); 12] = [
    ("tauri", "/src-tauri", "tauri::"),
    ("gstreamer", "/src-tauri/engine", "gst::"),
    ("gstreamer-app", "/src-tauri/engine", "gst_app::"),
    ("gstreamer-webrtc", "/src-tauri/engine", "gst_webrtc::"),
    ("ndi-sdk-sys", "/gst-plugins/ndi", "ndi_sdk_sys::"),
    ("reqwest", "/src-tauri/engine", "reqwest::"),
    ("tokio-tungstenite", "/src-tauri/engine", "tokio_tungstenite::"),
    ("keyring", "/src-tauri/engine", "keyring::"),
    ("serde", "/core/protocol", "serde::"),
    ("tracing", "/cloud", "tracing::"),
    ("axum", "/cloud", "axum::"),
    ("sqlx", "/cloud", "sqlx::"),
];

#[test]
fn the_packages_that_were_asked_for_are_built_in_and_called() {
    let house = house();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for (package, home, called) in ASKED_FOR {
        let (room, dependencies) = house
            .rooms
            .iter()
            .find(|(name, _)| house.folders[*name] == home)
            .unwrap_or_else(|| panic!("there is no room at {home}"));
        assert!(dependencies.contains(package), "{room} is built without {package}");
        let source = root.join(&home[1..]).join("src");
        assert!(is_called(&source, called), "nothing in {} calls {package}", source.display());
    }
}

/// Whether a source file below `folder` has these words in a line that is no comment.
fn is_called(folder: &Path, words: &str) -> bool {
    let entries = std::fs::read_dir(folder).expect("a folder of sources");
    entries.map(|entry| entry.expect("an entry").path()).any(|path| match path.extension() {
        _ if path.is_dir() => is_called(&path, words),
        Some(kind) if kind == "rs" => std::fs::read_to_string(&path)
            .expect("a source file")
            .lines()
            .any(|line| !line.trim_start().starts_with("//") && line.contains(words)),
        _ => false,
    })
}
