//! `GET /ws/director?ticket=`: the director's uplink.

use std::time::{Duration, Instant};

use axum::extract::{Query, WebSocketUpgrade};
use axum::response::Response;
use returnfeed_protocol::{DirectorToCloud, Problem, Role};

use super::conversation::{Speaker, converse};
use super::{TicketQuery, admit, refresh};
use crate::api::problem::ApiProblem;
use crate::api::routes::{Answer, EVERYBODY, Operation, Refusal, Routes, get};
use crate::app::App;
use crate::origin::OwnOrigin;
use crate::relay::{Spoken, Uplink};

pub(super) fn route() -> Routes {
    get(
        "/ws/director",
        open,
        Operation::new("The director's uplink, a WebSocket", EVERYBODY, Answer::empty(101))
            .query("ticket", "Opens it, once")
            .refuses(&[
                Refusal(401, "ticket_invalid"),
                Refusal(401, "token_invalid"),
                Refusal(403, "removed"),
                Refusal(403, "not_the_director"),
                Refusal(404, "session_not_found"),
            ]),
    )
}

async fn open(
    app: axum::extract::State<App>,
    _: OwnOrigin,
    query: Query<TicketQuery>,
    upgrade: WebSocketUpgrade,
) -> Result<Response, ApiProblem> {
    let (claims, session) = admit(&app, &query).await?;
    if claims.role != Role::Director {
        return Err(ApiProblem::not_the_director());
    }
    let uplink = app.relay.open_uplink(&session, claims.participant);
    refresh(&app, &session, claims.participant).await;
    Ok(converse(&app, upgrade, uplink))
}

impl Speaker for Uplink {
    type Hears = DirectorToCloud;

    async fn next(&self) -> Spoken {
        self.next().await
    }

    async fn handle(&self, message: DirectorToCloud, now: Instant) -> Result<(), Problem> {
        self.handle(message, now).await
    }

    fn handle_sign_of_life(&self, now: Instant) {
        self.handle_sign_of_life(now);
    }

    fn silence(&self, now: Instant) -> Duration {
        self.silence(now)
    }

    fn dismiss(&self, problem: Problem) {
        self.dismiss(problem);
    }
}
