//! `GET /ws/page?ticket=`: the page of a camera operator or viewer.

use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{Query, WebSocketUpgrade};
use axum::response::Response;
use axum::routing::get;
use returnfeed_protocol::{CloudToPage, PageToCloud, Problem};

use super::conversation::{Speaker, converse};
use super::{TicketQuery, admit, page_identity, refresh};
use crate::api::problem::ApiProblem;
use crate::app::App;
use crate::relay::Page;

pub(super) fn route() -> Router<App> {
    Router::new().route("/ws/page", get(open))
}

async fn open(
    app: axum::extract::State<App>,
    query: Query<TicketQuery>,
    upgrade: WebSocketUpgrade,
) -> Result<Response, ApiProblem> {
    let (claims, session) = admit(&app, &query).await?;
    let who = page_identity(&app, &claims).await?;
    let page = app.relay.open_page(&session, who);
    refresh(&app, &session).await;
    Ok(converse(&app, upgrade, page))
}

impl Speaker for Page {
    type Says = CloudToPage;
    type Hears = PageToCloud;

    async fn next(&self) -> CloudToPage {
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

    fn is_bye(message: &CloudToPage) -> bool {
        matches!(message, CloudToPage::Bye { .. })
    }
}
