//! The setting `quality_rule`: where the rule that moves viewers between the layers draws its lines.

use std::str::FromStr;
use std::time::Duration;

use returnfeed_protocol::Bitrate;
use returnfeed_simulcast::Thresholds;
use serde::Deserialize;

/// The names, as in the default.
const NAMES: &str =
    "down_loss=0.03,down_rtt_ms=150,down_kbps=200,up_loss=0.01,up_rtt_ms=100,up_kbps=1500,cooldown_ms=5000";

/// The lines, as they were given; those that were not stand at their defaults.
#[derive(Debug, Clone, Copy, PartialEq, Default, Deserialize)]
#[serde(try_from = "String")]
pub struct QualityRule(pub Thresholds);

/// A line that cannot be drawn.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QualityRuleError {
    /// Not `name=number`, or no such name.
    #[error("{0:?} is no line of the quality rule; give some of {NAMES}")]
    Unknown(String),
    /// The number is none, or out of range.
    #[error("{0:?} has no number that can be used there; the defaults are {NAMES}")]
    Number(String),
    /// A viewer would climb into what it falls from.
    #[error("the way up must ask for no less than the way down: up_{0} against down_{0}")]
    Crossed(&'static str),
}

impl FromStr for QualityRule {
    type Err = QualityRuleError;

    fn from_str(text: &str) -> Result<Self, QualityRuleError> {
        let mut lines = Thresholds::default();
        for pair in text.split(',').map(str::trim).filter(|pair| !pair.is_empty()) {
            let number = || QualityRuleError::Number(pair.to_owned());
            let (name, value) =
                pair.split_once('=').ok_or_else(|| QualityRuleError::Unknown(pair.to_owned()))?;
            let fraction = || match value.parse::<f32>() {
                Ok(fraction) if (0.0..=1.0).contains(&fraction) => Ok(fraction),
                Ok(_) | Err(_) => Err(number()),
            };
            let whole = || value.parse::<u32>().map_err(|_| number());
            let ms = || whole().map(|ms| Duration::from_millis(u64::from(ms)));
            let kbps = || whole().map(|kbps| Bitrate(u64::from(kbps) * 1_000));
            match name {
                "down_loss" => lines.down_loss = fraction()?,
                "down_rtt_ms" => lines.down_rtt = ms()?,
                "down_kbps" => lines.down_bandwidth = kbps()?,
                "up_loss" => lines.up_loss = fraction()?,
                "up_rtt_ms" => lines.up_rtt = ms()?,
                "up_kbps" => lines.up_bandwidth = kbps()?,
                "cooldown_ms" => lines.cooldown = ms()?,
                _ => return Err(QualityRuleError::Unknown(pair.to_owned())),
            }
        }
        if lines.up_loss > lines.down_loss {
            Err(QualityRuleError::Crossed("loss"))
        } else if lines.up_rtt > lines.down_rtt {
            Err(QualityRuleError::Crossed("rtt_ms"))
        } else if lines.up_bandwidth < lines.down_bandwidth {
            Err(QualityRuleError::Crossed("kbps"))
        } else {
            Ok(Self(lines))
        }
    }
}

impl TryFrom<String> for QualityRule {
    type Error = QualityRuleError;

    fn try_from(text: String) -> Result<Self, QualityRuleError> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_given_stands_at_its_default() {
        assert_eq!("".parse(), Ok(QualityRule::default()));
        assert_eq!(NAMES.parse(), Ok(QualityRule::default()));
        let Ok(QualityRule(lines)) = "down_rtt_ms=300, up_rtt_ms=250".parse() else { panic!("refused") };
        assert_eq!((lines.down_rtt, lines.up_rtt), (Duration::from_millis(300), Duration::from_millis(250)));
        assert_eq!(lines.up_bandwidth, Bitrate(1_500_000));
    }

    #[test]
    fn what_cannot_be_drawn_is_named() {
        for (text, word) in [
            ("down_rtt=150", "down_rtt=150"),
            ("down_loss", "down_loss"),
            ("down_loss=3", "down_loss=3"),
            ("down_loss=NaN", "NaN"),
            ("up_kbps=-1", "up_kbps=-1"),
            ("up_loss=0.05", "up_loss against down_loss"),
            ("up_rtt_ms=151", "up_rtt_ms against"),
            ("up_kbps=100", "up_kbps against"),
        ] {
            let error = text.parse::<QualityRule>().unwrap_err().to_string();
            assert!(error.contains(word), "{text}: {error}");
        }
    }
}
