//! Arguments, checked once.
//!
//! Invariant: a [`Setup`] needs no further checks.

use std::path::{Path, PathBuf};

use returnfeed_protocol::{CueText, Layer, SessionId, Show};
use secrecy::SecretString;

use super::args::Args;
use super::keys::PRESETS;
use super::place::trust;
use super::srt::srt_target;
use super::tally_args::TallySetup;
use crate::control::ControlConfig;
use crate::engine::{Destination, EngineConfig};
use crate::journal;
use crate::secrets::SecretStore;
use crate::show::{SecretFiles, ShowSetup, setup};
use crate::sources::{Marks, SourceSpec};
use crate::uplink::{CloudUrl, UplinkConfig};

/// Where the token is read from when no file is named.
const TOKEN_VARIABLE: &str = "RETURNFEED_TOKEN";

/// Arguments that were understood.
#[derive(Debug, Clone)]
pub struct Setup {
    /// What to run.
    pub engine: EngineConfig,
    /// What `=1`, `=2`, … stand for.
    pub presets: Vec<CueText>,
    /// Where orders of other programs are taken.
    pub control: Option<ControlConfig>,
}

/// What cannot be understood, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SetupError {
    /// A source.
    #[error(transparent)]
    Source(#[from] crate::sources::SourceSpecError),
    /// A foreign switcher.
    #[error(transparent)]
    Tally(#[from] crate::inputs::SpecError),
    /// Who else is told.
    #[error(transparent)]
    Output(#[from] crate::outputs::OutputSpecError),
    /// Where pages hear us without the cloud.
    #[error("{got:?} is no place on the local network; write off, or an address and a port, as 0.0.0.0:8444")]
    Lan {
        /// What was given.
        got: String,
    },
    /// A camera.
    #[error(transparent)]
    Camera(#[from] crate::inputs::MapError),
    /// The show.
    #[error("{0}")]
    Show(String),
    /// The token of other programs.
    #[error("orders cannot be taken: {0}")]
    Control(String),
    /// Neither cloud nor SRT.
    #[error(
        "nowhere to send the programme; name a session with --cloud and --session, or a server with --srt"
    )]
    NoDestination,
    /// The cloud's address.
    #[error("{0}")]
    Cloud(String),
    /// The session's id.
    #[error("{got:?} is not a session's id; copy it from the session page")]
    Session {
        /// What was given.
        got: String,
    },
    /// The token.
    #[error("there is no token: {0}")]
    Token(String),
    /// The fingerprint.
    #[error("{0}")]
    Fingerprint(String),
    /// An SRT address.
    #[error("{got:?} is not an SRT address ({what}); write srt://HOST:PORT?passphrase=…&streamid=…")]
    Srt {
        /// What was given, without its secret.
        got: String,
        /// What is wrong.
        what: &'static str,
    },
}

impl Args {
    /// Checks everything. `variable` reads the environment.
    ///
    /// # Errors
    /// What cannot be understood.
    pub fn setup(&self, variable: impl Fn(&str) -> Option<String>) -> Result<Setup, SetupError> {
        let mut engine = match &self.show {
            Some(file) => self.of_show(file)?,
            None => self.of_arguments()?,
        };
        if let (Some(cloud), Some(session)) = (&self.cloud, &self.session) {
            engine.destination = Destination::Cloud(Box::new(self.uplink(cloud, session, variable)?));
        }
        let token = self.control_token_file.as_deref().map(crate::bearer::read).transpose();
        let token = token.map_err(SetupError::Control)?;
        let (host, port) = (self.control.ip().to_string(), self.control.port());
        let control = token.map(|token| ControlConfig { host, port, token });
        Ok(Setup { engine, presets: self.presets(), control })
    }

    fn of_show(&self, file: &Path) -> Result<EngineConfig, SetupError> {
        let said = |error: &dyn std::fmt::Display| SetupError::Show(format!("{}: {error}", file.display()));
        let text = std::fs::read_to_string(file).map_err(|error| said(&error))?;
        let show = Show::parse(&text).map_err(|error| said(&error))?;
        let setup = match &self.secrets {
            Some(folder) => setup(&show, &SecretFiles(Some(folder.clone()))),
            None => setup(&show, &SecretStore::of_user()),
        };
        let ShowSetup { sources, names, inputs, tally, outputs, beside } =
            setup.map_err(|error| said(&error))?;
        // Without a destination it runs here: for its recording, its tally, or a cloud that is named.
        let destination = if outputs.is_empty() { Destination::Here } else { Destination::Srt(outputs) };
        Ok(EngineConfig {
            show: show.name,
            sources,
            names,
            marks: self.marks(),
            inputs,
            outputs: self.tally.outputs()?,
            lan: self.tally.lan()?,
            tally,
            beside,
            recordings: self.recordings.clone(),
            logs: self.logs(),
            destination,
            monitor: false,
        })
    }

    fn of_arguments(&self) -> Result<EngineConfig, SetupError> {
        let sources = self.sources.iter().map(|text| text.parse()).collect::<Result<Vec<SourceSpec>, _>>()?;
        let destination = match &self.srt {
            Some(high) => {
                let mut targets = vec![(Layer::High, srt_target(high)?)];
                if let Some(low) = &self.srt_low {
                    targets.push((Layer::Low, srt_target(low)?));
                }
                Destination::Srt(targets)
            }
            None if self.cloud.is_some() => Destination::Here,
            None => return Err(SetupError::NoDestination),
        };
        let TallySetup { inputs, outputs, tally } = self.tally.setup()?;
        Ok(EngineConfig {
            show: String::new(),
            sources,
            names: Vec::new(),
            marks: self.marks(),
            inputs,
            outputs,
            lan: self.tally.lan()?,
            tally,
            beside: None,
            recordings: self.recordings.clone(),
            logs: self.logs(),
            destination,
            monitor: false,
        })
    }

    fn logs(&self) -> Option<PathBuf> {
        (!self.no_log).then(|| self.logs.clone().unwrap_or_else(journal::folder_of_user))
    }

    fn marks(&self) -> Marks {
        Marks { stamp: self.stamp, flash: self.flash }
    }

    fn presets(&self) -> Vec<CueText> {
        if !self.cues.is_empty() {
            return self.cues.clone();
        }
        PRESETS.iter().filter_map(|text| CueText::try_from((*text).to_owned()).ok()).collect()
    }

    fn uplink(
        &self,
        cloud: &str,
        session: &str,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<UplinkConfig, SetupError> {
        let cloud: CloudUrl = cloud
            .parse()
            .map_err(|error: crate::uplink::CloudUrlError| SetupError::Cloud(error.to_string()))?;
        let session: SessionId =
            session.parse().map_err(|_| SetupError::Session { got: session.to_owned() })?;
        let token = match &self.token_file {
            Some(path) => std::fs::read_to_string(path)
                .map_err(|error| SetupError::Token(format!("{} cannot be read ({error})", path.display())))?,
            None => variable(TOKEN_VARIABLE).ok_or_else(|| {
                SetupError::Token(format!("name its file with --token-file, or set {TOKEN_VARIABLE}"))
            })?,
        };
        let token = token.trim();
        if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(SetupError::Token("what was given is empty or holds more than a token".to_owned()));
        }
        let trust = trust(self.ca.as_ref(), self.fingerprint.as_deref())?;
        Ok(UplinkConfig { cloud, session, token: SecretString::from(token), trust })
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use secrecy::ExposeSecret;

    use super::*;

    const SESSION: &str = "019ab0d2-7c00-7000-8000-000000000001";

    fn setup(line: &str, token: Option<&str>) -> Result<Setup, SetupError> {
        let words = std::iter::once("returnfeed-director").chain(line.split_whitespace());
        let token = token.map(str::to_owned);
        Args::try_parse_from(words).unwrap().setup(move |_| token.clone())
    }

    #[test]
    fn a_session_of_a_cloud_is_named_by_address_id_and_token() {
        let line =
            format!("--source test --source file:a.mp4 --cloud https://[::1]:8443 --session {SESSION}");
        let Destination::Cloud(uplink) = setup(&line, Some("abc.def\n")).unwrap().engine.destination else {
            panic!("a cloud");
        };
        assert_eq!(uplink.token.expose_secret(), "abc.def");
        assert!(matches!(setup(&line, None), Err(SetupError::Token(_))));
        assert!(matches!(setup(&line, Some("two words")), Err(SetupError::Token(_))));
    }

    #[test]
    fn an_srt_address_may_hold_the_stream_id_as_it_is() {
        let line = "--source test --srt srt://10.0.0.2:8890?streamid=#!::m=publish,r=x&passphrase=0123456789";
        let Destination::Srt(targets) = setup(line, None).unwrap().engine.destination else { panic!("SRT") };
        let (layer, target) = &targets[0];
        assert_eq!(
            (*layer, target.port, target.stream_id.as_str()),
            (Layer::High, 8890, "#!::m=publish,r=x")
        );
        assert_eq!(target.passphrase.expose_secret(), "0123456789");
    }

    #[test]
    fn each_mistake_is_a_sentence_without_the_secret() {
        let say = |line: &str| setup(line, Some("t")).unwrap_err().to_string();
        assert!(say("--source test").contains("--cloud and --session"));
        assert!(say("--source camera --srt srt://h:1?passphrase=x").contains("is not a source"));
        assert!(say("--source test --cloud https://h --session 7").contains("copy it from the session page"));
        assert!(say("--source test --srt srt://h:1").contains("no passphrase"));
        let secret = say("--source test --srt srt://h:1?passphrase=topsecret123&latency=fast");
        assert!(secret.contains("latency") && !secret.contains("topsecret"), "{secret}");
        let plain = format!("--source test --cloud http://10.0.0.9:8443 --session {SESSION}");
        assert!(say(&plain).contains("in clear"));
    }
}
