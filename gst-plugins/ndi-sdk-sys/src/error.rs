//! What can go wrong before the first frame, in words for the person at the machine.

use std::fmt;

use crate::runtime::WHERE_TO_GET_IT;

/// One place where the runtime was looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tried {
    /// The file, or the bare name that was given to the system's loader.
    pub path: String,
    /// What the loader answered.
    pub outcome: String,
}

impl fmt::Display for Tried {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.path, self.outcome)
    }
}

/// Why the runtime cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LoadError {
    /// No runtime was found.
    #[error(
        "the NDI runtime is not installed. {WHERE_TO_GET_IT} Then start this program again. It was looked for at: {}",
        list(searched)
    )]
    NotInstalled {
        /// Every place, in order.
        searched: Vec<Tried>,
    },
    /// A runtime is there, and the system cannot load it.
    #[error("the NDI runtime at {path} is there but cannot be loaded: {reason}.{}", missing_library(reason))]
    Broken {
        /// Which file.
        path: String,
        /// What the loader said.
        reason: String,
    },
    /// A runtime is there, and lacks something that version 5 and newer have.
    #[error("the NDI runtime at {path} is too old: it has no {symbol}. {WHERE_TO_GET_IT}")]
    TooOld {
        /// Which file.
        path: String,
        /// The first entry point that was missed.
        symbol: String,
    },
    /// The runtime refuses this machine.
    #[error(
        "the NDI runtime at {path} does not run on this processor: it needs SSE4.2 (or an ARM64 processor)"
    )]
    ProcessorRefused {
        /// Which file.
        path: String,
    },
}

/// Why the runtime would not make a finder, receiver or sender.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CreateError {
    /// Neither a name nor an address says which source is meant.
    #[error(
        "no NDI source is named: give its name, as in \"MACHINE (Camera 1)\", or its address, as in 192.168.1.20:5961"
    )]
    NoSource,
    /// A text holds a zero byte, which C cannot carry.
    #[error("the NDI {what} {text:?} holds a zero byte; type it again")]
    ZeroByte {
        /// Which text.
        what: &'static str,
        /// As it was given.
        text: String,
    },
    /// The runtime answered with nothing.
    #[error("the NDI runtime would not make a {what}; it gives no reason. {}", usual_reason(what))]
    Refused {
        /// What was asked for.
        what: &'static str,
    },
}

fn usual_reason(what: &str) -> &'static str {
    if what == "sender" {
        "A source of this name is probably open on this machine: close it, or choose another name"
    } else {
        "Check that this machine has memory, files and network ports left"
    }
}

fn list(searched: &[Tried]) -> String {
    searched.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

fn missing_library(reason: &str) -> &'static str {
    if reason.contains("libavahi") {
        " Install what it needs; on Debian and Ubuntu: apt install libavahi-client3"
    } else {
        ""
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_runtime_says_where_to_get_it_and_where_it_was_looked_for() {
        let searched = vec![Tried { path: "/opt/ndi/libndi.so.6".into(), outcome: "no such file".into() }];
        let sentence = LoadError::NotInstalled { searched }.to_string();
        assert!(sentence.contains("http"), "{sentence}");
        assert!(sentence.contains("/opt/ndi/libndi.so.6 (no such file)"), "{sentence}");
    }

    #[test]
    fn a_runtime_without_avahi_names_the_package() {
        let reason = "libavahi-client.so.3: cannot open shared object file".to_owned();
        let sentence = LoadError::Broken { path: "libndi.so.6".into(), reason }.to_string();
        assert!(sentence.ends_with("apt install libavahi-client3"), "{sentence}");
    }
}
