//! Why a publisher is turned away, as a code on the wire (docs/protocol.md, SRT) and as a sentence.

/// What the server answers to a caller whose stream id it will not serve. Both ends read the same codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Refusal {
    /// 2400.
    #[error("the server did not understand the stream id; copy the whole SRT address from the session page")]
    StreamIdNotUnderstood,
    /// 2401.
    #[error("the publish key is unknown or has expired; start a new push from the session page")]
    KeyUnknown,
    /// 2404.
    #[error("the server does not know this session; check that server and session belong together")]
    SessionUnknown,
    /// 2409.
    #[error("another director has taken over this session; go live again to take it back")]
    Superseded,
    /// 2423.
    #[error("the session is on air from elsewhere, or is measured already; check the way when neither is")]
    Occupied,
    /// 2410.
    #[error("the session has ended; make a new session")]
    SessionEnded,
    /// 2503.
    #[error("the server cannot take another push now; it is tried again")]
    Unavailable,
}

impl Refusal {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::StreamIdNotUnderstood,
        Self::KeyUnknown,
        Self::SessionUnknown,
        Self::Superseded,
        Self::Occupied,
        Self::SessionEnded,
        Self::Unavailable,
    ];

    /// The status in HTTP's words (SRT Access Control Guidelines, "Rejection codes").
    pub const fn status(self) -> u16 {
        match self {
            Self::StreamIdNotUnderstood => 400,
            Self::KeyUnknown => 401,
            Self::SessionUnknown => 404,
            Self::Superseded => 409,
            Self::SessionEnded => 410,
            Self::Occupied => 423,
            Self::Unavailable => 503,
        }
    }

    /// The reject code on the wire: 2000 and the status.
    pub const fn code(self) -> u32 {
        2000 + self.status() as u32
    }

    /// What a server meant, where it is one of ours.
    pub fn from_code(code: u32) -> Option<Self> {
        Self::ALL.into_iter().find(|refusal| refusal.code() == code)
    }

    /// Whether the same push can succeed later without a person doing anything.
    pub const fn may_pass(self) -> bool {
        match self {
            Self::Unavailable => true,
            Self::StreamIdNotUnderstood
            | Self::KeyUnknown
            | Self::SessionUnknown
            | Self::Superseded
            | Self::Occupied
            | Self::SessionEnded => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_reads_back_and_every_sentence_says_what_to_do() {
        for refusal in Refusal::ALL {
            assert_eq!(Refusal::from_code(refusal.code()), Some(refusal));
            assert!(refusal.to_string().contains(';'), "{refusal}");
        }
        assert_eq!(Refusal::from_code(1010), None);
    }
}
