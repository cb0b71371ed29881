//! The operators' page that this machine serves itself: the lamp, without picture or cloud, to whoever holds a pass that
//! the cloud gave.
//!
//! `pass` judges who comes, `seat` is one of them; what their browser gets is `app/src/own`. Plain HTTP, because no authority
//! certifies an address of a local network: what that costs stands on the page. Refuses everything but reading the lamp
//! and saying what is shown. Invariant: nobody is let in whose pass was not verified by a key of the cloud.

mod pass;
mod seat;

use std::collections::BTreeSet;
use std::io;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::State;
use axum::extract::ws::WebSocketUpgrade;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use returnfeed_protocol::{Acknowledgement, CameraNumber, PageNumber, ParticipantId, TallyState};
use secrecy::ExposeSecret as _;
use tokio::sync::{mpsc, watch};

use super::bounded::Bounded;
use super::{OutputState, Telling, not_opened};
use crate::bearer::refusal;
use crate::lan;
use crate::uplink::Guests;
pub(crate) use seat::is_own;

/// A hello with its pass is the longest that a page says.
const MESSAGE: usize = 4_096;
/// What pages did and nobody has taken yet; they wait.
const SEEN: usize = 64;
/// How long answers under way may take at the end.
const GOODBYE: Duration = Duration::from_secs(1);

/// What a page of ours did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PageEvent {
    /// It came, or chose another camera.
    Here {
        /// Which page.
        page: PageNumber,
        /// Whose pass it showed.
        participant: ParticipantId,
        /// The lamp that it shows.
        camera: Option<CameraNumber>,
    },
    /// It says what it shows.
    Shown(Acknowledgement),
    /// It went.
    Gone {
        /// Which page.
        page: PageNumber,
    },
}

/// What every conversation needs.
#[derive(Clone)]
struct App {
    newest: watch::Receiver<Option<(TallyState, Instant)>>,
    guests: watch::Receiver<Option<Guests>>,
    seen: mpsc::Sender<PageEvent>,
}

/// Serves until cancelled, or says why it cannot. `kept`: the file in which the cloud's keys outlive us.
pub(super) async fn serve<F: Fn(OutputState)>(
    kept: Option<&Path>,
    telling: Telling<'_, F>,
    mut guests: watch::Receiver<Option<Guests>>,
    on: &impl Fn(PageEvent),
) -> Result<(), String> {
    let Telling { spec, mut word, on: tell, cancel } = telling;
    let listener = Bounded::bind(&spec.host, spec.port).await.map_err(|error| not_opened(spec, &error))?;
    let (known, judged) = watch::channel(None);
    let (timed, newest) = watch::channel(None);
    let (seen, mut happened) = mpsc::channel(SEEN);
    let ended = cancel.clone().cancelled_owned();
    let router = router(App { newest, guests: judged, seen });
    let mut server =
        std::pin::pin!(axum::serve(listener, router).with_graceful_shutdown(ended).into_future());
    let mut here = BTreeSet::new();
    word.mark_changed();
    guests.mark_changed();
    loop {
        tokio::select! {
            biased;
            Ok(()) = word.changed() => {
                let state = word.borrow_and_update().clone();
                timed.send_replace(state.map(|state| (state, Instant::now())));
            }
            Ok(()) = guests.changed() => {
                let told = guests.borrow_and_update().clone();
                known.send_replace(told.map(|told| remembered(kept, told)));
                tell(state(spec.host.as_str(), spec.port, &known.borrow(), here.len()));
            }
            () = cancel.cancelled() => break,
            Some(event) = happened.recv() => {
                let before = here.len();
                match &event {
                    PageEvent::Here { page, .. } => drop(here.insert(*page)),
                    PageEvent::Gone { page } => drop(here.remove(page)),
                    PageEvent::Shown(_) => {}
                }
                if here.len() != before {
                    tell(state(spec.host.as_str(), spec.port, &known.borrow(), here.len()));
                }
                on(event);
            }
            ended = &mut server => return ended.map_err(|error| error.to_string()),
        }
    }
    // Every page has the last word before it is told that there is none any more.
    drop((timed, happened));
    let _late = tokio::time::timeout(GOODBYE, server).await;
    Ok(())
}

/// With the keys that were told last, where the cloud has told none since we began; what is told is kept.
fn remembered(kept: Option<&Path>, mut told: Guests) -> Guests {
    let Some(path) = kept else { return told };
    let failed = |what: &str, error: io::Error| {
        tracing::warn!(path = %path.display(), %error, "the keys of the cloud cannot be {what}");
    };
    if told.keys.keys.is_empty() {
        match std::fs::read(path) {
            Ok(text) => told.keys = serde_json::from_slice(&text).unwrap_or_default(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => failed("read", error),
        }
    } else if let Ok(text) = serde_json::to_vec(&told.keys) {
        // Beside it first: a power cut leaves the old ones or the new ones.
        let new = PathBuf::from(format!("{}.new", path.display()));
        if let Err(error) = std::fs::write(&new, text).and_then(|()| std::fs::rename(&new, path)) {
            failed("kept", error);
        }
    }
    told
}

/// Where it is found, with the pass that a code on the screen gives to whoever scans it.
fn state(host: &str, port: u16, guests: &Option<Guests>, readers: usize) -> OutputState {
    let listen: Option<IpAddr> = host.parse().ok();
    let found = listen.map(lan::addresses).unwrap_or_default();
    let hosts: Vec<String> = match found.is_empty() {
        true => vec![host.to_owned()],
        false => found
            .into_iter()
            .map(|ip| if ip.is_ipv6() { format!("[{ip}]") } else { ip.to_string() })
            .collect(),
    };
    let pass = guests.as_ref().and_then(|guests| guests.pass.as_ref());
    let behind = pass.map(|pass| format!("#{}", pass.token.expose_secret())).unwrap_or_default();
    let links = hosts.into_iter().map(|host| format!("http://{host}:{port}/{behind}")).collect();
    OutputState::Page { readers, links, has_pass: pass.is_some() }
}

fn router(app: App) -> Router {
    let site = [
        ("/", "text/html; charset=utf-8", include_str!(concat!(env!("OUT_DIR"), "/index.html"))),
        ("/page.js", "text/javascript; charset=utf-8", include_str!(concat!(env!("OUT_DIR"), "/page.js"))),
        ("/page.css", "text/css; charset=utf-8", include_str!(concat!(env!("OUT_DIR"), "/page.css"))),
    ];
    let pages = site.into_iter().fold(Router::new(), |router, (path, kind, text)| {
        router.route(path, get(async move || file(kind, text)))
    });
    pages
        .route("/ws", get(socket))
        .fallback(async || refusal(404, "no_such_route", "There is nothing here", "The page is at /."))
        .with_state(app)
}

fn file(kind: &'static str, text: &'static str) -> Response {
    let policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; frame-ancestors 'none'; \
                  base-uri 'none'; form-action 'none'";
    let headers = [
        (CONTENT_TYPE, kind),
        (CACHE_CONTROL, "no-store"),
        (CONTENT_SECURITY_POLICY, policy),
        (REFERRER_POLICY, "no-referrer"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, text).into_response()
}

async fn socket(State(app): State<App>, upgrade: WebSocketUpgrade) -> Response {
    upgrade.max_message_size(MESSAGE).max_frame_size(MESSAGE).on_upgrade(|socket| seat::converse(socket, app))
}
