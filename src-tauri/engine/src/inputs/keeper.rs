//! Keeps a conversation with a switcher: calls, listens, calls again.
//!
//! Refuses to give up, unless a person at the switcher ended it. Invariant: whatever ends a conversation is told before
//! the next one begins, so no lamp outlives it.

use std::time::Instant;

use returnfeed_switchers::atem::Atem;
use returnfeed_switchers::obs::Obs;
use returnfeed_switchers::tsl::{Transport, Tsl};
use returnfeed_switchers::vmix::Vmix;
use returnfeed_switchers::{Fault, Output, Session};
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

/// Keeps the conversation until cancelled.
pub async fn run(spec: InputSpec, on: impl Fn(InputEvent) + Send + Sync, cancel: CancellationToken) {
    let mut backoff = Backoff::default();
    loop {
        let mut talk = Talk { on: &on, backoff: &mut backoff };
        let failure = tokio::select! {
            () = cancel.cancelled() => return,
            failure = talk.once(&spec) => failure,
        };
        let retry_in = (!failure.is_final()).then(|| backoff.next(spread()));
        tracing::warn!(switcher = %spec.name, %failure, ?retry_in, "input lost");
        on(InputEvent::Lost { reason: failure.to_string(), retry_in });
        let Some(retry_in) = retry_in else { return };
        tokio::select! {
            () = cancel.cancelled() => return,
            () = tokio::time::sleep(retry_in) => {}
        }
    }
}

struct Talk<'a, F> {
    on: &'a F,
    backoff: &'a mut Backoff,
}

impl<F: Fn(InputEvent) + Send + Sync> Talk<'_, F> {
    /// One conversation, to its end.
    async fn once(&mut self, spec: &InputSpec) -> Failure {
        let ended = match &spec.kind {
            Kind::Tsl { transport: Transport::Tcp, .. } => self.accept(spec).await,
            Kind::Vmix | Kind::Obs { .. } | Kind::Atem | Kind::Tsl { transport: Transport::Udp, .. } => {
                match Wire::open(spec).await {
                    Ok(wire) => self.serve(wire, session(spec)).await,
                    Err(failure) => Err(failure),
                }
            }
        };
        let Err(failure) = ended;
        failure
    }

    /// Serves whoever calls; the newest caller wins, since a sender that restarted leaves its old connection behind.
    async fn accept(&mut self, spec: &InputSpec) -> Result<std::convert::Infallible, Failure> {
        let listener = Wire::listen(spec).await?;
        let mut wire = None;
        loop {
            let serving = async {
                match wire.take() {
                    Some(wire) => self.serve(wire, session(spec)).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                accepted = listener.accept() => {
                    let (stream, _) = accepted.map_err(|error| Failure::Broken(error.to_string()))?;
                    wire = Some(Wire::Tcp(stream));
                }
                Err(failure) = serving => {
                    (self.on)(InputEvent::Lost { reason: failure.to_string(), retry_in: None });
                }
            }
        }
    }

    async fn serve(
        &mut self,
        mut wire: Wire,
        mut session: Box<dyn Session>,
    ) -> Result<std::convert::Infallible, Failure> {
        let mut malformed = 0;
        loop {
            while let Some(output) = session.poll_output() {
                match output {
                    Output::Send(data) => wire.send(data).await?,
                    Output::Connected(software) => {
                        self.backoff.reset();
                        (self.on)(InputEvent::Connected { software });
                    }
                    Output::Inputs(inputs) => (self.on)(InputEvent::Inputs(inputs)),
                }
            }
            if session.malformed() != malformed {
                malformed = session.malformed();
                tracing::warn!(malformed, "frames that are none were passed over");
            }
            let wake = session.poll_timeout().map(|(at, _)| at);
            let woken = async {
                match wake {
                    Some(at) => tokio::time::sleep_until(at.into()).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
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
        Kind::Tsl { config, transport } => Box::new(Tsl::new(*config, *transport, now)),
    }
}
