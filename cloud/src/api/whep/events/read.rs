//! `GET /whep/{session}/{viewer}/events/{stream}`: the events, one after the other.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::{FromRequestParts, Path, State};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::{Stream, stream};
use returnfeed_protocol::Layer;
use tokio::sync::broadcast::{self, error::RecvError};
use tokio_util::sync::CancellationToken;

use super::Subscription;
use super::leave::Leaving;
use super::told::{EventKind, LayerNow, Now, Telling, Told};
use crate::api::problem::ApiProblem;
use crate::api::routes::{Answer, EVERYBODY, Operation, Refusal, Routes, get};
use crate::api::whep::{ViewerPath, refusal};
use crate::app::App;
use crate::media::MediaEvent;
use crate::nodes::Way;
use crate::random;

const KEEP_ALIVE: Duration = Duration::from_secs(5);
/// How often things are looked at without an event: rates and counts have none of their own.
const LOOK: Duration = Duration::from_millis(500);

pub(super) fn route() -> Routes {
    get(
        "/whep/{session}/{viewer}/events/{stream}",
        read,
        Operation::new(
            "What a player is told beside the picture; the address is the secret",
            EVERYBODY,
            Answer::text(200, "text/event-stream"),
        )
        .refuses(&[Refusal(404, "event_stream_not_found")]),
    )
}

/// The event stream of an address.
pub(super) struct StreamPath {
    pub(super) id: String,
    subscription: Arc<Subscription>,
}

impl FromRequestParts<App> for StreamPath {
    type Rejection = ApiProblem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiProblem> {
        let path = Path::<(String, String, String)>::from_request_parts(parts, app).await;
        let Path((session, viewer, id)) = path.map_err(|_| refusal::event_stream_not_found())?;
        let subscription = match (session.parse(), viewer.parse()) {
            (Ok(session), Ok(viewer)) => app.event_streams.find(&ViewerPath { session, viewer }, &id),
            _ => None,
        };
        Ok(Self { id, subscription: subscription.ok_or_else(refusal::event_stream_not_found)? })
    }
}

async fn read(State(app): State<App>, path: StreamPath) -> Response {
    let listener = Listener {
        events: app.media.events(),
        stop: app.event_streams.stop.clone(),
        told: Told::default(),
        leaving: Leaving::default(),
        app,
        path,
        over: false,
    };
    let unbuffered = (HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    let events = Sse::new(events(listener)).keep_alive(KeepAlive::new().interval(KEEP_ALIVE));
    ([unbuffered], events).into_response()
}

fn events(listener: Listener) -> impl Stream<Item = Result<Event, Infallible>> {
    stream::unfold(listener, |mut listener| async move {
        let Telling { kind, data } = listener.next().await?;
        Some((Ok(Event::default().event(kind.as_str()).data(data.to_string())), listener))
    })
}

/// Whoever reads a stream.
struct Listener {
    app: App,
    path: StreamPath,
    events: broadcast::Receiver<MediaEvent>,
    stop: CancellationToken,
    told: Told,
    leaving: Leaving,
    over: bool,
}

impl Listener {
    /// The next event; `None` at the stream's end.
    async fn next(&mut self) -> Option<Telling> {
        while !self.over {
            let of = Arc::clone(&self.path.subscription);
            self.app.event_streams.find(&of.path, &self.path.id)?;
            if self.is_to_go() {
                return self.farewell().await;
            }
            match self.now() {
                None => return self.farewell().await,
                Some(now) => {
                    let telling = self.told.next(&now, &of.kinds, Instant::now());
                    if telling.is_some() {
                        return telling;
                    }
                }
            }
            let stop = self.stop.clone();
            tokio::select! {
                () = stop.cancelled() => return self.farewell().await,
                () = tokio::time::sleep(LOOK) => {}
                () = self.something() => {}
            }
        }
        None
    }

    /// The server ends soon, another one has the picture, and it is this viewer's turn.
    fn is_to_go(&mut self) -> bool {
        let Some(ends_at) = self.app.doors.ends_at() else { return false };
        self.leaving.is_due(ends_at, Instant::now(), random::below)
            && matches!(self.app.nodes.way(self.path.subscription.path.session), Way::There(_))
    }

    /// Until something happens that may concern this viewer session.
    async fn something(&mut self) {
        let ViewerPath { session, viewer } = self.path.subscription.path;
        loop {
            let concerns = match self.events.recv().await {
                Ok(
                    MediaEvent::LayerArrived { session: of, .. } | MediaEvent::LayerLost { session: of, .. },
                ) => of == session,
                Ok(
                    MediaEvent::ViewerLeft { viewer: of, .. } | MediaEvent::LayerSwitched { viewer: of, .. },
                ) => of == viewer,
                Ok(_) => false,
                // Some were missed: what is true now is looked at anyway.
                Err(RecvError::Lagged(_)) => true,
                // The media plane is gone, and the viewer session with it: the next look tells.
                Err(RecvError::Closed) => return tokio::time::sleep(LOOK).await,
            };
            if concerns {
                return;
            }
        }
    }

    /// How things are for this viewer session; `None` when it has ended.
    fn now(&self) -> Option<Now> {
        let ViewerPath { session, viewer } = self.path.subscription.path;
        let media = &self.app.media;
        let video_line = media.video_line(session, viewer)?;
        let (present, rates) = (media.picture(session).layers, media.rates(session));
        let given = media.given(session, viewer);
        let layer = |layer: Layer| {
            let bitrate = rates.iter().find(|(of, _)| *of == layer).map(|(_, rate)| *rate);
            let selected = given.filter(|(of, _)| *of == layer).map(|(_, reason)| reason);
            LayerNow { layer, arrives: present.contains(&layer), bitrate, selected }
        };
        Some(Now { video_line, layers: Layer::ALL.map(layer).to_vec(), viewers: media.viewers(session) })
    }

    /// The last word: to come back, if the player may have the picture still (4.9.1.4).
    async fn farewell(&mut self) -> Option<Telling> {
        self.over = true;
        let of = Arc::clone(&self.path.subscription);
        self.app.event_streams.remove(&self.path.id);
        let may = of.kinds.contains(&EventKind::Reconnect) && self.app.receiving(&of.claims).await.is_ok();
        may.then(|| Telling { kind: EventKind::Reconnect, data: serde_json::json!({}) })
    }
}
