//! Why the provider did not say who somebody is, by culprit.

use std::error::Error;

use openidconnect::{ClaimsVerificationError, SignatureVerificationError};

/// The provider did not say who somebody is. The texts are for the log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OidcError {
    /// It does not answer, or not as a provider does.
    #[error("the provider cannot be used: {0}")]
    Unreachable(String),
    /// It did not take the code: used before, too old, or not given to us.
    #[error("the provider did not take the code: {0}")]
    CodeRefused(String),
    /// Its ID token is of another time: the clocks differ, or it was kept.
    #[error("the provider's ID token is of another time: {0}")]
    OtherTime(String),
    /// Its ID token is not for us, not for this question, or not signed by it.
    #[error("the provider's ID token cannot be believed: {0}")]
    NotBelieved(String),
}

/// Why an ID token is not believed.
pub(super) enum Doubt {
    /// Its key is not among those we know, which may be older than it.
    UnknownKey,
    Error(OidcError),
}

impl From<OidcError> for Doubt {
    fn from(error: OidcError) -> Self {
        Self::Error(error)
    }
}

impl From<ClaimsVerificationError> for Doubt {
    fn from(error: ClaimsVerificationError) -> Self {
        match error {
            ClaimsVerificationError::SignatureVerification(SignatureVerificationError::NoMatchingKey) => {
                Self::UnknownKey
            }
            ClaimsVerificationError::Expired(when) => Self::Error(OidcError::OtherTime(when)),
            error => Self::Error(OidcError::NotBelieved(whole(&error))),
        }
    }
}

impl From<Doubt> for OidcError {
    fn from(doubt: Doubt) -> Self {
        match doubt {
            Doubt::UnknownKey => {
                Self::NotBelieved("it is signed with a key that the provider does not publish".to_owned())
            }
            Doubt::Error(error) => error,
        }
    }
}

pub(super) fn unusable(error: &(dyn Error + 'static)) -> OidcError {
    OidcError::Unreachable(whole(error))
}

/// An error with its causes, without repeating them.
fn whole(error: &(dyn Error + 'static)) -> String {
    let mut told = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let text = cause.to_string();
        if !told.contains(&text) {
            told = format!("{told}: {text}");
        }
        next = cause.source();
    }
    told
}
