//! An SRT server as an argument names it.

use std::time::Duration;

use super::setup::SetupError;
use crate::push::PushTarget;

/// Reads `srt://HOST:PORT?passphrase=…&streamid=…&latency=MS`. A stream id may hold `#` as it is.
pub(super) fn srt_target(text: &str) -> Result<PushTarget, SetupError> {
    let shown = text.split('?').next().unwrap_or_default().to_owned();
    let wrong = |what| SetupError::Srt { got: shown.clone(), what };
    let url = reqwest::Url::parse(&text.replace('#', "%23")).map_err(|_| wrong("not a URL"))?;
    if url.scheme() != "srt" {
        return Err(wrong("it does not begin with srt://"));
    }
    let host = url.host_str().filter(|host| !host.is_empty()).ok_or_else(|| wrong("no host"))?;
    let port = url.port().ok_or_else(|| wrong("no port"))?;
    let query = |key: &str| url.query_pairs().find(|(k, _)| k == key).map(|(_, value)| value.into_owned());
    let passphrase = query("passphrase").ok_or_else(|| wrong("no passphrase; AES-256 is always used"))?;
    let latency = query("latency").unwrap_or_else(|| "20".to_owned());
    Ok(PushTarget {
        host: host.trim_matches(['[', ']']).to_owned(),
        port,
        stream_id: query("streamid").unwrap_or_default(),
        passphrase: passphrase.into(),
        latency: latency
            .parse()
            .map(Duration::from_millis)
            .map_err(|_| wrong("latency is not a number of ms"))?,
    })
}
