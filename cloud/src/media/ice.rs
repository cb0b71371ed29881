//! What a viewer session's ICE is told and answers (draft-ietf-wish-whep 4.4, RFC 8839).

/// A user name fragment and its password (RFC 8839 5.4), within their bounds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IceCredentials {
    /// 4 to 256 characters.
    pub fragment: String,
    /// 22 to 256 characters.
    pub password: String,
}

/// Which ICE session is meant: what `If-Match` says (RFC 9110 13.1.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IceSession {
    /// Whichever it is now.
    Any,
    /// One of these entity tags, with their quotes.
    Tagged(Vec<String>),
}

/// What a viewer says of its side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IceUpdate {
    /// Of this ICE session.
    pub session: IceSession,
    /// Its credentials, if it names any; new ones ask for a restart.
    pub credentials: Option<IceCredentials>,
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IceAnswer {
    /// The ICE session goes on. Candidates need no more: an ICE-lite server answers whatever address checks.
    GoesOn,
    /// It began anew.
    Restarted {
        /// The server's side as an SDP fragment (RFC 8840 9).
        fragment: String,
        /// The new ICE session's strong entity tag, with its quotes.
        etag: String,
    },
}

/// Why an ICE session stays as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IceRefusal {
    /// This participant has no such viewer session.
    #[error("there is no such viewer session")]
    NotFound,
    /// None of the tags is the present one's.
    #[error("the ICE session is another one now")]
    OtherSession,
    /// The library takes no restart now.
    #[error("the ICE session cannot begin anew now")]
    NotNow,
}
