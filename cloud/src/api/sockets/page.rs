//! `GET /ws/page?ticket=`: the page of a camera operator or viewer.

use std::time::{Duration, Instant};

use axum::extract::{Query, WebSocketUpgrade};
use axum::response::Response;
use returnfeed_protocol::{PageToCloud, Problem};

use super::conversation::{Speaker, converse};
use super::{TicketQuery, admit, page_identity, refresh};
use crate::api::problem::ApiProblem;
use crate::api::routes::{Answer, EVERYBODY, Operation, Refusal, Routes, get};
use crate::app::App;
use crate::origin::OwnOrigin;
use crate::relay::{Page, Spoken};

pub(super) fn route() -> Routes {
    get(
        "/ws/page",
        open,
        Operation::new("The socket of a camera operator's or viewer's page", EVERYBODY, Answer::empty(101))
            .query("ticket", "Opens it, once")
            .refuses(&[
                Refusal(401, "ticket_invalid"),
                Refusal(401, "token_invalid"),
                Refusal(403, "removed"),
                Refusal(403, "wrong_socket"),
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
    let who = page_identity(&app, &claims).await?;
    let page = app.relay.open_page(&session, who);
    refresh(&app, &session, claims.participant).await;
    Ok(converse(&app, upgrade, page))
}

impl Speaker for Page {
    type Hears = PageToCloud;

    async fn next(&self) -> Spoken {
        self.next().await
    }

    async fn handle(&self, message: PageToCloud, now: Instant) -> Result<(), Problem> {
        self.handle(message, now)
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
