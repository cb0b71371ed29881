//! What offer and answer agreed upon for a section: its payload types, the ids of its extensions, the numbers it begins
//! with.

use returnfeed_rtp::{ExtensionId, ExtensionIds, Outgoing};
use str0m::Rtc;
use str0m::format::Codec;
use str0m::media::{MediaKind, Mid, Pt};
use str0m::rtp::{Extension, ExtensionMap, Ssrc};

use crate::egress::flow::{Line, Resend};
use crate::egress::offer;

/// Ticks of a second: H.264 (RFC 6184 8.2.1), Opus (RFC 7587 4.1).
const VIDEO_CLOCK: u32 = 90_000;
const AUDIO_CLOCK: u32 = 48_000;

/// The line of a section, and where its packets are sent again; nothing if there is no codec that both know.
pub(super) fn of(rtc: &mut Rtc, mid: Mid, kind: MediaKind, offer: &str) -> Option<(Line, Option<Resend>)> {
    let media = rtc.media(mid)?;
    // Each browser numbers the payload types as it likes.
    let offered = media.remote_pts();
    let (codec, mode, clock) = match kind {
        MediaKind::Video => (Codec::H264, Some(1), VIDEO_CLOCK),
        MediaKind::Audio => (Codec::Opus, None, AUDIO_CLOCK),
    };
    // In our order: constrained baseline first.
    let params = rtc.codec_config().params().iter().find(|params| {
        let spec = params.spec();
        offered.contains(&params.pt())
            && spec.codec == codec
            && (mode.is_none() || spec.format.packetization_mode == mode)
    })?;
    let (payload_type, resend_type) = (params.pt(), params.resend());
    let ids = ids(media.remote_extmap());
    let mut direct = rtc.direct_api();
    let stream = direct.stream_tx_by_mid(mid, None)?;
    let line = |ssrc: Ssrc, payload_type: Pt| Line {
        outgoing: Outgoing::new(*ssrc, clock),
        payload_type: *payload_type,
        ids,
        mid: mid.as_bytes().into(),
        bound: false,
    };
    let again = stream.rtx().zip(resend_type).filter(|(_, again)| offer::repeats_on(offer, **again));
    let again = again.map(|(ssrc, again)| Resend { line: line(ssrc, again), next_seq: first_seq().into() });
    Some((line(stream.ssrc(), payload_type), again))
}

/// Under which numbers the viewer takes what we have to say.
fn ids(taken: &ExtensionMap) -> ExtensionIds {
    let id = |extension| taken.id_of(extension).and_then(ExtensionId::new);
    ExtensionIds {
        mid: id(Extension::RtpMid),
        transport_seq: id(Extension::TransportSequenceNumber),
        playout_delay: id(Extension::PlayoutDelay),
        captured: id(Extension::AbsoluteCaptureTime),
    }
}

/// Random and well below 65 536: SRTP's rollover counter begins with 0 (RFC 3711 3.3.1), and an early wrap would
/// cost whoever misses the packets around it.
pub(super) fn first_seq() -> u16 {
    u16::from_be_bytes(random()) & 0x7fff
}

pub(super) fn first_timestamp() -> u32 {
    u32::from_be_bytes(random())
}

fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    aws_lc_rs::rand::fill(&mut bytes).expect("the system has randomness");
    bytes
}
