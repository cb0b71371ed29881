//! What one server says to the others.

use returnfeed_protocol::{
    Acknowledgement, CameraNumber, CueSheet, Epoch, LanAnswer, LanOffer, Layer, OperatorPresence, PageNumber,
    ParticipantId, Problem, SessionId, TallyState,
};
use serde::{Deserialize, Serialize};

use crate::nodes::{Card, Held};

/// A server, while it runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) struct Node(pub(crate) u64);

/// One state, on its way.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(in crate::relay) struct Parcel {
    /// Who says it.
    pub(in crate::relay) node: Node,
    /// By that server's count of µs: only differences between its own parcels are used.
    pub(in crate::relay) sent_us: u64,
    /// None: of the server itself.
    pub(in crate::relay) session: Option<SessionId>,
    pub(in crate::relay) far: Far,
}

/// What is so on another server.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "type")]
pub(crate) enum Far {
    /// That server lives.
    Here { card: Card },
    /// The session's push arrives there, or none.
    Push { held: Option<Held> },
    /// A viewer there waits for a keyframe of this layer.
    Keyframe { layer: Layer },
    /// A room was opened there: who is in the session?
    Roll,
    /// Somebody of the session is connected there, as each second.
    Alive,
    /// The director of this run is connected there.
    Director { epoch: Epoch },
    /// The newest run heard there, whose director is connected there.
    Run { epoch: Epoch },
    /// The director's word.
    Word {
        state: TallyState,
        /// As of when, on the count of `sent_us`: it was said so long ago, and waited.
        #[serde(default)]
        said_us: Option<u64>,
    },
    /// The director's cues.
    Sheet { epoch: Epoch, sheet: CueSheet },
    /// An operator's page as it is now, or that it is gone.
    Operator { page: PageNumber, presence: Option<OperatorPresence> },
    /// What pages show.
    Shown { shown: Vec<Acknowledgement> },
    /// How many watch there.
    Viewers { count: u32 },
    /// The session's row changed.
    Session,
    /// A participant's row changed.
    Participant { who: ParticipantId },
    /// Somebody's sockets and pictures end.
    Dismissed { who: ParticipantId, reason: Problem },
    /// Somebody asks for a camera number, or does not any more.
    Question { who: ParticipantId, camera: Option<CameraNumber> },
    /// A page there would hear the director by the local network too.
    LanOffer { page: PageNumber, offer: LanOffer },
    /// What the director there says to a page that offered.
    LanAnswer { page: PageNumber, answer: LanAnswer },
}

/// Of two states of one kind only the newer is worth saying.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Here,
    Push,
    Keyframe(Layer),
    Roll,
    Director,
    Run,
    Word,
    Sheet,
    Operator(PageNumber),
    Shown,
    Viewers,
    Session,
    Participant(ParticipantId),
    Dismissed(ParticipantId),
    Question(ParticipantId),
    LanOffer(PageNumber),
    LanAnswer(PageNumber),
    Alive,
}

impl Far {
    /// Of which kind it is; kinds are said in their order, so a director comes before its word.
    pub(super) fn kind(&self) -> Kind {
        match self {
            Self::Here { .. } => Kind::Here,
            Self::Push { .. } => Kind::Push,
            Self::Keyframe { layer } => Kind::Keyframe(*layer),
            Self::Roll => Kind::Roll,
            Self::Alive => Kind::Alive,
            Self::Director { .. } => Kind::Director,
            Self::Run { .. } => Kind::Run,
            Self::Word { .. } => Kind::Word,
            Self::Sheet { .. } => Kind::Sheet,
            Self::Operator { page, .. } => Kind::Operator(*page),
            Self::Shown { .. } => Kind::Shown,
            Self::Viewers { .. } => Kind::Viewers,
            Self::Session => Kind::Session,
            Self::Participant { who } => Kind::Participant(*who),
            Self::Dismissed { who, .. } => Kind::Dismissed(*who),
            Self::Question { who, .. } => Kind::Question(*who),
            Self::LanOffer { page, .. } => Kind::LanOffer(*page),
            Self::LanAnswer { page, .. } => Kind::LanAnswer(*page),
        }
    }
}

impl Far {
    /// Both as one, the later in front: what pages show is a state of each page.
    pub(super) fn after(self, before: Option<Self>) -> Self {
        match (before, self) {
            (Some(Self::Shown { shown: mut all }), Self::Shown { shown }) => {
                all.retain(|old| shown.iter().all(|new| new.page != old.page));
                all.extend(shown);
                Self::Shown { shown: all }
            }
            (_, newer) => newer,
        }
    }
}
