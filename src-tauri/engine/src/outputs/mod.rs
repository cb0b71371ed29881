//! Our lamps, told to those who are not our pages: lamps that know vMix, displays that know TSL UMD, makers' programs.
//!
//! `spec` says which, `vmix`, `tsl`, `http` and `page` tell. Each is off until it is named, on the interface that was named.
//! Refuses every command: whoever reaches an output learns which camera is on air, and no more. Invariant: an output
//! that fails says why and is opened again by itself; the last word of a director that ends is *unknown* everywhere.

mod bounded;
mod http;
pub mod page;
mod spec;
mod tsl;
mod vmix;

use std::time::Duration;

use returnfeed_protocol::{CameraLamp, TallyState};
use serde::Serialize;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

pub(crate) use bounded::Bounded;
pub use spec::{Kind, OutputSpec, OutputSpecError};

use crate::gui::millis;
use crate::push::{Backoff, spread};
use crate::uplink::Guests;
pub use page::PageEvent;

/// What an output does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum OutputState {
    /// It is told to whoever calls.
    Open {
        /// How many do now; `None`: they come and go.
        readers: Option<usize>,
    },
    /// Operators' pages are served.
    Page {
        /// How many are open.
        readers: usize,
        /// Where, with a pass behind `#` for whoever scans it.
        links: Vec<String>,
        /// Whether the cloud has given one.
        has_pass: bool,
    },
    /// It is told there.
    Telling,
    /// It cannot be told.
    Failed {
        /// Why and what to do.
        reason: String,
        /// When it is tried again.
        #[serde(rename = "retry_in_ms", serialize_with = "millis")]
        retry_in: Duration,
    },
}

/// What an output did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OutputEvent {
    /// The output as a whole.
    State(OutputState),
    /// One of the operators' pages that it serves.
    Page(PageEvent),
}

/// What outputs are told.
#[derive(Debug, Clone)]
pub struct Told {
    /// What the lamps show.
    pub word: Word,
    /// Whom the cloud lets in; none: no cloud was named.
    pub guests: watch::Receiver<Option<Guests>>,
}

/// The newest word; none until the director said one.
pub type Word = watch::Receiver<Option<TallyState>>;

/// Keeps an output until cancelled, and its last word after that.
pub async fn run(
    spec: OutputSpec,
    told: Told,
    on: impl Fn(OutputEvent) + Send + Sync,
    cancel: CancellationToken,
) {
    let mut backoff = Backoff::default();
    let state = |state| on(OutputEvent::State(state));
    while !cancel.is_cancelled() {
        let telling = Telling { spec: &spec, word: told.word.clone(), on: &state, cancel: &cancel };
        let ended = match &spec.kind {
            Kind::Vmix => vmix::serve(telling).await,
            Kind::Tsl(config) => tsl::send(config, telling, &mut backoff).await,
            Kind::Http { token } => http::serve(token, telling).await,
            Kind::Page { keys } => {
                let seen = |event| on(OutputEvent::Page(event));
                page::serve(keys.as_deref(), telling, told.guests.clone(), &seen).await
            }
        };
        let Err(reason) = ended else { return };
        let retry_in = backoff.next(spread());
        tracing::warn!(output = %spec, reason, ?retry_in, "an output cannot be told");
        state(OutputState::Failed { reason, retry_in });
        tokio::select! {
            () = cancel.cancelled() => return,
            () = tokio::time::sleep(retry_in) => {}
        }
    }
}

/// What an output works with.
struct Telling<'a, F> {
    spec: &'a OutputSpec,
    word: Word,
    on: &'a F,
    cancel: &'a CancellationToken,
}

/// The lamps of the newest word.
fn lamps(word: &mut Word) -> Vec<CameraLamp> {
    word.borrow_and_update().as_ref().map(|state| state.cameras.clone()).unwrap_or_default()
}

/// Why a port cannot be opened, and what to do.
fn not_opened(spec: &OutputSpec, error: &std::io::Error) -> String {
    let (host, port) = (&spec.host, spec.port);
    format!("port {port} on {host} cannot be opened ({error}); is another program on it?")
}
