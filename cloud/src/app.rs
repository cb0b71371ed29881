//! What every endpoint is given: the rooms of the server, cheap to clone.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::http::StatusCode;
use returnfeed_protocol::{Layer, Role, SessionId, SessionState, SessionSummary, UserId};
use secrecy::SecretString;
use tokio_util::task::TaskTracker;

use crate::api::events::Streams;
use crate::api::health::LastCheck;
use crate::api::problem::ApiProblem;
use crate::api::signin::SignIns;
use crate::api::whep::events::EventStreams;
use crate::api::whep::ice_servers::IceServers;
use crate::auth::{
    Allowance, Delay, Growth, Passwords, RefreshTokens, SessionClaims, SetupToken, Throttle, Tickets, Tokens,
};
use crate::clock::Clock;
use crate::config::{Registration, SecondFactorPolicy};
use crate::lifecycle::Doors;
use crate::listen::Peer;
use crate::media::MediaPlane;
use crate::metrics::Metrics;
use crate::nodes::Nodes;
use crate::origin::Origins;
use crate::relay::{Relay, bye};
use crate::sealing::Sealer;
use crate::store::{Actor, Ended, Entry, Participant, SessionRow, Store};

/// The state of the axum router.
#[derive(Clone)]
pub struct App {
    /// The picture: SRT in, WHEP out.
    pub media: MediaPlane,
    /// What the server tells about itself.
    pub metrics: Metrics,
    /// The tally.
    pub relay: Relay,
    /// The database.
    pub store: Store,
    /// Opens the secrets of the database.
    pub sealer: Arc<Sealer>,
    /// Signs and reads tokens.
    pub tokens: Arc<Tokens>,
    /// Makes and reads what brings the next token.
    pub refresh_tokens: Arc<RefreshTokens>,
    /// Who may make an account.
    pub registration: Registration,
    /// Of whom a second factor is wanted.
    pub second_factor: SecondFactorPolicy,
    /// For how many days the audit is kept; 0: for ever.
    pub audit_days: u32,
    /// Opens sockets.
    pub tickets: Arc<Tickets>,
    /// Hashes and compares.
    pub passwords: Passwords,
    /// For the first account.
    pub setup: Arc<SetupToken>,
    /// Those who are signing in at the provider.
    pub signins: Arc<SignIns>,
    /// Against guessing.
    pub throttles: Arc<Throttles>,
    /// Pages whose WebSocket was refused.
    pub streams: Arc<Streams>,
    /// What WHEP players are told beside the picture.
    pub event_streams: Arc<EventStreams>,
    /// Whose pages may use this server, beside its own.
    pub origins: Arc<Origins>,
    /// What WHEP players are told to reach us by.
    pub ice_servers: Arc<IceServers>,
    /// Every socket and event stream that runs, so that a stopping server can wait for their farewell.
    pub sockets: TaskTracker,
    /// The other servers.
    pub nodes: Nodes,
    /// Whether somebody new may come in.
    pub doors: Arc<Doors>,
    /// Whether the database took a write a moment ago.
    pub last_check: Arc<LastCheck>,
    /// UDP port where encoders push to.
    pub srt_port: u16,
    /// The wall clock.
    pub clock: Clock,
}

/// What is counted against guessing.
pub struct Throttles {
    /// Passwords, setup tokens and one-time links, by address.
    pub by_address: Delay<IpAddr>,
    /// Passwords, by a digest of the e-mail.
    pub by_account: Delay<[u8; 32]>,
    /// Codes of a second factor, by account.
    pub by_code: Delay<UserId>,
    /// Accounts that are made, by address; a good one counts too.
    pub registrations: Throttle<IpAddr>,
    /// Sign-ins at the provider, by address.
    pub sign_ins: Throttle<IpAddr>,
    /// Join codes, by address.
    pub codes: Throttle<IpAddr>,
    /// WHEP offers, by address; a good one counts too.
    pub whep: Throttle<IpAddr>,
}

/// What a participant may receive now.
#[derive(Debug, Clone)]
pub struct Receiving {
    /// The session.
    pub session: SessionSummary,
    /// Best layer, as the session has it now.
    pub max_layer: Layer,
}

impl Throttles {
    /// Nothing counted yet. `offers_a_minute` are of one address.
    pub fn new(offers_a_minute: u32) -> Self {
        let allowance =
            |failures, minutes: u64| Allowance { failures, within: Duration::from_secs(60 * minutes) };
        Self {
            by_address: Delay::new(Growth { free: 30, longest: Duration::from_secs(900) }),
            // Shorter: a stranger who guesses must not keep the owner out.
            by_account: Delay::new(Growth { free: 10, longest: Duration::from_secs(60) }),
            // Whoever tries them knows the password, so longer than that: a million codes, of which three are good at a time.
            by_code: Delay::new(Growth { free: 10, longest: Duration::from_secs(900) }),
            registrations: Throttle::new(allowance(10, 60)),
            sign_ins: Throttle::new(allowance(30, 5)),
            codes: Throttle::new(allowance(30, 1)),
            whep: Throttle::new(allowance(offers_a_minute, 1)),
        }
    }
}

impl App {
    /// The participant of a token, unless the director has taken them out.
    ///
    /// # Errors
    /// `removed`, or that nobody is known by this token.
    pub async fn present(&self, claims: &SessionClaims) -> Result<Participant, ApiProblem> {
        match self.store.participant(claims.participant).await? {
            // Nobody takes a director out: the login that they are here by is over.
            Some(Participant { removed: true, role: Role::Director, .. }) => Err(ApiProblem::logged_out()),
            Some(participant) if participant.removed => Err(ApiProblem::removed()),
            Some(participant) => Ok(participant),
            None => Err(ApiProblem::token_invalid()),
        }
    }

    /// Closes what is open by logins that are over: their session tokens open nothing any more. What pushes goes on: no
    /// show ends by a logout.
    pub fn close_lent(&self, ended: &Ended) {
        for (session, who) in &ended.lent {
            self.relay.dismiss(*session, *who, &bye::logged_out());
        }
    }

    /// A session's passphrase, as an encoder needs it.
    ///
    /// # Errors
    /// When it does not open: the log says why.
    pub fn passphrase(&self, session: &SessionRow) -> Result<SecretString, ApiProblem> {
        self.sealer.open(session.summary.id, &session.passphrase).map_err(|error| {
            tracing::error!(session = %session.summary.id, %error, "a session's passphrase does not open");
            ApiProblem::internal()
        })
    }

    /// Writes down what somebody did in a session.
    pub async fn audit(
        &self,
        actor: Actor,
        session: SessionId,
        what: &'static str,
        detail: serde_json::Value,
        peer: Peer,
    ) {
        let entry = Entry { actor, session: Some(session), what, detail, address: Some(peer.address) };
        self.store.audit(&entry, self.clock.unix_ms()).await;
    }

    /// Whether a participant receives the programme now, and in which layer at best.
    ///
    /// # Errors
    /// `not_receiving` with the reason, when the session's state does not let this role receive.
    pub async fn receiving(&self, claims: &SessionClaims) -> Result<Receiving, ApiProblem> {
        let participant = self.present(claims).await?;
        let session = self.store.session(claims.session).await?.ok_or_else(ApiProblem::session_not_found)?;
        if !session.summary.state.receives(claims.role) {
            return Err(not_receiving(session.summary.state));
        }
        let max_layer = session.max_layer(claims.role, participant.max_layer);
        Ok(Receiving { session: session.summary, max_layer })
    }
}

fn not_receiving(state: SessionState) -> ApiProblem {
    let detail = match state {
        SessionState::Open => "The director has not started yet; wait until the session is live.",
        SessionState::Rehearsal => "The crew rehearses; viewers wait until the session is live.",
        SessionState::Live => "Ask the director to let you in.",
        SessionState::Ended => "The director has ended this session. Ask for the link of the next one.",
    };
    ApiProblem::new(StatusCode::FORBIDDEN, "not_receiving", "There is no picture for you now", detail)
}
