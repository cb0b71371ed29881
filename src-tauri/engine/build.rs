//! Puts the page that the director's machine serves where the program embeds it from, and lets the program build where the
//! page was not built: then one page stands in its place that says so.

use std::path::PathBuf;
use std::{env, fs};

/// As `app/own.config.ts` names them.
const FILES: [&str; 3] = ["index.html", "page.js", "page.css"];
const NOT_BUILT: &str = "<!doctype html><meta charset=\"utf-8\"><title>ReturnFeed</title><p>The page is not built into this \
    program: run <code>npm ci &amp;&amp; npm run build</code> in <code>app/</code>, then build the program again.";

fn main() {
    let built = PathBuf::from("../../app/dist-own");
    println!("cargo::rerun-if-changed={}", built.display());
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo says where to write"));
    for name in FILES {
        let text = match fs::read(built.join(name)) {
            Ok(text) => text,
            Err(_) if name == FILES[0] => NOT_BUILT.as_bytes().to_vec(),
            Err(_) => Vec::new(),
        };
        fs::write(out.join(name), text).expect("cargo's own folder can be written");
    }
}
