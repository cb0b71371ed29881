//! Between a page and the cloud: `/ws/page`, or server-sent events and POST with the same messages.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    Answered, CameraNumber, Cue, Epoch, LanAnswer, LanOffer, Layer, ParticipantId, Place, Problem, Readiness,
    Role, SessionSummary, Signal, SocketTicket, Tally, TallySequence, TallyState,
};

/// What a page says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum PageToCloud {
    /// First, and once.
    Hello {
        /// [`crate::PROTOCOL_VERSION`] of the page.
        protocol: u16,
        /// Opens the socket; absent where a token has opened the conversation already (server-sent events).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        ticket: Option<SocketTicket>,
        /// The tally light it follows, where it has chosen already.
        camera: Option<CameraNumber>,
    },
    /// The operator chose a camera number.
    Follow {
        /// Which.
        camera: CameraNumber,
    },
    /// What the page shows now; at every change and after each word from the director.
    Shown {
        /// Which director run the word was of.
        epoch: Epoch,
        /// Which word.
        seq: TallySequence,
        /// The camera it follows.
        camera: CameraNumber,
        /// What is on the screen.
        tally: Tally,
    },
    /// What this phone can do now: after the welcome and at every change; its numbers at most each 10 s.
    Readiness {
        /// All of it.
        readiness: Readiness,
    },
    /// What the operator says of their own accord: after the welcome and at every change.
    Signal {
        /// Absent: taken back.
        signal: Option<Signal>,
    },
    /// What the operator says to a cue; an answer to one that does not stand any more is passed over.
    Answer {
        /// Which, and what.
        answered: Answered,
    },
    /// An operator's page would hear the director by the local network too: at most once a second.
    LanOffer {
        /// Its side.
        offer: LanOffer,
    },
    /// How late the picture is on this screen; each 5 s, and when it became known or unknown. An operator's goes
    /// to the director.
    Delay {
        /// Absent: nobody can say.
        delay: Option<Delay>,
    },
    /// Is anybody there? A socket looks open long after a phone's screen was locked.
    Ping {
        /// Comes back in the pong.
        #[ts(type = "number")]
        n: u64,
    },
}

/// How long a picture took from its source to a screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
pub struct Delay {
    /// Median of the last second, in ms.
    pub ms: u32,
    /// The truth is at most this far from it, in ms: what the clocks between source and screen may be apart.
    pub error_ms: u32,
}

/// Whether there is a programme picture.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
pub struct Picture {
    /// Layers that arrive now; none: *waiting for the director*.
    pub layers: Vec<Layer>,
}

/// What the cloud says to a page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum CloudToPage {
    /// Answer to a hello that was accepted.
    Welcome {
        /// [`crate::PROTOCOL_VERSION`] of the cloud.
        protocol: u16,
        /// Who the page is.
        participant: ParticipantId,
        /// As what.
        role: Role,
        /// The session.
        session: SessionSummary,
        /// Whether there is a picture.
        picture: Picture,
    },
    /// The director's word, forwarded; to camera operators alone.
    Tally {
        /// How old the word was when this was sent, in ms. The page adds its way and its own time since.
        #[ts(type = "number")]
        age_ms: u64,
        /// When this was sent: µs of a count that began with the sender's program and never jumps. Absent: the sender
        /// answers no pings, and the page adds its own time alone.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional, type = "number")]
        run_us: Option<u64>,
        /// All of it.
        state: TallyState,
    },
    /// What the director says to this operator: after the welcome, at every change and when another camera is chosen.
    Cue {
        /// No phone may sound.
        silent: bool,
        /// The newest cue for the camera; absent: none.
        cue: Option<Cue>,
        /// What this operator has said to it; absent: nothing yet, and it is shown until they do.
        answered: Option<Answered>,
    },
    /// The session changed.
    Session {
        /// As it is now.
        session: SessionSummary,
    },
    /// A camera operator's place: when they come, and each time it changed.
    Place {
        /// As it is now.
        place: Place,
    },
    /// The picture came or went.
    Picture {
        /// As it is now.
        picture: Picture,
    },
    /// What the director's machine says to this page's offer.
    LanAnswer {
        /// As it said it.
        answer: LanAnswer,
    },
    /// Answer to a ping; and what a page needs to read the capture times in the picture, which are by this clock.
    Pong {
        /// As asked.
        #[ts(type = "number")]
        n: u64,
        /// The cloud's clock when it answered: Unix time in µs.
        #[ts(type = "number")]
        unix_us: u64,
        /// The count by which its words are dated, when it answered.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional, type = "number")]
        run_us: Option<u64>,
        /// How far the capture times may be from that clock, in µs; absent: the director's clock is not known.
        #[ts(type = "number | null")]
        capture_error_us: Option<u64>,
    },
    /// This server ends soon, and serves whom it has until then: after the welcome, and when it begins to drain.
    Draining {
        /// In how many ms at the latest.
        #[ts(type = "number")]
        within_ms: u64,
        /// Whether another server takes whoever comes: a page comes again, at a moment of its own within that time.
        elsewhere: bool,
    },
    /// The cloud ends this connection; the reason says whether to come back.
    Bye {
        /// Why, and what to do.
        problem: Problem,
    },
}
