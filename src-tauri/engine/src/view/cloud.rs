//! The cloud, and who is signed in there.

use serde::Serialize;

use super::Spoken;
use crate::secrets::Kept;

/// The cloud.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct CloudView {
    /// Its address; absent: nobody said one yet.
    pub address: Option<String>,
    /// The fingerprint of its own certificate, where that is what is believed.
    pub fingerprint: Option<String>,
    /// Why it could not be asked last, and what to do.
    pub trouble: Option<Spoken>,
    /// Whether something is being asked of it by a person.
    pub busy: bool,
}

/// Who is signed in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
#[cfg_attr(test, derive(ts_rs::TS))]
pub enum Account {
    /// Nobody.
    #[default]
    Out,
    /// A browser was opened, and is waited for.
    Browser,
    /// Somebody.
    In {
        /// As they are called.
        name: String,
        /// Their e-mail.
        email: String,
        /// Where this machine keeps the login; absent: it ends with the program.
        kept: Option<Kept>,
    },
}
