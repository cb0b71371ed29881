//! What a show means to this engine: its sources, tally inputs, cameras and outputs. Pure but for the secrets.
//!
//! Refuses a show whose secret is not on this machine, by the secret's name. Invariant: a [`ShowSetup`] needs no further
//! checks.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use returnfeed_protocol::show::{
    OutputTarget, ProgrammeMode, SecretRef, ShowCamera, ShowGreen, ShowOutput, ShowSource, ShowSwitcher,
    SourceInput, SwitcherProtocol, TslTransport, TslVersion,
};
use returnfeed_protocol::{CameraNumber, Layer, Show};
use returnfeed_switchers::tsl::{Lamp, Meaning, Transport, TslConfig, Version};
use returnfeed_tally::{Feed, GreenRule, SwitcherName};
use secrecy::SecretString;

use crate::controller::TallyConfig;
use crate::inputs::{BUILT_IN, CameraMap, InputSpec, Kind};
use crate::push::PushTarget;
use crate::sources::{SourceNumber, SourceSpec};

/// A show, ready to run.
#[derive(Debug, Clone)]
pub struct ShowSetup {
    /// In the order of their keys.
    pub sources: Vec<SourceSpec>,
    /// What each is called; empty: as its input is.
    pub names: Vec<String>,
    /// Foreign switchers.
    pub inputs: Vec<InputSpec>,
    /// By what the tally is made.
    pub tally: TallyConfig,
    /// Where the programme goes where it does not go to a session.
    pub outputs: Vec<(Layer, PushTarget)>,
    /// What stays on air where another switcher cuts.
    pub beside: Option<SourceNumber>,
}

/// Why a show cannot run here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ShowSetupError {
    /// A secret is not on this machine.
    #[error("the show wants the secret {name:?}: {why}")]
    Secret {
        /// By its name.
        name: String,
        /// Why it is not there and what to do.
        why: String,
    },
    /// Something that only a checked show does not have.
    #[error("the show cannot be used: {0}")]
    Show(String),
}

/// Where this machine keeps secrets.
pub trait Secrets {
    /// The secret of this name.
    ///
    /// # Errors
    /// Why it is not there and what to do.
    fn secret(&self, name: &str) -> Result<SecretString, String>;
}

/// A folder with a file for each secret; none: there are no secrets.
pub struct SecretFiles(pub Option<PathBuf>);

impl Secrets for SecretFiles {
    fn secret(&self, name: &str) -> Result<SecretString, String> {
        let folder: &Path =
            self.0.as_deref().ok_or("name the folder that holds it in a file of its name with --secrets")?;
        let path = folder.join(name);
        let text = std::fs::read_to_string(&path)
            .map_err(|error| format!("{} cannot be read ({error})", path.display()))?;
        Ok(SecretString::from(text.trim_end_matches(['\r', '\n'])))
    }
}

/// Understands a show.
///
/// # Errors
/// What cannot be used on this machine.
pub fn setup(show: &Show, secrets: &impl Secrets) -> Result<ShowSetup, ShowSetupError> {
    show.check().map_err(|error| ShowSetupError::Show(error.to_string()))?;
    let inputs = show.switchers.iter().map(|one| switcher(one, secrets)).collect::<Result<Vec<_>, _>>()?;
    let beside = match show.programme {
        ProgrammeMode::Own { .. } => None,
        ProgrammeMode::Beside { source, .. } => SourceNumber::new(source),
    };
    let green = match show.green {
        ShowGreen::Preview => GreenRule::PreviewBus,
        ShowGreen::EveryOther => GreenRule::EveryOther,
    };
    Ok(ShowSetup {
        sources: show.sources.iter().map(source).collect::<Result<_, _>>()?,
        names: show.sources.iter().map(|source| source.name.clone()).collect(),
        tally: TallyConfig { cameras: cameras(show, &inputs, beside.is_none()), green },
        outputs: show.outputs.iter().map(|one| output(one, secrets)).collect::<Result<_, _>>()?,
        inputs,
        beside,
    })
}

fn source(source: &ShowSource) -> Result<SourceSpec, ShowSetupError> {
    Ok(match &source.input {
        SourceInput::Test { .. } => SourceSpec::Test,
        SourceInput::File { path, .. } => SourceSpec::File(path.into()),
        SourceInput::V4l2 { device, .. } => SourceSpec::V4l2(device.into()),
        SourceInput::Ndi { name, .. } => SourceSpec::NdiName(name.clone()),
        SourceInput::NdiAddress { address, .. } => SourceSpec::NdiUrl(
            address.parse().map_err(|_| ShowSetupError::Show(format!("{address} is no address and port")))?,
        ),
    })
}

fn switcher(switcher: &ShowSwitcher, secrets: &impl Secrets) -> Result<InputSpec, ShowSetupError> {
    let (usual, kind) = match &switcher.protocol {
        SwitcherProtocol::Vmix { .. } => (Some(8099), Kind::Vmix),
        SwitcherProtocol::Atem { .. } => (Some(9910), Kind::Atem),
        SwitcherProtocol::Obs { password, .. } => {
            let password = password.as_ref().map(|name| secret(name, secrets)).transpose()?;
            (Some(4455), Kind::Obs { password })
        }
        SwitcherProtocol::Tsl {
            version, transport, screen, programme, preview, displays, silence_s, ..
        } => {
            let usual = Meaning::default();
            let lamp = |number: &Option<u8>| number.and_then(Lamp::new);
            let config = TslConfig {
                version: version.map(|version| match version {
                    TslVersion::V31 => Version::V31,
                    TslVersion::V50 => Version::V50,
                }),
                screen: *screen,
                meaning: Meaning {
                    programme: lamp(programme).unwrap_or(usual.programme),
                    preview: lamp(preview).unwrap_or(usual.preview),
                },
                displays: displays
                    .iter()
                    .filter_map(|one| {
                        let (programme, preview) = (Lamp::new(one.programme)?, Lamp::new(one.preview)?);
                        Some((one.display, Meaning { programme, preview }))
                    })
                    .collect(),
                silence: silence_s.map(|seconds| Duration::from_secs(seconds.into())),
            };
            let transport = match transport {
                TslTransport::Udp => Transport::Udp,
                TslTransport::Tcp => Transport::Tcp,
            };
            (None, Kind::Tsl { config, transport })
        }
    };
    let no_port = || ShowSetupError::Show(format!("{} has no port", switcher.name));
    Ok(InputSpec {
        name: SwitcherName::new(switcher.name.clone()),
        kind,
        host: switcher.host.trim_matches(['[', ']']).to_owned(),
        port: switcher.port.or(usual).ok_or_else(no_port)?,
    })
}

/// What feeds each camera: the source that carries it, while we cut, and what the show says of other switchers.
fn cameras(show: &Show, inputs: &[InputSpec], own: bool) -> CameraMap {
    let mut written: BTreeMap<CameraNumber, Vec<Feed>> = BTreeMap::new();
    for (place, source) in show.sources.iter().enumerate() {
        if let Some(camera) = source.camera.filter(|_| own) {
            let feed = Feed::of(BUILT_IN, SourceNumber::at(place).to_string());
            written.entry(camera).or_default().push(feed);
        }
    }
    for camera in &show.cameras {
        let feeds = written.entry(camera.camera).or_default();
        feeds.extend(camera.feeds.iter().filter_map(|feed| {
            let mut links =
                feed.links.iter().map(|link| (proper(&link.switcher, inputs), link.input.clone()));
            let (switcher, input) = links.next()?;
            Some(
                links
                    .fold(Feed::of(switcher, input), |feed, (switcher, input)| feed.through(switcher, input)),
            )
        }));
    }
    let names = show.cameras.iter().filter(|camera| !camera.name.is_empty());
    let names = names.map(|ShowCamera { camera, name, .. }| (*camera, name.clone())).collect();
    // With no feed at all, inputs are cameras by their numbers.
    if written.values().all(Vec::is_empty) {
        written.clear();
    }
    CameraMap::of_show(written, names, inputs)
}

/// A switcher's name as it is spelt where it is made.
fn proper(name: &str, inputs: &[InputSpec]) -> SwitcherName {
    let found = inputs.iter().find(|input| input.name.as_str().eq_ignore_ascii_case(name));
    found.map_or_else(|| SwitcherName::from(BUILT_IN), |input| input.name.clone())
}

fn output(output: &ShowOutput, secrets: &impl Secrets) -> Result<(Layer, PushTarget), ShowSetupError> {
    let OutputTarget::Srt { host, port, stream_id, passphrase, latency_ms, .. } = &output.target;
    let target = PushTarget {
        host: host.trim_matches(['[', ']']).to_owned(),
        port: *port,
        stream_id: stream_id.clone(),
        passphrase: secret(passphrase, secrets)?,
        latency: Duration::from_millis(latency_ms.unwrap_or(20).into()),
    };
    Ok((output.layer, target))
}

fn secret(name: &SecretRef, secrets: &impl Secrets) -> Result<SecretString, ShowSetupError> {
    let name = &name.secret;
    secrets.secret(name).map_err(|why| ShowSetupError::Secret { name: name.clone(), why })
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;

    const SHOW: &str = include_str!("../../../tests/fixtures/protocol/show.v1.json");

    fn folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("obs-studio"), "correct horse\n").unwrap();
        std::fs::write(folder.path().join("truck"), "battery staple\n").unwrap();
        folder
    }

    #[test]
    fn the_show_of_everything_is_understood_whole() {
        let folder = folder();
        let show = Show::parse(SHOW).unwrap();
        let setup = setup(&show, &SecretFiles(Some(folder.path().to_owned()))).unwrap();
        let sources: Vec<String> = setup.sources.iter().map(ToString::to_string).collect();
        assert_eq!(
            sources,
            [
                "test",
                "file:/srv/opener.mp4",
                "v4l2:/dev/video0",
                "ndi:STUDIO (CAM 1)",
                "ndi:url=192.168.1.20:5961"
            ]
        );
        assert_eq!(setup.names.first().map(String::as_str), Some("Bars"));
        let inputs: Vec<_> = setup.inputs.iter().map(|one| (one.name.to_string(), one.port)).collect();
        let expected = [("vMix", 8099), ("OBS", 4455), ("van", 9910), ("umd", 8900)];
        assert_eq!(inputs, expected.map(|(name, port)| (name.to_owned(), port)));
        let password = setup.inputs.iter().find_map(|input| match &input.kind {
            Kind::Obs { password } => password.as_ref(),
            Kind::Vmix | Kind::Atem | Kind::Tsl { .. } => None,
        });
        assert_eq!(password.unwrap().expose_secret(), "correct horse");
        let (layer, target) = setup.outputs.first().unwrap();
        assert_eq!(
            (*layer, target.port, target.passphrase.expose_secret()),
            (Layer::High, 9000, "battery staple")
        );
        assert_eq!(setup.beside, SourceNumber::new(4));
        let cameras = setup.tally.cameras.cameras(std::iter::empty(), &BTreeMap::new());
        let camera = cameras.first().unwrap();
        assert_eq!(
            (camera.name.as_str(), cameras.len()),
            ("무대 왼쪽", 1),
            "beside a switcher only feeds count"
        );
        let through = Feed::of("vMix", "5").through("van", "4");
        assert_eq!(camera.feeds, [through, Feed::of("OBS", "Sony FX3")]);
    }

    #[test]
    fn where_we_cut_a_source_feeds_the_camera_that_it_carries() {
        let text = r#"{"returnfeed_show":1,"name":"Sunday","sources":[
            {"input":{"kind":"test"}},{"camera":7,"input":{"kind":"test"}}],"cameras":[{"camera":7,"name":"Crane"}]}"#;
        let setup = setup(&Show::parse(text).unwrap(), &SecretFiles(None)).unwrap();
        let cameras = setup.tally.cameras.cameras(std::iter::empty(), &BTreeMap::new());
        let camera = cameras.first().unwrap();
        assert_eq!((camera.camera.get(), camera.name.as_str()), (7, "Crane"));
        assert_eq!(camera.feeds, [Feed::of(BUILT_IN, "2")]);
    }

    #[test]
    fn a_secret_that_is_not_here_is_named_and_what_to_do_said() {
        let show = Show::parse(SHOW).unwrap();
        let said = setup(&show, &SecretFiles(None)).unwrap_err().to_string();
        assert!(said.contains("obs-studio") && said.contains("--secrets"), "{said}");
    }
}
