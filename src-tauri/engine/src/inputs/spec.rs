//! `[NAME=]vmix:HOST`, `obs:HOST?password-file=PATH`, `atem:HOST`, `tsl:ADDRESS:PORT`. Pure but for the password's file.
//!
//! Refuses a password in the argument, where every user of the machine reads it. Invariant: a name is of letters,
//! digits, `-` and `_`, so that `NAME:INPUT` can be told apart.

use std::path::PathBuf;
use std::time::Duration;

use reqwest::Url;
use returnfeed_switchers::tsl::{Lamp, Meaning, Meanings, Transport, TslConfig, Version};
use returnfeed_tally::SwitcherName;
use secrecy::SecretString;

/// A switcher to listen to.
#[derive(Debug, Clone)]
pub struct InputSpec {
    /// Its name in reasons and in `--camera`.
    pub name: SwitcherName,
    /// What it is.
    pub kind: Kind,
    /// Its host, or the address of ours to listen on.
    pub host: String,
    /// The port there.
    pub port: u16,
}

/// What a switcher is.
#[derive(Debug, Clone)]
pub enum Kind {
    /// vMix's TCP API.
    Vmix,
    /// OBS's WebSocket server.
    Obs {
        /// Where it wants one.
        password: Option<SecretString>,
    },
    /// An ATEM switcher.
    Atem,
    /// A sender of TSL UMD, which calls us.
    Tsl {
        /// How it is understood.
        config: TslConfig,
        /// How it comes.
        transport: Transport,
    },
}

/// What cannot be understood, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SpecError {
    /// Another switcher, or none.
    #[error("{got:?} is not a switcher; write vmix:HOST, obs:HOST, atem:HOST or tsl:ADDRESS:PORT")]
    Unknown {
        /// What was given.
        got: String,
    },
    /// An option of it.
    #[error("{option:?} of {got:?} cannot be used: {why}")]
    Option {
        /// The switcher.
        got: String,
        /// Which.
        option: String,
        /// What is wrong and what to write.
        why: String,
    },
    /// Two of one name.
    #[error("two switchers are called {0}; name one of them, as in second={0}:HOST")]
    Twice(SwitcherName),
}

impl InputSpec {
    /// Reads one `--tally`.
    ///
    /// # Errors
    /// When it is none, or a password's file cannot be read.
    pub fn parse(text: &str) -> Result<Self, SpecError> {
        let (name, address) = match text.split_once('=') {
            Some((name, rest)) if is_name(name) => (Some(name), rest),
            _ => (None, text),
        };
        let unknown = || SpecError::Unknown { got: text.to_owned() };
        let (kind, rest) = address.split_once(':').ok_or_else(unknown)?;
        let url = Url::parse(&format!("{kind}://{rest}")).map_err(|_| unknown())?;
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or_else(unknown)?;
        let mut options = Options { text, all: url.query_pairs().into_owned().collect() };
        let (own_name, port, kind) = match kind {
            "vmix" => ("vMix", Some(8099), Kind::Vmix),
            "obs" => ("OBS", Some(4455), Kind::Obs { password: options.password()? }),
            "atem" => ("ATEM", Some(9910), Kind::Atem),
            "tsl" => ("TSL", None, options.tsl()?),
            _ => return Err(unknown()),
        };
        options.end()?;
        Ok(Self {
            name: SwitcherName::new(name.unwrap_or(own_name)),
            kind,
            host: host.trim_matches(['[', ']']).to_owned(),
            port: url.port().or(port).ok_or_else(unknown)?,
        })
    }

    /// Reads every `--tally`.
    ///
    /// # Errors
    /// When one is none, or two have one name.
    pub fn parse_all(texts: &[String]) -> Result<Vec<Self>, SpecError> {
        let specs = texts.iter().map(|text| Self::parse(text)).collect::<Result<Vec<_>, _>>()?;
        for (place, spec) in specs.iter().enumerate() {
            if specs.iter().take(place).any(|before| same(&before.name, spec.name.as_str())) {
                return Err(SpecError::Twice(spec.name.clone()));
            }
        }
        Ok(specs)
    }
}

/// Whether a person means this switcher.
pub(super) fn same(name: &SwitcherName, written: &str) -> bool {
    name.as_str().eq_ignore_ascii_case(written)
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_')
}

/// What follows the question mark; each option is taken once.
struct Options<'a> {
    text: &'a str,
    all: Vec<(String, String)>,
}

impl Options<'_> {
    fn take(&mut self, key: &str) -> Option<String> {
        let place = self.all.iter().position(|(each, _)| each == key)?;
        Some(self.all.remove(place).1)
    }

    fn wrong(&self, option: &str, why: impl Into<String>) -> SpecError {
        let got = self.text.split('?').next().unwrap_or_default().to_owned();
        SpecError::Option { got, option: option.to_owned(), why: why.into() }
    }

    fn number(&mut self, key: &str, what: &str) -> Result<Option<u16>, SpecError> {
        match self.take(key).map(|value| value.parse()) {
            None => Ok(None),
            Some(Ok(number)) => Ok(Some(number)),
            Some(Err(_)) => Err(self.wrong(key, format!("write {what}"))),
        }
    }

    fn password(&mut self) -> Result<Option<SecretString>, SpecError> {
        let Some(path) = self.take("password-file").map(PathBuf::from) else { return Ok(None) };
        let read = std::fs::read_to_string(&path);
        let text = read.map_err(|error| {
            self.wrong("password-file", format!("{} cannot be read ({error})", path.display()))
        })?;
        Ok(Some(SecretString::from(text.trim_end_matches(['\r', '\n']))))
    }

    fn tsl(&mut self) -> Result<Kind, SpecError> {
        let version = match self.take("version").as_deref() {
            None => None,
            Some("3" | "3.1") => Some(Version::V31),
            Some("5" | "5.0") => Some(Version::V50),
            Some(_) => return Err(self.wrong("version", "write 3 or 5")),
        };
        let transport = match self.take("transport").as_deref() {
            None | Some("udp") => Transport::Udp,
            Some("tcp") => Transport::Tcp,
            Some(_) => return Err(self.wrong("transport", "write udp or tcp")),
        };
        let usual = Meaning::default();
        let meaning = Meaning {
            programme: self.lamp("programme")?.unwrap_or(usual.programme),
            preview: self.lamp("preview")?.unwrap_or(usual.preview),
        };
        let screen = self.number("screen", "the number of a screen")?;
        let silence = self.number("silence", "a number of seconds")?;
        let silence = silence.map(|seconds| Duration::from_secs(seconds.into()));
        Ok(Kind::Tsl {
            config: TslConfig { version, screen, meaning, displays: self.displays()?, silence },
            transport,
        })
    }

    /// `display=7:4:1`, as often as there are such displays: its number, its programme tally, its preview tally.
    fn displays(&mut self) -> Result<Meanings, SpecError> {
        let mut own = Meanings::new();
        while let Some(text) = self.take("display") {
            let numbers: Vec<Option<u16>> = text.split(':').map(|part| part.parse().ok()).collect();
            let lamp = |number: u16| Lamp::new(u8::try_from(number).ok()?);
            let one = match numbers[..] {
                [Some(display), Some(programme), Some(preview)] => lamp(programme)
                    .zip(lamp(preview))
                    .map(|(programme, preview)| (display, Meaning { programme, preview })),
                _ => None,
            };
            let what = "write its number and the tallies, 1 to 4, that mean programme and preview, as 7:4:1";
            let (display, meaning) = one.ok_or_else(|| self.wrong("display", what))?;
            own.insert(display, meaning);
        }
        Ok(own)
    }

    fn lamp(&mut self, key: &str) -> Result<Option<Lamp>, SpecError> {
        let Some(number) = self.number(key, "the number of a tally, 1 to 4")? else { return Ok(None) };
        let lamp = u8::try_from(number).ok().and_then(Lamp::new);
        lamp.map(Some).ok_or_else(|| self.wrong(key, "there are tallies 1 to 4"))
    }

    fn end(self) -> Result<(), SpecError> {
        match self.all.first() {
            None => Ok(()),
            Some((key, _)) => Err(self.wrong(key, "there is no such option")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn each_switcher_has_its_port_and_may_be_named() {
        let read = |text: &str| {
            let spec = InputSpec::parse(text).unwrap();
            (spec.name.to_string(), spec.host, spec.port)
        };
        assert_eq!(read("vmix:10.0.0.5"), ("vMix".into(), "10.0.0.5".into(), 8099));
        assert_eq!(read("obs:studio.local:4456"), ("OBS".into(), "studio.local".into(), 4456));
        assert_eq!(read("van=atem:[fe80::1]"), ("van".into(), "fe80::1".into(), 9910));
        assert_eq!(read("tsl:0.0.0.0:8900?version=3&programme=1"), ("TSL".into(), "0.0.0.0".into(), 8900));
    }

    #[test]
    fn a_password_is_read_from_its_file_and_shown_nowhere() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        writeln!(file, "correct horse").unwrap();
        let text = format!("obs:localhost?password-file={}", file.path().display());
        let spec = InputSpec::parse(&text).unwrap();
        assert!(matches!(&spec.kind, Kind::Obs { password: Some(_) }));
        assert!(!format!("{spec:?}").contains("horse"));
        let absent = InputSpec::parse("obs:localhost?password-file=/nowhere").unwrap_err().to_string();
        assert!(absent.contains("/nowhere cannot be read"), "{absent}");
    }

    #[test]
    fn each_mistake_says_what_to_write() {
        let say = |text: &str| InputSpec::parse(text).unwrap_err().to_string();
        assert!(say("mixer:10.0.0.5").contains("vmix:HOST"));
        assert!(say("vmix").contains("vmix:HOST"));
        assert!(say("tsl:0.0.0.0").contains("tsl:ADDRESS:PORT"), "a port must be named");
        assert!(say("tsl:0.0.0.0:8900?programme=5").contains("1 to 4"));
        assert!(say("tsl:0.0.0.0:8900?display=7:4").contains("7:4:1"));
        assert!(say("tsl:0.0.0.0:8900?display=7:5:1").contains("1 to 4"));
        assert!(say("tsl:0.0.0.0:8900?version=4").contains("3 or 5"));
        assert!(say("obs:h?password=secret").contains("no such option"));
        assert!(!say("obs:h?password=secret").contains("secret"));
        let twice = InputSpec::parse_all(&["vmix:a".to_owned(), "vmix:b".to_owned()]).unwrap_err();
        assert_eq!(twice, SpecError::Twice("vMix".into()));
    }
}
