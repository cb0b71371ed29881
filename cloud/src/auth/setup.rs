//! The setup token: whoever reads the terminal of a new server may make its first account.
//!
//! It refuses after its first use. There is no default password anywhere.

use std::sync::{Mutex, PoisonError};

use aws_lc_rs::constant_time;
use secrecy::{ExposeSecret as _, SecretString};

use crate::random;

/// The token of this start, while there is no account.
#[derive(Default)]
pub struct SetupToken {
    token: Mutex<Option<SecretString>>,
}

impl SetupToken {
    /// A new token, for printing, once.
    pub fn arm(&self) -> SecretString {
        let token = SecretString::from(random::text::<18>());
        *self.token.lock().unwrap_or_else(PoisonError::into_inner) = Some(token.clone());
        token
    }

    /// Whether this is the token.
    pub fn is(&self, tried: &str) -> bool {
        let token = self.token.lock().unwrap_or_else(PoisonError::into_inner);
        token.as_ref().is_some_and(|token| {
            constant_time::verify_slices_are_equal(token.expose_secret().as_bytes(), tried.as_bytes()).is_ok()
        })
    }

    /// The first account is made.
    pub fn spend(&self) {
        *self.token.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setup_token_is_good_until_it_is_spent() {
        let setup = SetupToken::default();
        assert!(!setup.is(""));
        let token = setup.arm();
        assert!(setup.is(token.expose_secret()) && !setup.is("x"));
        setup.spend();
        assert!(!setup.is(token.expose_secret()));
    }
}
