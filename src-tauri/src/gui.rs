//! From the studio to the page: the view at each change, the pictures when they are asked for.

use std::time::Duration;

use returnfeed_engine::view::View;
use serde_json::json;
use tauri::http::{Request, Response, StatusCode, header};
use tauri::{AppHandle, Emitter, Manager, Runtime, UriSchemeContext, UriSchemeResponder, WebviewWindow};
use tokio::sync::watch;

use crate::view::Held;

/// The page is told at most so often; it always gets the newest.
const TOLD_EVERY: Duration = Duration::from_millis(16);
/// A picture is waited for at most so long, then the page asks again.
const PICTURE_WITHIN: Duration = Duration::from_millis(500);

/// Tells the page each change.
pub(crate) fn follow<R: Runtime>(app: AppHandle<R>, mut view: watch::Receiver<View>) {
    tauri::async_runtime::spawn(async move {
        while view.changed().await.is_ok() {
            let newest = view.borrow_and_update().clone();
            if let Err(error) = app.emit("view", newest) {
                tracing::warn!(%error, "the window was not told");
            }
            tokio::time::sleep(TOLD_EVERY).await;
        }
    });
}

/// `pictures://localhost/mosaic?after=N`: the next mosaic, with where everything stands in it and the figures of now.
pub(crate) fn pictures<R: Runtime>(
    context: UriSchemeContext<'_, R>,
    request: Request<Vec<u8>>,
    responder: UriSchemeResponder,
) {
    let app = context.app_handle().clone();
    tauri::async_runtime::spawn_blocking(move || {
        let seen = after(request.uri().query().unwrap_or_default());
        responder.respond(mosaic(&app.state::<Held>(), seen));
    });
}

/// What the page has seen; what is no number: nothing.
fn after(query: &str) -> u64 {
    query.strip_prefix("after=").and_then(|number| number.parse().ok()).unwrap_or(0)
}

fn mosaic(held: &Held, seen: u64) -> Response<Vec<u8>> {
    let answer = Response::builder()
        .header(header::ACCESS_CONTROL_ALLOW_ORIGIN, "*")
        .header(header::ACCESS_CONTROL_EXPOSE_HEADERS, "x-mosaic")
        .header(header::CACHE_CONTROL, "no-store");
    let shot = held.with(|studio| (studio.multiview(), studio.figures()));
    let nothing = || {
        Response::builder().status(StatusCode::NO_CONTENT).header(header::ACCESS_CONTROL_ALLOW_ORIGIN, "*")
    };
    let found = match shot {
        Some((Some(multiview), figures)) => multiview.after(seen, PICTURE_WITHIN).map(|shot| (shot, figures)),
        Some((None, _)) | None => None,
    };
    let made = match found {
        Some((shot, figures)) => {
            let about = json!({ "n": shot.number, "tiles": shot.layout.tiles, "figures": figures });
            answer
                .header(header::CONTENT_TYPE, "image/jpeg")
                .header("x-mosaic", about.to_string())
                .body(shot.jpeg.to_vec())
        }
        None => nothing().body(Vec::new()),
    };
    made.unwrap_or_else(|error| {
        tracing::error!(%error, "a picture could not be answered");
        Response::new(Vec::new())
    })
}

/// A page that dies is loaded again; without a GPU the pictures are drawn by the processor, which is twice as fast
/// there as software GL, and does not bring the page down.
#[cfg(target_os = "linux")]
pub(crate) fn steady<R: Runtime>(window: &WebviewWindow<R>) -> tauri::Result<()> {
    use webkit2gtk::{HardwareAccelerationPolicy, SettingsExt, WebViewExt};

    let has_gpu = std::fs::read_dir("/dev/dri").is_ok_and(|mut cards| {
        cards.any(|card| card.is_ok_and(|card| card.file_name().to_string_lossy().starts_with("renderD")))
    });
    window.with_webview(move |view| {
        let page = view.inner();
        if let Some(settings) = page.settings().filter(|_| !has_gpu) {
            settings.set_hardware_acceleration_policy(HardwareAccelerationPolicy::Never);
        }
        page.connect_web_process_terminated(|page, why| {
            tracing::error!(?why, "the page died; it is loaded again");
            page.reload();
        });
    })
}

/// Elsewhere the system's web view does both by itself.
#[cfg(not(target_os = "linux"))]
pub(crate) fn steady<R: Runtime>(_: &WebviewWindow<R>) -> tauri::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_number_was_not_seen() {
        assert_eq!((after("after=17"), after("after=x"), after("")), (17, 0, 0));
    }
}
