//! Who may use an endpoint, and what everybody else is told: one column of the matrix of routes.
//!
//! It refuses to decide anything: the handler does, and the matrix (`./dev test routes`) holds the two together.

use super::operation::Refusal;

/// What happens to somebody who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Let in: done, or refused for a reason that has nothing to do with who asks.
    Passes,
    /// Turned away.
    Refused(Refusal),
}

/// The verdict over each kind of bearer, about a session that is given in the address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Who {
    /// Without a token.
    pub nobody: Verdict,
    /// A viewer of this session.
    pub viewer: Verdict,
    /// A camera operator of this session.
    pub camera: Verdict,
    /// The director of this session, by the session token.
    pub director: Verdict,
    /// The director of another session.
    pub other_director: Verdict,
    /// An account that made this session.
    pub creator: Verdict,
    /// An account that has nothing to do with it.
    pub stranger: Verdict,
    /// The host's account.
    pub host: Verdict,
}

const PASSES: Verdict = Verdict::Passes;
const TOKEN_MISSING: Verdict = Verdict::Refused(Refusal(401, "token_missing"));
const TOKEN_INVALID: Verdict = Verdict::Refused(Refusal(401, "token_invalid"));
const NOT_THE_DIRECTOR: Verdict = Verdict::Refused(Refusal(403, "not_the_director"));
const SESSION_NOT_FOUND: Verdict = Verdict::Refused(Refusal(404, "session_not_found"));

/// Whoever asks.
pub const EVERYBODY: Who = Who {
    nobody: PASSES,
    viewer: PASSES,
    camera: PASSES,
    director: PASSES,
    other_director: PASSES,
    creator: PASSES,
    stranger: PASSES,
    host: PASSES,
};

/// Every account.
pub const ACCOUNTS: Who = Who {
    nobody: TOKEN_MISSING,
    viewer: TOKEN_INVALID,
    camera: TOKEN_INVALID,
    director: TOKEN_INVALID,
    other_director: TOKEN_INVALID,
    ..EVERYBODY
};

/// The account that made the session; for others it is not there.
pub const CREATOR: Who = Who { stranger: SESSION_NOT_FOUND, host: SESSION_NOT_FOUND, ..ACCOUNTS };

/// Every participant of any session.
pub const PARTICIPANTS: Who = Who {
    nobody: TOKEN_MISSING,
    creator: TOKEN_INVALID,
    stranger: TOKEN_INVALID,
    host: TOKEN_INVALID,
    ..EVERYBODY
};

/// Every participant of this session.
pub const MEMBERS: Who = Who { other_director: SESSION_NOT_FOUND, ..PARTICIPANTS };

/// The director of this session.
pub const DIRECTOR: Who = Who { viewer: NOT_THE_DIRECTOR, camera: NOT_THE_DIRECTOR, ..MEMBERS };

/// The director of this session, or the account that made it.
pub const CREATOR_OR_DIRECTOR: Who = Who {
    nobody: TOKEN_MISSING,
    viewer: NOT_THE_DIRECTOR,
    camera: NOT_THE_DIRECTOR,
    other_director: SESSION_NOT_FOUND,
    stranger: SESSION_NOT_FOUND,
    host: SESSION_NOT_FOUND,
    ..EVERYBODY
};

/// The director of this session, the account that made it, and the host.
pub const DIRECTOR_CREATOR_OR_HOST: Who = Who { host: PASSES, ..CREATOR_OR_DIRECTOR };

impl Who {
    /// Each kind of bearer by the name that it has in the document.
    pub(super) fn all(&self) -> [(&'static str, Verdict); 8] {
        [
            ("nobody", self.nobody),
            ("viewer", self.viewer),
            ("camera", self.camera),
            ("director", self.director),
            ("other_director", self.other_director),
            ("creator", self.creator),
            ("stranger", self.stranger),
            ("host", self.host),
        ]
    }

    /// What those are told who may not.
    pub(super) fn refusals(&self) -> impl Iterator<Item = Refusal> {
        self.all().into_iter().filter_map(|(_, verdict)| match verdict {
            Verdict::Passes => None,
            Verdict::Refused(refusal) => Some(refusal),
        })
    }

    /// Whether any account gets past the token check.
    pub(super) fn takes_accounts(&self) -> bool {
        [self.creator, self.stranger, self.host].into_iter().any(knows_token)
    }

    /// Whether any participant gets past the token check.
    pub(super) fn takes_participants(&self) -> bool {
        [self.viewer, self.camera, self.director, self.other_director].into_iter().any(knows_token)
    }
}

fn knows_token(verdict: Verdict) -> bool {
    !matches!(verdict, Verdict::Refused(Refusal(401, _)))
}
