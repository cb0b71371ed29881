//! The system's keyring: the Secret Service of Linux, the Keychain of macOS, the Credential Manager of Windows.
//!
//! Refuses to wait for ever: a locked keyring asks its person first, and may do so behind everything. Invariant: what
//! [`Ring::keep`] says it keeps was read back.

use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use keyring::v1::{Entry, Error};
use secrecy::{ExposeSecret as _, SecretString};

/// A person who is asked to unlock it finds the password in this time.
const ANSWERED_WITHIN: Duration = Duration::from_secs(60);

/// The entries of one folder of secrets: two folders on one machine share none.
#[derive(Debug, Clone)]
pub(super) struct Ring {
    service: String,
}

/// Why the keyring was of no use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum NoRing {
    /// This system has none.
    Absent,
    /// It has one that did not open.
    Closed(String),
}

impl Ring {
    pub(super) fn of(folder: &std::path::Path) -> Self {
        Self { service: format!("ReturnFeed {}", folder.display()) }
    }

    pub(super) fn get(&self, name: &str) -> Result<Option<SecretString>, NoRing> {
        self.ask(name, |entry| match entry.get_password() {
            Ok(secret) => Ok(Some(SecretString::from(secret))),
            Err(Error::NoEntry) => Ok(None),
            Err(error) => Err(error),
        })
    }

    pub(super) fn keep(&self, name: &str, secret: &SecretString) -> Result<(), NoRing> {
        let secret = secret.clone();
        let kept = self.ask(name, move |entry| {
            entry.set_password(secret.expose_secret())?;
            Ok(entry.get_password()? == secret.expose_secret())
        })?;
        if kept { Ok(()) } else { Err(NoRing::Closed("it gave back another secret".to_owned())) }
    }

    pub(super) fn forget(&self, name: &str) -> Result<(), NoRing> {
        self.ask(name, |entry| match entry.delete_credential() {
            Ok(()) | Err(Error::NoEntry) => Ok(()),
            Err(error) => Err(error),
        })
    }

    /// On a thread of its own, which is left behind where the keyring does not answer.
    fn ask<T: Send + 'static>(
        &self,
        name: &str,
        what: impl FnOnce(&Entry) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, NoRing> {
        let (service, name) = (self.service.clone(), name.to_owned());
        let (answer, answered) = channel();
        let work = move || {
            let done = Entry::new(&service, &name).and_then(|entry| what(&entry));
            // Whoever asked has stopped waiting.
            drop(answer.send(done));
        };
        let thread = std::thread::Builder::new().name("keyring".into()).spawn(work);
        thread.map_err(|error| NoRing::Closed(error.to_string()))?;
        match answered.recv_timeout(ANSWERED_WITHIN) {
            Ok(Ok(done)) => Ok(done),
            Ok(Err(Error::NoDefaultStore)) => Err(NoRing::Absent),
            Ok(Err(error)) => Err(NoRing::Closed(error.to_string())),
            Err(RecvTimeoutError::Timeout) => {
                Err(NoRing::Closed("it waited for its password for a minute".to_owned()))
            }
            Err(RecvTimeoutError::Disconnected) => Err(NoRing::Closed("a defect".to_owned())),
        }
    }
}
