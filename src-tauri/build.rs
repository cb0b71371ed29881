//! Checks `tauri.conf.json` and the capabilities, and writes what `generate_context!` reads.

fn main() {
    tauri_build::build();
}
