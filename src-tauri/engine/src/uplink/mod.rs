//! The connection to the cloud: the right to push by HTTPS, then tally out and requests in over one WebSocket.
//!
//! Refuses to decide what a word means for the show; the controller does. Invariants: one run keeps its epoch over
//! every reconnection; the newest tally is what is sent, an older one that waited is dropped.

mod guests;
mod http;
mod socket;
mod trust;

use std::sync::Arc;
use std::time::Duration;

use returnfeed_protocol::{
    CloudToDirector, CueSheet, Epoch, LanAnswer, PageNumber, Problem, PublishGrant, SessionId, TallyState,
    Ticket,
};
use secrecy::SecretString;
use tokio::sync::{Notify, mpsc, watch};
use tokio_util::sync::CancellationToken;

pub use guests::{Guests, Pass};
pub(crate) use http::why;
pub use http::{CloudUrl, CloudUrlError};
pub use trust::{Trust, TrustError};

use crate::gui::Door;
use crate::push::{Backoff, spread};
use crate::sentence::Sentence;
use http::Http;

/// Which cloud, which session, and by what right.
#[derive(Debug, Clone)]
pub struct UplinkConfig {
    /// Where the cloud answers.
    pub cloud: CloudUrl,
    /// The session.
    pub session: SessionId,
    /// The director's session token.
    pub token: SecretString,
    /// Which certificate is believed.
    pub trust: Trust,
}

/// The same session of the same cloud; the right to it may be another.
impl PartialEq for UplinkConfig {
    fn eq(&self, other: &Self) -> bool {
        (&self.cloud, self.session) == (&other.cloud, other.session)
    }
}

impl Eq for UplinkConfig {}

/// What the uplink does and hears.
#[derive(Debug, Clone)]
pub enum UplinkEvent {
    /// The right to push, and with it the run.
    Granted(Grant),
    /// The socket stands and the cloud accepted the run.
    Connected {
        /// Name of the session.
        session: String,
        /// Name and version of the cloud.
        software: String,
    },
    /// The cloud cannot be heard; it is called again.
    Down {
        /// Why and what to do.
        reason: Sentence,
        /// When it is called again.
        retry_in: Duration,
    },
    /// The cloud lets these in.
    Door(Door),
    /// The cloud ended it for good.
    Ended {
        /// Why and what to do.
        reason: Sentence,
    },
    /// The cloud said something.
    Heard(CloudToDirector),
}

/// A grant that keeps its passphrase out of logs.
#[derive(Clone)]
pub struct Grant(pub Box<PublishGrant>);

impl std::fmt::Debug for Grant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Grant(epoch {})", self.0.epoch.0)
    }
}

/// The right to push, asked for beside any uplink: a run that nobody begins replaces nobody's.
///
/// # Errors
/// Why not and what to do.
pub async fn right_to_push(config: &UplinkConfig) -> Result<Grant, Sentence> {
    let asked = async { Http::new(config)?.publish().await };
    Ok(Grant(Box::new(asked.await.map_err(Sentence::from)?)))
}

/// Why a connection to the cloud ended.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
enum Failure {
    /// The cloud refused, in its own words.
    #[error("{}. {}", .0.title.trim_end_matches('.'), .0.detail.trim_end_matches('.'))]
    Refused(Problem),
    /// It could not be reached, or what answered is not a cloud.
    #[error("{0}")]
    Unreachable(Sentence),
}

impl From<Failure> for Sentence {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Refused(ref problem) => {
                let said = match problem.code.as_str() {
                    "stale_director" => Self::superseded(),
                    "session_ended" => Self::session_ended(),
                    "logged_out" => Self::logged_out(),
                    _ => Self::default(),
                };
                match said.is_empty() {
                    true => Self::as_is(failure.to_string()),
                    false => said.worded(failure.to_string()),
                }
            }
            Failure::Unreachable(why) => why,
        }
    }
}

impl Failure {
    /// Whether no new try can help. `granted`: this run was accepted before, so a refusal now may pass.
    fn is_final(&self, granted: bool) -> bool {
        match self {
            Self::Unreachable(_) => false,
            Self::Refused(problem) => match problem.code.as_str() {
                "stale_director" | "session_ended" | "logged_out" => true,
                _ => !granted && matches!(problem.status, 400 | 401 | 403 | 404 | 409 | 422 | 426),
            },
        }
    }
}

/// What an uplink is steered by.
pub struct Steering {
    /// The newest tally.
    pub tally: watch::Receiver<Option<TallyState>>,
    /// What is said to operators.
    pub cues: watch::Receiver<Option<CueSheet>>,
    /// What is said to pages that offered to hear us on the local network.
    pub answers: mpsc::Receiver<(PageNumber, LanAnswer)>,
    /// Who is to be let in; `None`: as the session stands.
    pub door: watch::Receiver<Option<Door>>,
    /// Whom the cloud lets in, for who lets in operators by themselves; none: nobody does.
    pub guests: Option<watch::Sender<Option<Guests>>>,
    /// Asks for a new grant: the old one is refused.
    pub regrant: Arc<Notify>,
    /// Ends it.
    pub cancel: CancellationToken,
}

/// How long the last word may take once the end was asked for.
const LAST_WORD: Duration = Duration::from_secs(1);

/// Keeps the connection until cancelled or ended by the cloud.
pub async fn run(config: UplinkConfig, mut steering: Steering, on: impl Fn(UplinkEvent) + Send + Sync) {
    let mut backoff = Backoff::default();
    let mut run = Run::default();
    let cancel = steering.cancel.clone();
    while !cancel.is_cancelled() {
        let gone = async {
            cancel.cancelled().await;
            tokio::time::sleep(LAST_WORD).await;
        };
        let once = connect(&config, &mut run, &mut steering, &mut backoff, &on);
        let failure = tokio::select! {
            () = gone => return,
            failure = once => failure,
        };
        let Some(failure) = failure else { continue };
        if failure.is_final(run.epoch.is_some()) {
            on(UplinkEvent::Ended { reason: failure.into() });
            return;
        }
        let retry_in = backoff.next(spread());
        tracing::warn!(%failure, ?retry_in, "uplink down");
        on(UplinkEvent::Down { reason: failure.into(), retry_in });
        tokio::select! {
            () = cancel.cancelled() => return,
            () = tokio::time::sleep(retry_in) => {}
        }
    }
}

/// What a run keeps over its connections.
#[derive(Default)]
struct Run {
    /// Of the grant that stands.
    epoch: Option<Epoch>,
    /// What the cloud was told of its door.
    door: Option<Door>,
}

/// One connection; `None` when a new grant is wanted.
async fn connect(
    config: &UplinkConfig,
    run: &mut Run,
    steering: &mut Steering,
    backoff: &mut Backoff,
    on: &(impl Fn(UplinkEvent) + Send + Sync),
) -> Option<Failure> {
    let regrant = Arc::clone(&steering.regrant);
    let result = async {
        let http = Http::new(config)?;
        let epoch = match run.epoch {
            Some(epoch) => epoch,
            None => {
                let new = Grant(Box::new(http.publish().await?));
                let epoch = *run.epoch.insert(new.0.epoch);
                on(UplinkEvent::Granted(new));
                epoch
            }
        };
        let Ticket { ticket } = http.ticket().await?;
        let socket = socket::open(config, http.tls()).await?;
        let (doors, guests) = (steering.door.clone(), steering.guests.clone());
        tokio::select! {
            ended = socket::serve(socket, epoch, ticket, steering, backoff, on) => ended,
            failure = keep_door(&http, &mut run.door, doors, on) => Err(failure),
            never = guests::keep(&http, guests) => match never {},
        }
    };
    let refused = async {
        regrant.notified().await;
        // A refusal repeats with each try of each layer: one new key a second is enough.
        tokio::time::sleep(Duration::from_secs(1)).await;
    };
    tokio::select! {
        failure = result => failure.err(),
        () = refused => {
            run.epoch = None;
            None
        }
    }
}

/// Says each door once, and ends with the first that is not taken.
async fn keep_door(
    http: &Http,
    said: &mut Option<Door>,
    mut wanted: watch::Receiver<Option<Door>>,
    on: &(impl Fn(UplinkEvent) + Send + Sync),
) -> Failure {
    loop {
        let door = *wanted.borrow_and_update();
        if let Some(door) = door.filter(|door| *said != Some(*door)) {
            if let Err(failure) = http.let_in(Some(door)).await {
                return failure;
            }
            *said = Some(door);
            on(UplinkEvent::Door(door));
        }
        if wanted.changed().await.is_err() {
            return std::future::pending().await;
        }
    }
}

/// Lets nobody in any more: the session stands open and waits.
///
/// # Errors
/// Why the cloud does not; it closes the door by itself when the session ends.
pub async fn close_door(config: &UplinkConfig) -> Result<(), String> {
    let http = Http::new(config).map_err(|failure| failure.to_string())?;
    http.let_in(None).await.map_err(|failure| failure.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(status: u16, code: &str) -> Failure {
        let words = ("Another director has taken over.", "Start again to take it back.");
        Failure::Refused(Problem {
            status,
            code: code.to_owned(),
            title: words.0.to_owned(),
            detail: words.1.to_owned(),
        })
    }

    #[test]
    fn a_stale_director_an_ended_session_and_a_logout_stop_whatever_came_before() {
        for granted in [false, true] {
            assert!(refusal(409, "stale_director").is_final(granted));
            assert!(refusal(409, "session_ended").is_final(granted));
            assert!(refusal(403, "logged_out").is_final(granted));
        }
        assert_eq!(
            refusal(409, "stale_director").to_string(),
            "Another director has taken over. Start again to take it back"
        );
    }

    #[test]
    fn a_wrong_token_stops_at_the_start_but_never_a_running_show() {
        assert!(refusal(401, "token_invalid").is_final(false));
        assert!(!refusal(401, "token_expired").is_final(true));
        assert!(!refusal(503, "database_unavailable").is_final(false));
        assert!(!Failure::Unreachable("no route".into()).is_final(false));
    }
}
