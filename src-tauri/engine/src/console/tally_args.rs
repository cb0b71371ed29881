//! What of the command line concerns tally, checked once.
//!
//! Refuses a camera of a switcher that is not named. Invariant: a [`TallySetup`] needs no further checks.

use clap::{Args, ValueEnum};
use returnfeed_tally::GreenRule;

use super::setup::SetupError;
use crate::controller::TallyConfig;
use crate::inputs::{CameraMap, InputSpec};
use crate::lan::LanConfig;
use crate::outputs::OutputSpec;

/// Foreign switchers and what they mean.
#[derive(Debug, Clone, Args)]
pub struct TallyArgs {
    /// Tally of another switcher: vmix:HOST, obs:HOST?password-file=FILE, atem:HOST or tsl:ADDRESS:PORT; repeat it, and
    /// name it with NAME= in front.
    #[arg(long = "tally", value_name = "SWITCHER")]
    pub tallies: Vec<String>,
    /// Which input is which camera: N=SWITCHER:INPUT, the input by number or by name; repeat it. Further switchers on the
    /// way follow with +SWITCHER:INPUT. Without any, input n of each --tally is camera n.
    #[arg(long = "camera", value_name = "CAMERA")]
    pub cameras: Vec<String>,
    /// Tell our lamps to others, too: vmix:ADDRESS for lamps that know vMix, tsl:HOST:PORT for displays,
    /// http:ADDRESS:PORT?token-file=FILE for programs of your own, page:ADDRESS for operators' phones on this network, whom
    /// the cloud lets in, also while it is away (?keys-file=FILE: also from the start); repeat it.
    #[arg(long = "out", value_name = "OUTPUT")]
    pub outputs: Vec<String>,
    /// Where operators' pages on the same network hear us without the cloud, once it has introduced them: UDP, or off.
    #[arg(long, value_name = "ADDRESS", default_value = "0.0.0.0:8444")]
    pub lan: String,
    /// What GREEN means.
    #[arg(long, value_name = "RULE", value_enum, default_value_t = Green::Preview)]
    pub green: Green,
}

/// What GREEN means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Green {
    /// The camera is on the preview bus.
    Preview,
    /// The show has no preview: every camera that is not RED.
    EveryOther,
}

/// Arguments that were understood.
#[derive(Debug, Clone)]
pub(super) struct TallySetup {
    pub(super) inputs: Vec<InputSpec>,
    pub(super) outputs: Vec<OutputSpec>,
    pub(super) tally: TallyConfig,
}

impl TallyArgs {
    pub(super) fn outputs(&self) -> Result<Vec<OutputSpec>, SetupError> {
        Ok(self.outputs.iter().map(|text| OutputSpec::parse(text)).collect::<Result<_, _>>()?)
    }

    pub(super) fn lan(&self) -> Result<Option<LanConfig>, SetupError> {
        if self.lan == "off" {
            return Ok(None);
        }
        let listen = self.lan.parse().map_err(|_| SetupError::Lan { got: self.lan.clone() })?;
        Ok(Some(LanConfig { listen }))
    }

    pub(super) fn setup(&self) -> Result<TallySetup, SetupError> {
        let inputs = InputSpec::parse_all(&self.tallies)?;
        let outputs = self.outputs()?;
        let cameras = CameraMap::parse(&self.cameras, &inputs)?;
        let green = match self.green {
            Green::Preview => GreenRule::PreviewBus,
            Green::EveryOther => GreenRule::EveryOther,
        };
        Ok(TallySetup { inputs, outputs, tally: TallyConfig { cameras, green } })
    }
}
