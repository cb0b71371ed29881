//! Lets the server build where the pages were not built: puts one page in their place that says so.

use std::path::Path;

fn main() {
    let dist = Path::new("../app/dist");
    println!("cargo::rerun-if-changed=../app/dist");
    println!("cargo::rerun-if-changed=../migrations");
    if !dist.join("index.html").exists() {
        let page = "<!doctype html><meta charset=\"utf-8\"><title>ReturnFeed</title>\
                    <p>The pages are not built into this server: run <code>npm ci &amp;&amp; npm run build</code> \
                    in <code>app/</code>, then build the server again.";
        std::fs::create_dir_all(dist).expect("app/ can be written");
        std::fs::write(dist.join("index.html"), page).expect("app/dist can be written");
    }
}
