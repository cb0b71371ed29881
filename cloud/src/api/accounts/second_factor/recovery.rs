//! Codes to recover by, before they are forgotten: told to a person once, kept as their hashes.

use returnfeed_protocol::RecoveryCodes;

use crate::auth::hash_of;
use crate::random;

/// As many as fit on a slip of paper.
const COUNT: usize = 10;

pub(super) struct NewCodes(Vec<String>);

impl NewCodes {
    pub(super) fn random() -> Self {
        Self((0..COUNT).map(|_| random::recovery_code()).collect())
    }

    pub(super) fn hashes(&self) -> Vec<String> {
        self.0.iter().map(|code| hash_of(code.as_bytes())).collect()
    }

    pub(super) fn for_people(&self) -> RecoveryCodes {
        RecoveryCodes { codes: self.0.iter().map(|code| random::recovery_code_for_people(code)).collect() }
    }
}
