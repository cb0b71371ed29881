//! Starts the window: a log, the studio, a web view with the director's page in it.
//!
//! Refuses logic: what is decided is decided in the engine. `gui` carries the view to the page and the pictures to its
//! canvases, `view` what the page asks. Invariant: the window may die and be loaded again; nothing on air is in it.

#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

mod gui;
mod view;

use anyhow::Context as _;
use returnfeed_engine::studio::{Folders, Studio};
use tauri::{Manager, RunEvent, WebviewUrl, WebviewWindowBuilder};
use tracing_subscriber::EnvFilter;

/// The one window; the capabilities name it too.
const WINDOW: &str = "director";

fn main() -> anyhow::Result<()> {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let app = tauri::Builder::default()
        .register_asynchronous_uri_scheme_protocol("pictures", gui::pictures)
        .invoke_handler(tauri::generate_handler![view::ask, view::view])
        .setup(|app| Ok(open(app)?))
        .build(tauri::generate_context!())
        .context("the window cannot be made; on Linux it needs a display and libwebkit2gtk-4.1-0")?;
    app.run(|app, event| {
        if let RunEvent::Exit = event {
            view::close(app);
        }
    });
    Ok(())
}

fn open(app: &mut tauri::App) -> anyhow::Result<()> {
    let paths = app.path();
    let documents = paths.document_dir().or_else(|_| paths.home_dir())?.join("ReturnFeed");
    let folders = Folders { data: paths.app_data_dir()?, documents };
    std::fs::create_dir_all(&folders.data)
        .with_context(|| format!("{} cannot be made", folders.data.display()))?;
    let studio = tauri::async_runtime::block_on(async { Studio::open(folders) });
    gui::follow(app.handle().clone(), studio.watch());
    app.manage(view::Held::new(studio));
    let window = WebviewWindowBuilder::new(app, WINDOW, WebviewUrl::App("director/index.html".into()))
        .title("ReturnFeed")
        .inner_size(1200.0, 675.0)
        .maximized(true)
        .min_inner_size(960.0, 540.0)
        .build()?;
    gui::steady(&window)?;
    Ok(())
}
