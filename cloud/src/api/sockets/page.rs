//! `GET /ws/page`: the page of a camera operator or viewer.

use std::time::{Duration, Instant};

use axum::extract::{State, WebSocketUpgrade};
use axum::response::Response;
use returnfeed_protocol::{CloudToPage, PageToCloud, Problem};

use super::conversation::{Speaker, converse};
use super::{NO_TICKET, TURNED_AWAY, admit, page_identity, refresh};
use crate::api::problem::ApiProblem;
use crate::api::routes::{Answer, EVERYBODY, Operation, Refusal, Routes, Verdict, Who, get};
use crate::app::App;
use crate::origin::OwnOrigin;
use crate::relay::{Page, Spoken, bye};

const WRONG_SOCKET: Verdict = Verdict::Refused(Refusal(403, "wrong_socket"));

/// Camera operators and viewers.
const PAGES: Who = Who { director: WRONG_SOCKET, other_director: WRONG_SOCKET, ..NO_TICKET };

pub(super) fn route() -> Routes {
    get(
        "/ws/page",
        open,
        Operation::new("The socket of a camera operator's or viewer's page", EVERYBODY, Answer::empty(101))
            .speaks::<PageToCloud, CloudToPage>(PAGES, &TURNED_AWAY),
    )
}

async fn open(app: State<App>, _: OwnOrigin, upgrade: WebSocketUpgrade) -> Response {
    let door = app.0.clone();
    converse(&app, upgrade, async move |hello| enter(door, hello).await.map_err(ApiProblem::into_problem))
}

/// Lets a page in by the ticket of its hello.
async fn enter(app: App, hello: PageToCloud) -> Result<(Page, PageToCloud), ApiProblem> {
    let PageToCloud::Hello { ticket, .. } = &hello else { return Err(bye::hello_expected().into()) };
    let (claims, session) = admit(&app, ticket.as_ref()).await?;
    let who = page_identity(&app, &claims).await?;
    let page = app.relay.open_page(&session, who);
    refresh(&app, &session, claims.participant).await;
    Ok((page, hello))
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

    fn bye(problem: Problem) -> Spoken {
        Spoken::last(&CloudToPage::Bye { problem })
    }
}
