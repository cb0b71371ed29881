//! `vmix:ADDRESS`, `tsl:HOST:PORT?…`, `http:ADDRESS:PORT?token-file=PATH`, `page:ADDRESS?keys-file=PATH`. Pure but for the token's file.
//!
//! Refuses a token in the argument, where every user of the machine reads it. Invariant: what is shown of an output
//! holds no secret.

use std::fmt;
use std::path::{Path, PathBuf};

use reqwest::Url;
use returnfeed_protocol::CameraNumber;
use returnfeed_switchers::tsl::{Lamp, Meaning, TellerConfig, Transport, Version};
use secrecy::SecretString;

/// Beside the LAN's 8444 and the control API's 8445.
const PAGE: u16 = 8447;
/// The last address of TSL 3.1.
const LAST_V31: u16 = 126;

/// An output to tell.
#[derive(Debug, Clone)]
pub struct OutputSpec {
    /// What it is.
    pub kind: Kind,
    /// The address of ours to listen on, or the host that is told.
    pub host: String,
    /// The port there.
    pub port: u16,
}

/// What an output is.
#[derive(Debug, Clone)]
pub enum Kind {
    /// The port of a vMix.
    Vmix,
    /// A receiver of TSL UMD.
    Tsl(TellerConfig),
    /// HTTP and WebSocket.
    Http {
        /// Who may read.
        token: SecretString,
    },
    /// The operators' page, for whoever the cloud lets in.
    Page {
        /// Where the keys that judge passes are kept, for a start without the cloud.
        keys: Option<PathBuf>,
    },
}

/// What cannot be understood, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OutputSpecError {
    /// Another output, or none.
    #[error(
        "{got:?} is not an output; write vmix:ADDRESS, tsl:HOST:PORT, http:ADDRESS:PORT?token-file=FILE or \
         page:ADDRESS"
    )]
    Unknown {
        /// What was given.
        got: String,
    },
    /// An option of it.
    #[error("{option:?} of {got:?} cannot be used: {why}")]
    Option {
        /// The output.
        got: String,
        /// Which.
        option: String,
        /// What is wrong and what to write.
        why: String,
    },
}

impl fmt::Display for OutputSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            Kind::Vmix => "vmix",
            Kind::Tsl(_) => "tsl",
            Kind::Http { .. } => "http",
            Kind::Page { .. } => "page",
        };
        match self.host.contains(':') {
            true => write!(f, "{kind}:[{}]:{}", self.host, self.port),
            false => write!(f, "{kind}:{}:{}", self.host, self.port),
        }
    }
}

impl OutputSpec {
    /// Reads one `--out`.
    ///
    /// # Errors
    /// When it is none, or a token's file cannot be read.
    pub fn parse(text: &str) -> Result<Self, OutputSpecError> {
        let shown = text.split('?').next().unwrap_or_default();
        let unknown = || OutputSpecError::Unknown { got: shown.to_owned() };
        let (kind, rest) = text.split_once(':').ok_or_else(unknown)?;
        // A scheme of its own, so that no port is left out for being usual.
        let url = Url::parse(&format!("output://{rest}")).map_err(|_| unknown())?;
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or_else(unknown)?;
        let mut options = Options { shown, all: url.query_pairs().into_owned().collect() };
        let (port, kind) = match kind {
            "vmix" => (Some(8099), Kind::Vmix),
            "tsl" => (None, Kind::Tsl(options.tsl()?)),
            "http" => (None, Kind::Http { token: options.token()? }),
            "page" => (Some(PAGE), Kind::Page { keys: options.take("keys-file").map(PathBuf::from) }),
            _ => return Err(unknown()),
        };
        options.end()?;
        let port = url.port().or(port).ok_or_else(unknown)?;
        Ok(Self { kind, host: host.trim_matches(['[', ']']).to_owned(), port })
    }
}

impl OutputSpec {
    /// Where it is our own page and nobody said where the cloud's keys are kept, they are kept in this file.
    #[must_use]
    pub fn keeping_keys_in(self, file: &Path) -> Self {
        let kind = match self.kind {
            Kind::Page { keys } => Kind::Page { keys: keys.or_else(|| Some(file.to_owned())) },
            kind @ (Kind::Vmix | Kind::Tsl(_) | Kind::Http { .. }) => kind,
        };
        Self { kind, ..self }
    }
}

/// What follows the question mark; each option is taken once.
struct Options<'a> {
    shown: &'a str,
    all: Vec<(String, String)>,
}

impl Options<'_> {
    fn take(&mut self, key: &str) -> Option<String> {
        let place = self.all.iter().position(|(each, _)| each == key)?;
        Some(self.all.remove(place).1)
    }

    fn wrong(&self, option: &str, why: impl Into<String>) -> OutputSpecError {
        OutputSpecError::Option { got: self.shown.to_owned(), option: option.to_owned(), why: why.into() }
    }

    fn number(&mut self, key: &str, most: u16) -> Result<Option<u16>, OutputSpecError> {
        let Some(value) = self.take(key) else { return Ok(None) };
        let number = value.parse().ok().filter(|number| *number <= most);
        number.map(Some).ok_or_else(|| self.wrong(key, format!("write a number up to {most}")))
    }

    fn tsl(&mut self) -> Result<TellerConfig, OutputSpecError> {
        let version = match self.take("version").as_deref() {
            None | Some("5" | "5.0") => Version::V50,
            Some("3" | "3.1") => Version::V31,
            Some(_) => return Err(self.wrong("version", "write 3 or 5")),
        };
        let transport = match self.take("transport").as_deref() {
            None | Some("udp") => Transport::Udp,
            Some("tcp") => Transport::Tcp,
            Some(_) => return Err(self.wrong("transport", "write udp or tcp")),
        };
        let most = match version {
            Version::V31 => LAST_V31 - (CameraNumber::MAX - 1),
            Version::V50 => u16::MAX - 1 - CameraNumber::MAX,
        };
        let usual = Meaning::default();
        let meaning = Meaning {
            programme: self.lamp("programme")?.unwrap_or(usual.programme),
            preview: self.lamp("preview")?.unwrap_or(usual.preview),
        };
        Ok(TellerConfig {
            version,
            transport,
            screen: self.number("screen", u16::MAX)?.unwrap_or(0),
            first: self.number("first", most)?.unwrap_or(1),
            meaning,
        })
    }

    fn lamp(&mut self, key: &str) -> Result<Option<Lamp>, OutputSpecError> {
        let Some(number) = self.number(key, 4)? else { return Ok(None) };
        let lamp = u8::try_from(number).ok().and_then(Lamp::new);
        lamp.map(Some).ok_or_else(|| self.wrong(key, "there are tallies 1 to 4"))
    }

    fn token(&mut self) -> Result<SecretString, OutputSpecError> {
        let path = self.take("token-file").map(PathBuf::from);
        let path = path.ok_or_else(|| self.wrong("token-file", "name the file that holds the token"))?;
        crate::bearer::read(&path).map_err(|why| self.wrong("token-file", why))
    }

    fn end(self) -> Result<(), OutputSpecError> {
        match self.all.first() {
            None => Ok(()),
            Some((key, _)) => Err(self.wrong(key, "there is no such option")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    #[test]
    fn each_output_is_on_the_interface_that_was_named() {
        let read = |text: &str| OutputSpec::parse(text).unwrap().to_string();
        assert_eq!(read("vmix:10.0.0.5"), "vmix:10.0.0.5:8099");
        assert_eq!(read("vmix:[::1]:8100"), "vmix:[::1]:8100");
        assert_eq!(read("page:0.0.0.0?keys-file=/var/lib/keys.json"), "page:0.0.0.0:8447");
        assert_eq!(read("tsl:multiviewer.local:8900?version=3&first=0"), "tsl:multiviewer.local:8900");
        let Kind::Tsl(config) = OutputSpec::parse("tsl:10.0.0.9:40001?transport=tcp&screen=2").unwrap().kind
        else {
            panic!("a TSL")
        };
        assert_eq!((config.version, config.transport, config.screen), (Version::V50, Transport::Tcp, 2));
    }

    #[test]
    fn a_page_keeps_the_keys_where_it_was_told_and_else_where_the_window_keeps_its_own() {
        let keys =
            |text: &str| match OutputSpec::parse(text).unwrap().keeping_keys_in("/data/keys".as_ref()).kind {
                Kind::Page { keys } => keys,
                other => panic!("{other:?}"),
            };
        assert_eq!(keys("page:10.0.0.5"), Some("/data/keys".into()));
        assert_eq!(keys("page:10.0.0.5?keys-file=/elsewhere"), Some("/elsewhere".into()));
    }

    #[test]
    fn a_token_is_read_from_its_file_and_shown_nowhere() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        writeln!(file, "correct-horse-battery").unwrap();
        let text = format!("http:127.0.0.1:8445?token-file={}", file.path().display());
        let spec = OutputSpec::parse(&text).unwrap();
        assert!(!format!("{spec:?} {spec}").contains("horse"));
    }

    #[test]
    fn each_mistake_says_what_to_write() {
        let say = |text: &str| OutputSpec::parse(text).unwrap_err().to_string();
        assert!(say("vmix").contains("vmix:ADDRESS"));
        assert!(say("tsl:10.0.0.9").contains("tsl:HOST:PORT"), "a port must be named");
        assert!(say("tsl:10.0.0.9:1?version=3&first=29").contains("up to 28"));
        assert!(say("tsl:10.0.0.9:1?programme=0").contains("1 to 4"));
        assert!(say("http:127.0.0.1:8445").contains("name the file"));
        assert!(say("http:127.0.0.1:8445?token-file=/nowhere").contains("cannot be read"));
        let secret = say("http:127.0.0.1:8445?token=abcdefgh");
        assert!(!secret.contains("abcdefgh"), "{secret}");
        let mut short = tempfile::NamedTempFile::new().unwrap();
        writeln!(short, "short").unwrap();
        assert!(
            say(&format!("http:[::1]:8445?token-file={}", short.path().display())).contains("16 or more")
        );
    }
}
