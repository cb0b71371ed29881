//! The lamps for makers' programs: `GET /tally`, `GET /tally/{camera}`, and `GET /ws`, each with a bearer token.
//!
//! Refuses a token in the address, which logs and proxies keep. Invariant: each answer says how old the director's word
//! is, and a word that is too old lights nothing.

use std::time::{Duration, Instant};

use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::extract::{FromRequestParts, Path, State};
use axum::http::header::CACHE_CONTROL;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use returnfeed_protocol::{CameraLamp, CameraNumber, TALLY_FRESH_MS, Tally, TallyReason, TallyState};
use secrecy::SecretString;
use serde::Serialize;
use tokio::sync::watch;

use super::bounded::Bounded;
use super::{OutputState, Telling, not_opened};
use crate::bearer::{Token, refusal};

/// A program that does not read for so long is gone.
const SLOW: Duration = Duration::from_secs(10);
/// Nobody has anything to say here.
const MESSAGE: usize = 1_024;
/// How long answers under way may take at the end.
const GOODBYE: Duration = Duration::from_secs(1);

/// Serves until cancelled, or says why it cannot.
pub(super) async fn serve<F: Fn(OutputState)>(
    token: &SecretString,
    telling: Telling<'_, F>,
) -> Result<(), String> {
    let Telling { spec, mut word, on, cancel } = telling;
    let listener = Bounded::bind(&spec.host, spec.port).await.map_err(|error| not_opened(spec, &error))?;
    let (timed, newest) = watch::channel(None);
    let app = App { newest, right: Token::new(token) };
    let router = Router::new()
        .route("/tally", get(all))
        .route("/tally/{camera}", get(one))
        .route("/ws", get(socket))
        .fallback(async || refusal(404, "no_such_route", "There is nothing here", "Ask for /tally or /ws."))
        .with_state(app);
    let ended = cancel.clone().cancelled_owned();
    let mut server =
        std::pin::pin!(axum::serve(listener, router).with_graceful_shutdown(ended).into_future());
    word.mark_changed();
    on(OutputState::Open { readers: None });
    loop {
        tokio::select! {
            biased;
            Ok(()) = word.changed() => {
                let state = word.borrow_and_update().clone();
                timed.send_replace(state.map(|state| (state, Instant::now())));
            }
            () = cancel.cancelled() => break,
            ended = &mut server => return ended.map_err(|error| error.to_string()),
        }
    }
    // Every reader has the last word before it is told that there is none any more.
    drop(timed);
    // A reader that does not go is left: the director ends.
    let _late = tokio::time::timeout(GOODBYE, server).await;
    Ok(())
}

type Newest = watch::Receiver<Option<(TallyState, Instant)>>;

#[derive(Clone)]
struct App {
    newest: Newest,
    right: Token,
}

/// What is told: the director's newest word and its age.
#[derive(Debug, Serialize)]
struct Told {
    age_ms: u64,
    #[serde(flatten)]
    state: TallyState,
}

/// The newest word as it may be shown now; none before the first.
fn told(newest: &Option<(TallyState, Instant)>, now: Instant) -> Option<Told> {
    let (state, at) = newest.as_ref()?;
    let age_ms = u64::try_from(now.saturating_duration_since(*at).as_millis()).unwrap_or(u64::MAX);
    let mut state = state.clone();
    if age_ms >= TALLY_FRESH_MS {
        state.cameras.iter_mut().for_each(darken);
    }
    Some(Told { age_ms, state })
}

fn darken(lamp: &mut CameraLamp) {
    lamp.tally = Tally::Unknown;
    let (switcher, cause) = ("the director".to_owned(), "it has not spoken in time".to_owned());
    lamp.reason = TallyReason::SwitcherLost { switcher, cause };
}

async fn all(State(app): State<App>, _right: Bearer) -> Response {
    match told(&app.newest.borrow(), Instant::now()) {
        Some(told) => answer(&told),
        None => not_yet(),
    }
}

#[derive(Debug, Serialize)]
struct One {
    age_ms: u64,
    #[serde(flatten)]
    lamp: CameraLamp,
}

async fn one(State(app): State<App>, _right: Bearer, Path(camera): Path<String>) -> Response {
    let Some(told) = told(&app.newest.borrow(), Instant::now()) else { return not_yet() };
    let camera = camera.parse().ok().and_then(|number: u16| CameraNumber::try_from(number).ok());
    let Told { age_ms, state } = told;
    match state.cameras.into_iter().find(|lamp| Some(lamp.camera) == camera) {
        Some(lamp) => answer(&One { age_ms, lamp }),
        None => refusal(404, "no_such_camera", "The show has no such camera", "GET /tally names them all."),
    }
}

async fn socket(State(app): State<App>, _right: Bearer, upgrade: WebSocketUpgrade) -> Response {
    upgrade.max_message_size(MESSAGE).max_frame_size(MESSAGE).on_upgrade(|socket| tell(socket, app))
}

/// Every word as it is said: at each change and each second; the end is that no further word can come.
async fn tell(mut socket: WebSocket, app: App) {
    let mut newest = app.newest;
    newest.mark_changed();
    loop {
        tokio::select! {
            biased;
            changed = newest.changed() => {
                if changed.is_err() {
                    return drop(socket.send(Message::Close(None)).await);
                }
                let text = told(&newest.borrow_and_update(), Instant::now()).map(|told| serde_json::to_string(&told));
                let Some(Ok(text)) = text else { continue };
                let sending = socket.send(Message::text(text));
                if !matches!(tokio::time::timeout(SLOW, sending).await, Ok(Ok(()))) {
                    return;
                }
            }
            heard = socket.recv() => if !matches!(heard, Some(Ok(_))) {
                return;
            }
        }
    }
}

/// The right token stands in the header.
struct Bearer;

impl FromRequestParts<App> for Bearer {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let detail = "Send Authorization: Bearer with the token of this output.";
        app.right.refuses(&parts.headers, detail).map_or(Ok(Self), Err)
    }
}

fn answer(body: &impl Serialize) -> Response {
    ([(CACHE_CONTROL, "no-store")], Json(body)).into_response()
}

fn not_yet() -> Response {
    refusal(503, "no_tally_yet", "The director has not spoken yet", "Ask again in a second.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use returnfeed_protocol::{Epoch, TallySequence};

    #[test]
    fn a_word_that_is_too_old_lights_nothing() {
        let lamp = CameraLamp {
            camera: CameraNumber::try_from(1).unwrap(),
            name: "Wide".into(),
            tally: Tally::Program,
            reason: TallyReason::Test,
        };
        let state = TallyState { epoch: Epoch(1), seq: TallySequence(1), cameras: vec![lamp] };
        let at = Instant::now();
        let after = |ms| told(&Some((state.clone(), at)), at + Duration::from_millis(ms)).unwrap();
        assert_eq!((after(2_499).age_ms, after(2_499).state.cameras[0].tally), (2_499, Tally::Program));
        assert_eq!(after(2_500).state.cameras[0].tally, Tally::Unknown);
        assert!(told(&None, at).is_none());
    }
}
