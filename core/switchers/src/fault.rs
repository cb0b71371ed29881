//! Why a conversation with a switcher is over, by culprit.

use std::time::Duration;

/// The end of a conversation, in words for the director.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The switcher says nothing any more.
    #[error("it has said nothing for {} s; check its cable and power", .0.as_secs())]
    Silent(Duration),
    /// Something else answers there.
    #[error("what answers there is not {wanted} (it said {got:?}); check the address and the port")]
    NotThis {
        /// What was expected.
        wanted: &'static str,
        /// The beginning of what was said.
        got: String,
    },
    /// It speaks an older or a newer language.
    #[error("{0}")]
    Version(String),
    /// It has no room for another listener.
    #[error("it takes no more connections; close another program that listens to it")]
    Full,
    /// It wants a password and none is configured.
    #[error("it asks for a password; name the file that holds it with password-file=")]
    PasswordMissing,
    /// It refused the password.
    #[error("it refuses the password; copy it again from its settings")]
    PasswordWrong,
    /// A person at the switcher ended the connection.
    #[error("someone at the switcher has ended this connection; start the input again when they agree")]
    Kicked,
    /// It said goodbye.
    #[error("it ended the connection: {0}")]
    Closed(String),
}

impl Fault {
    /// Whether calling again by itself would be wrong.
    pub fn is_final(&self) -> bool {
        match self {
            Self::Kicked => true,
            Self::Silent(_)
            | Self::NotThis { .. }
            | Self::Version(_)
            | Self::Full
            | Self::PasswordMissing
            | Self::PasswordWrong
            | Self::Closed(_) => false,
        }
    }

    /// Something else answers there; `said` is cut to what fits a line.
    pub(crate) fn not_this(wanted: &'static str, said: &[u8]) -> Self {
        let got = String::from_utf8_lossy(said).chars().filter(|c| !c.is_control()).take(40).collect();
        Self::NotThis { wanted, got }
    }
}
