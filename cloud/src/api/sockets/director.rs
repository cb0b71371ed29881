//! `GET /ws/director`: the director's uplink.

use std::time::{Duration, Instant};

use axum::extract::{State, WebSocketUpgrade};
use axum::response::Response;
use returnfeed_protocol::{CloudToDirector, DirectorToCloud, Problem, Role};

use super::conversation::{Speaker, converse};
use super::{NO_TICKET, TURNED_AWAY, admit, refresh};
use crate::api::problem::ApiProblem;
use crate::api::routes::{Answer, EVERYBODY, Operation, Refusal, Routes, Verdict, Who, get};
use crate::app::App;
use crate::origin::OwnOrigin;
use crate::relay::{Spoken, Uplink, bye};

const NOT_THE_DIRECTOR: Verdict = Verdict::Refused(Refusal(403, "not_the_director"));

/// Directors, each in the session of their ticket.
const DIRECTORS: Who = Who { viewer: NOT_THE_DIRECTOR, camera: NOT_THE_DIRECTOR, ..NO_TICKET };

pub(super) fn route() -> Routes {
    get(
        "/ws/director",
        open,
        Operation::new("The director's uplink, a WebSocket", EVERYBODY, Answer::empty(101))
            .speaks::<DirectorToCloud, CloudToDirector>(DIRECTORS, &TURNED_AWAY),
    )
}

async fn open(app: State<App>, _: OwnOrigin, upgrade: WebSocketUpgrade) -> Response {
    let door = app.0.clone();
    converse(&app, upgrade, async move |hello| enter(door, hello).await.map_err(ApiProblem::into_problem))
}

/// Lets a director in by the ticket of its hello.
async fn enter(app: App, hello: DirectorToCloud) -> Result<(Uplink, DirectorToCloud), ApiProblem> {
    let DirectorToCloud::Hello { ticket, .. } = &hello else { return Err(bye::hello_expected().into()) };
    let (claims, session) = admit(&app, ticket.as_ref()).await?;
    if claims.role != Role::Director {
        return Err(ApiProblem::not_the_director());
    }
    let uplink = app.relay.open_uplink(&session, claims.participant);
    refresh(&app, &session, claims.participant).await;
    Ok((uplink, hello))
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

    fn bye(problem: Problem) -> Spoken {
        Spoken::last(&CloudToDirector::Bye { problem })
    }
}
