//! What a source is, as the person at the keyboard wrote it: `test`, `file:PATH`, `v4l2:DEVICE`, `ndi:NAME`.
//!
//! Refuses to open anything: a missing file is the running source's trouble, so that the others go on.
//! Invariant: what [`SourceSpec`] prints, it reads back.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Number of a source on the switcher, counted from 1; source n feeds camera n.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u16", into = "u16")]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(test, ts(type = "number"))]
pub struct SourceNumber(u16);

impl TryFrom<u16> for SourceNumber {
    type Error = String;

    fn try_from(number: u16) -> Result<Self, String> {
        Self::new(number).ok_or_else(|| format!("{number} is no source; they go from 1 to {}", Self::MAX))
    }
}

impl From<SourceNumber> for u16 {
    fn from(number: SourceNumber) -> Self {
        number.0
    }
}

impl SourceNumber {
    /// The largest: camera numbers have two digits.
    pub const MAX: u16 = returnfeed_protocol::CameraNumber::MAX;

    /// The number as painted on the key; `None` unless 1 to [`Self::MAX`].
    pub const fn new(number: u16) -> Option<Self> {
        if number >= 1 && number <= Self::MAX { Some(Self(number)) } else { None }
    }

    /// The source at this place of the list, counted from 0.
    pub(crate) fn at(index: usize) -> Self {
        Self(u16::try_from(index).unwrap_or(Self::MAX - 1).min(Self::MAX - 1) + 1)
    }

    /// Its place in the list, counted from 0.
    pub(crate) fn index(self) -> usize {
        usize::from(self.0) - 1
    }

    /// The number as an integer.
    pub const fn get(self) -> u16 {
        self.0
    }
}

impl fmt::Display for SourceNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// An input of the switcher.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SourceSpec {
    /// A moving picture with a clock, distinct for each number, with a tone.
    Test,
    /// A file of any container that GStreamer reads, in a loop; or a named pipe.
    File(PathBuf),
    /// A camera or capture card of Video4Linux.
    V4l2(PathBuf),
    /// An NDI source by its full name, `MACHINE (NAME)`.
    NdiName(String),
    /// An NDI source by its address.
    NdiUrl(SocketAddr),
}

/// Why a source cannot be understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SourceSpecError {
    /// The word before the colon is unknown.
    #[error(
        "{got:?} is not a source; write test, file:PATH, v4l2:/dev/video0, ndi:NAME or ndi:url=ADDRESS:PORT"
    )]
    Unknown {
        /// What was given.
        got: String,
    },
    /// Nothing stands after the colon.
    #[error("{kind}: names nothing; write {example}")]
    Empty {
        /// The word before the colon.
        kind: &'static str,
        /// How it should look.
        example: &'static str,
    },
    /// The address of an NDI source is not one.
    #[error("{got:?} is not an address and port; write ndi:url=192.168.1.20:5961")]
    Address {
        /// What was given.
        got: String,
    },
}

impl FromStr for SourceSpec {
    type Err = SourceSpecError;

    fn from_str(text: &str) -> Result<Self, SourceSpecError> {
        let (kind, rest) = text.split_once(':').unwrap_or((text, ""));
        let need = |kind, example| {
            if rest.is_empty() { Err(SourceSpecError::Empty { kind, example }) } else { Ok(rest) }
        };
        match kind {
            "test" if rest.is_empty() => Ok(Self::Test),
            "file" => Ok(Self::File(need("file", "file:PATH")?.into())),
            "v4l2" => Ok(Self::V4l2(need("v4l2", "v4l2:/dev/video0")?.into())),
            "ndi" => {
                let name = need("ndi", "ndi:NAME")?;
                match name.strip_prefix("url=") {
                    None => Ok(Self::NdiName(name.to_owned())),
                    Some(address) => address
                        .parse()
                        .map(Self::NdiUrl)
                        .map_err(|_| SourceSpecError::Address { got: address.to_owned() }),
                }
            }
            _ => Err(SourceSpecError::Unknown { got: text.to_owned() }),
        }
    }
}

impl fmt::Display for SourceSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Test => f.write_str("test"),
            Self::File(path) => write!(f, "file:{}", path.display()),
            Self::V4l2(device) => write!(f, "v4l2:{}", device.display()),
            Self::NdiName(name) => write!(f, "ndi:{name}"),
            Self::NdiUrl(address) => write!(f, "ndi:url={address}"),
        }
    }
}

impl SourceSpec {
    /// The name that a person would call it by: on slates, lamps and in the list of sources.
    pub fn label(&self) -> String {
        match self {
            Self::Test => "Test picture".to_owned(),
            Self::File(path) | Self::V4l2(path) => path
                .file_name()
                .map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into()),
            Self::NdiName(name) => name.clone(),
            Self::NdiUrl(address) => address.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_source_survives_text() {
        for text in
            ["test", "file:/a b/ㄱ.mp4", "v4l2:/dev/video0", "ndi:STUDIO (CAM 1)", "ndi:url=10.0.0.2:5961"]
        {
            assert_eq!(text.parse::<SourceSpec>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn a_malformed_source_is_told_how_to_write_it() {
        let say = |text: &str| text.parse::<SourceSpec>().unwrap_err().to_string();
        assert!(say("cam1").starts_with("\"cam1\" is not a source; write test, file:PATH"));
        assert!(say("test:1").contains("is not a source"));
        assert_eq!(say("file:"), "file: names nothing; write file:PATH");
        assert!(say("ndi:url=camera").contains("192.168.1.20:5961"));
    }

    #[test]
    fn a_source_is_called_by_its_last_name() {
        assert_eq!("file:/srv/opener.mp4".parse::<SourceSpec>().unwrap().label(), "opener.mp4");
        assert_eq!(SourceNumber::new(0), None);
        assert_eq!(SourceNumber::new(3).unwrap().index(), 2);
    }
}
