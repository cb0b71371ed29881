//! Keeps a conversation with a switcher: calls, listens, calls again.
//!
//! Refuses to give up, unless a person at the switcher ended it. Invariant: whatever ends a conversation is told before
//! the next one begins, so no lamp outlives it; where the engine is slower than a switcher, it hears the newest.

use std::convert::Infallible;
use std::time::Instant;

use returnfeed_switchers::atem::Atem;
use returnfeed_switchers::obs::Obs;
use returnfeed_switchers::tsl::{Transport, Tsl};
use returnfeed_switchers::vmix::Vmix;
use returnfeed_switchers::{Fault, Output, Session};
use returnfeed_tally::SwitcherName;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::InputEvent;
use super::spec::{InputSpec, Kind};
use super::wire::Wire;
use crate::push::{Backoff, spread};

/// Why a conversation ended.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Failure {
    /// What the session says.
    #[error(transparent)]
    Fault(#[from] Fault),
    /// It never began.
    #[error("{0}")]
    Unreachable(String),
    /// The switcher closed it.
    #[error("it closed the connection")]
    Closed,
    /// The network did.
    #[error("the connection broke ({0})")]
    Broken(String),
}

impl Failure {
    fn is_final(&self) -> bool {
        match self {
            Self::Fault(fault) => fault.is_final(),
            Self::Unreachable(_) | Self::Closed | Self::Broken(_) => false,
        }
    }
}

/// What all inputs say, in the order that it came; few may wait, since the newest of each input replaces its older one.
pub type Heard = (SwitcherName, InputEvent);

/// Keeps the conversation until cancelled, or until nobody hears what is said.
pub async fn run(spec: InputSpec, heard: mpsc::Sender<Heard>, cancel: CancellationToken) {
    let mut keeper = Keeper { spec, heard, backoff: Backoff::default() };
    tokio::select! {
        () = cancel.cancelled() => {}
        () = keeper.keep() => {}
    }
}

struct Keeper {
    spec: InputSpec,
    heard: mpsc::Sender<Heard>,
    backoff: Backoff,
}

impl Keeper {
    async fn keep(&mut self) {
        loop {
            let failure = match self.once().await {
                Ok(never) => match never {},
                Err(failure) => failure,
            };
            let retry_in = (!failure.is_final()).then(|| self.backoff.next(spread()));
            tracing::warn!(switcher = %self.spec.name, %failure, ?retry_in, "input lost");
            self.say(InputEvent::Lost { reason: failure.to_string(), retry_in }).await;
            let Some(retry_in) = retry_in.filter(|_| !self.heard.is_closed()) else { return };
            tokio::time::sleep(retry_in).await;
        }
    }

    async fn say(&self, event: InputEvent) {
        // Nobody hears it any more: the engine ends.
        let _closed = self.heard.send((self.spec.name.clone(), event)).await;
    }

    /// One conversation, to its end.
    async fn once(&mut self) -> Result<Infallible, Failure> {
        match &self.spec.kind {
            Kind::Tsl { transport: Transport::Tcp, .. } => self.accept().await,
            Kind::Vmix | Kind::Obs { .. } | Kind::Atem | Kind::Tsl { transport: Transport::Udp, .. } => {
                let wire = Wire::open(&self.spec).await?;
                self.serve(wire).await
            }
        }
    }

    /// Serves whoever calls; the newest caller wins, since a sender that restarted leaves its old connection behind.
    async fn accept(&mut self) -> Result<Infallible, Failure> {
        let listener = Wire::listen(&self.spec).await?;
        let broken = |error: std::io::Error| Failure::Broken(error.to_string());
        let (mut newest, _) = listener.accept().await.map_err(broken)?;
        loop {
            let ended = tokio::select! {
                accepted = listener.accept() => Ok(accepted.map_err(broken)?.0),
                ended = self.serve(Wire::Tcp(newest)) => ended.map(|never| match never {}),
            };
            let reason = match &ended {
                Ok(_) => "another sender has called".to_owned(),
                Err(failure) => failure.to_string(),
            };
            self.say(InputEvent::Lost { reason, retry_in: None }).await;
            newest = match ended {
                Ok(stream) => stream,
                Err(_) => listener.accept().await.map_err(broken)?.0,
            };
        }
    }

    async fn serve(&mut self, mut wire: Wire) -> Result<Infallible, Failure> {
        let mut session = session(&self.spec);
        let mut newest = None;
        let mut logged = 0;
        loop {
            while let Some(output) = session.poll_output() {
                match output {
                    Output::Send(data) => wire.send(data).await?,
                    Output::Connected(software) => {
                        self.backoff.reset();
                        self.say(InputEvent::Connected { software }).await;
                    }
                    Output::Inputs(inputs) => newest = Some(inputs),
                }
            }
            // Each line is twice as many: a sender of garbage does not fill the log.
            if session.malformed() > logged {
                tracing::warn!(switcher = %self.spec.name, malformed = session.malformed(), "frames were passed over");
                logged = session.malformed().saturating_mul(2);
            }
            let wake = session.poll_timeout().map(|(at, _)| at);
            let woken = async {
                match wake {
                    Some(at) => tokio::time::sleep_until(at.into()).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                Ok(place) = self.heard.reserve(), if newest.is_some() => {
                    if let Some(inputs) = newest.take() {
                        place.send((self.spec.name.clone(), InputEvent::Inputs(inputs)));
                    }
                }
                data = wire.receive() => session.handle_input(&data?, Instant::now())?,
                () = woken => session.handle_timeout(Instant::now())?,
            }
        }
    }
}

fn session(spec: &InputSpec) -> Box<dyn Session> {
    let now = Instant::now();
    match &spec.kind {
        Kind::Vmix => Box::new(Vmix::new(now)),
        Kind::Obs { password } => Box::new(Obs::new(password.clone(), now)),
        Kind::Atem => Box::new(Atem::new(now)),
        Kind::Tsl { config, transport } => Box::new(Tsl::new(config.clone(), *transport, now)),
    }
}
