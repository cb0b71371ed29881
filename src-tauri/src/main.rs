//! Starts the window: a log, the studio, a web view with the director's page in it; and again when it was killed.
//!
//! Refuses logic: what is decided is decided in the engine. `gui` carries the view to the page and the pictures to its
//! canvases, `view` what the page asks. Invariants: the page may die and be loaded again, nothing on air is in it; what
//! kills the window does not reach the parent that starts the next (ADR 34).

#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

mod gui;
mod view;

use std::ffi::OsString;
use std::process::ExitCode;

use anyhow::Context as _;
use returnfeed_engine::keep::{self, Life};
use returnfeed_engine::secrets::SecretStore;
use returnfeed_engine::studio::{Begin, Folders, Studio};
use tauri::{AppHandle, Manager, RunEvent, WebviewUrl, WebviewWindowBuilder};
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

/// The one window; the capabilities name it too.
const WINDOW: &str = "director";
/// What the parent calls its child by.
const CHILD: &str = "--child";
/// And a child whose elder was killed.
const AGAIN: &str = "--again";

fn main() -> anyhow::Result<ExitCode> {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    match std::env::args_os().nth(1) {
        Some(child) if child == CHILD => show(Begin::Anew),
        Some(child) if child == AGAIN => show(Begin::Again),
        _ => parent(),
    }
}

/// Waits for the window, and starts it again when it died.
fn parent() -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let as_child = |life| match life {
        Life::First => vec![OsString::from(CHILD)],
        Life::Again => vec![OsString::from(AGAIN)],
    };
    let status = runtime.block_on(keep::run(as_child))?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn show(begin: Begin) -> anyhow::Result<ExitCode> {
    let app = tauri::Builder::default()
        .register_asynchronous_uri_scheme_protocol("pictures", gui::pictures)
        .invoke_handler(tauri::generate_handler![view::ask, view::view])
        .setup(move |app| Ok(open(app, begin)?))
        .build(tauri::generate_context!())
        .context("the window cannot be made; on Linux it needs a display and libwebkit2gtk-4.1-0")?;
    tauri::async_runtime::spawn(end_when_told(app.handle().clone()));
    app.run(|app, event| {
        if let RunEvent::Exit = event {
            view::close(app);
        }
    });
    Ok(ExitCode::SUCCESS)
}

/// A machine that shuts down tells everybody to end: the operators are told too.
async fn end_when_told(app: AppHandle) {
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => {
            terminate.recv().await;
            app.exit(0);
        }
        Err(error) => tracing::warn!(%error, "signals cannot be heard"),
    }
}

fn open(app: &mut tauri::App, begin: Begin) -> anyhow::Result<()> {
    let paths = app.path();
    let documents = paths.document_dir().or_else(|_| paths.home_dir())?.join("ReturnFeed");
    let folders = Folders { data: paths.app_data_dir()?, documents };
    std::fs::create_dir_all(&folders.data)
        .with_context(|| format!("{} cannot be made", folders.data.display()))?;
    let secrets = SecretStore::with_keyring(folders.data.join("secrets"));
    let studio = tauri::async_runtime::block_on(async { Studio::open(folders, secrets, begin) });
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
