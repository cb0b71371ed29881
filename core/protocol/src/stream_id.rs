//! The SRT stream id in the access-control form (`#!::key=value,...`, SRT Access Control Guidelines).
//!
//! It travels in clear: it names a session and a key, and carries no secret. GStreamer percent-decodes it from
//! a URI, ffmpeg and srt-live-transmit send it as typed; both forms are read.

use std::fmt;
use std::time::Duration;

use crate::{Layer, PublishKeyId, SessionId};

/// What a caller wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StreamMode {
    /// To push.
    Publish,
}

/// A parsed stream id: `#!::m=publish,r=<session id>,layer=high|low,k=<publish key id>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamId {
    /// `m`.
    pub mode: StreamMode,
    /// `r`: chooses the passphrase.
    pub session: SessionId,
    /// `layer`; absent means high.
    pub layer: Layer,
    /// `k`: the right to push.
    pub key: PublishKeyId,
}

/// Another server asks for what arrives here: `#!::m=request,r=<session id>,layer=high|low`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct StreamRequest {
    /// `r`.
    pub session: SessionId,
    /// `layer`; absent means high.
    pub layer: Layer,
}

/// Measures the way of a push before there is one: `#!::m=probe,r=<session id>,k=<publish key id>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StreamProbe {
    /// `r`: chooses the passphrase.
    pub session: SessionId,
    /// `k`: the right to push is the right to measure.
    pub key: PublishKeyId,
}

impl StreamProbe {
    /// How long one may take.
    pub const LONGEST: Duration = Duration::from_secs(12);
    /// What one may send in all, in bytes: 2 Mbit/s for as long.
    pub const MOST_BYTES: u64 = 3_000_000;

    /// The push that it measures the way of.
    pub const fn push(self) -> StreamId {
        let Self { session, key } = self;
        StreamId { mode: StreamMode::Publish, session, layer: Layer::High, key }
    }
}

/// What a caller asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StreamAsk {
    /// To push.
    Publish(StreamId),
    /// To measure the way of a push.
    Probe(StreamProbe),
    /// To be sent a stream.
    Request(StreamRequest),
}

/// Why a stream id cannot be used. The sentences are for the person at the encoder.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StreamIdError {
    /// It does not begin as the form demands.
    #[error("the stream id must begin with \"#!::\"; copy the whole SRT address from the session page")]
    NotAccessControl,
    /// A key that must be there is not, or its value is not understood.
    #[error("the stream id's {key:?} is {what}; copy the whole SRT address from the session page")]
    Bad {
        /// Which key.
        key: &'static str,
        /// `missing`, `not understood`.
        what: &'static str,
    },
}

impl StreamId {
    /// The longest stream id that SRT carries, in bytes (draft-sharabayko-srt, 3.2.1.3).
    pub const MAX_LEN: usize = 512;

    /// Reads the stream id of one who pushes.
    ///
    /// # Errors
    /// Names the key that is missing or not understood.
    pub fn parse(text: &str) -> Result<Self, StreamIdError> {
        match StreamAsk::parse(text)? {
            StreamAsk::Publish(id) => Ok(id),
            StreamAsk::Probe(_) | StreamAsk::Request(_) => {
                Err(StreamIdError::Bad { key: "m", what: "not understood" })
            }
        }
    }
}

impl StreamAsk {
    /// Reads a stream id as it came from a handshake. Unknown keys are passed over, as the guidelines ask.
    ///
    /// # Errors
    /// Names the key that is missing or not understood.
    pub fn parse(text: &str) -> Result<Self, StreamIdError> {
        let decoded;
        let text = if text.len() >= 3 && text.as_bytes()[..3].eq_ignore_ascii_case(b"%23") {
            decoded = percent_decode(text);
            decoded.as_str()
        } else {
            text
        };
        let fields = text.strip_prefix("#!::").ok_or(StreamIdError::NotAccessControl)?;
        let field = |key: &'static str| {
            fields.split(',').filter_map(|pair| pair.split_once('=')).find(|(k, _)| *k == key).map(|(_, v)| v)
        };
        let missing = |key| StreamIdError::Bad { key, what: "missing" };
        let unclear = |key| StreamIdError::Bad { key, what: "not understood" };
        let session = || field("r").ok_or(missing("r"))?.parse().map_err(|_| unclear("r"));
        let layer = || match field("layer") {
            Some(word) => word.parse().map_err(|_| unclear("layer")),
            None => Ok(Layer::High),
        };
        let key = || field("k").ok_or(missing("k"))?.parse().map_err(|_| unclear("k"));
        match field("m") {
            Some("publish") => Ok(Self::Publish(StreamId {
                mode: StreamMode::Publish,
                session: session()?,
                layer: layer()?,
                key: key()?,
            })),
            Some("probe") => Ok(Self::Probe(StreamProbe { session: session()?, key: key()? })),
            Some("request") => Ok(Self::Request(StreamRequest { session: session()?, layer: layer()? })),
            Some(_) => Err(unclear("m")),
            None => Err(missing("m")),
        }
    }
}

impl fmt::Display for StreamId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { mode: StreamMode::Publish, session, layer, key } = self;
        write!(f, "#!::m=publish,r={session},layer={layer},k={key}")
    }
}

impl fmt::Display for StreamProbe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { session, key } = self;
        write!(f, "#!::m=probe,r={session},k={key}")
    }
}

impl fmt::Display for StreamRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { session, layer } = self;
        write!(f, "#!::m=request,r={session},layer={layer}")
    }
}

/// Undoes percent-encoding (RFC 3986 2.1); what is not an escape stays as it is.
fn percent_decode(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let escaped = (first == b'%')
            .then(|| tail.get(..2))
            .flatten()
            .and_then(|hex| std::str::from_utf8(hex).ok())
            .filter(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit()))
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match escaped {
            Some(byte) => {
                out.push(byte);
                rest = tail.get(2..).unwrap_or_default();
            }
            None => {
                out.push(first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> StreamId {
        StreamId {
            mode: StreamMode::Publish,
            session: SessionId::from_parts(1, [1; 10]),
            layer: Layer::Low,
            key: PublishKeyId::from_parts(2, [2; 10]),
        }
    }

    #[test]
    fn a_stream_id_survives_text() {
        assert_eq!(StreamId::parse(&sample().to_string()), Ok(sample()));
    }

    #[test]
    fn a_request_is_no_push_and_names_no_key() {
        let request = StreamRequest { session: SessionId::from_parts(1, [1; 10]), layer: Layer::Low };
        let text = request.to_string();
        assert_eq!(StreamAsk::parse(&text), Ok(StreamAsk::Request(request)));
        assert_eq!(StreamAsk::parse(&sample().to_string()), Ok(StreamAsk::Publish(sample())));
        assert!(matches!(StreamId::parse(&text), Err(StreamIdError::Bad { key: "m", .. })));
        let bare = StreamAsk::parse("#!::m=request");
        assert_eq!(bare, Err(StreamIdError::Bad { key: "r", what: "missing" }));
    }

    #[test]
    fn a_probe_is_no_push_and_names_the_key_of_one() {
        let StreamId { session, key, .. } = sample();
        let probe = StreamProbe { session, key };
        let text = probe.to_string();
        assert_eq!(StreamAsk::parse(&text), Ok(StreamAsk::Probe(probe)));
        assert_eq!(probe.push(), StreamId { layer: Layer::High, ..sample() });
        assert!(matches!(StreamId::parse(&text), Err(StreamIdError::Bad { key: "m", .. })));
        let keyless = StreamAsk::parse(&text.replace(",k=", ",x="));
        assert_eq!(keyless, Err(StreamIdError::Bad { key: "k", what: "missing" }));
    }

    #[test]
    fn a_percent_encoded_stream_id_is_read() {
        let text = sample().to_string().replace('#', "%23").replace('!', "%21").replace(':', "%3A");
        assert_eq!(StreamId::parse(&text), Ok(sample()));
        assert_eq!(StreamId::parse("%23%2"), Err(StreamIdError::NotAccessControl));
        assert_eq!(StreamId::parse("%23\u{ac00}%+1"), Err(StreamIdError::NotAccessControl));
    }

    #[test]
    fn no_layer_means_high_and_unknown_keys_are_passed_over() {
        let text = sample().to_string().replace("layer=low", "u=somebody");
        assert_eq!(StreamId::parse(&text).unwrap().layer, Layer::High);
    }

    #[test]
    fn each_refusal_names_the_key() {
        let text = sample().to_string();
        let cases = [
            ("live/stream".to_owned(), StreamIdError::NotAccessControl),
            (text.replace("m=publish", "m=request"), StreamIdError::Bad { key: "m", what: "not understood" }),
            (text.replace(",k=", ",x="), StreamIdError::Bad { key: "k", what: "missing" }),
            (
                text.replace("layer=low", "layer=4k"),
                StreamIdError::Bad { key: "layer", what: "not understood" },
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(StreamId::parse(&text), Err(expected), "{text}");
        }
    }
}
