//! By plain RTP on loopback, to Janus and webrtcbin: the same payloads that our server makes of the same units.

use std::net::{SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use returnfeed_media::rtp::{Payload, packetize_h264, packetize_opus};
use returnfeed_media::{Track, Unit};

use super::Way;

/// As our server cuts them.
const MAX_PAYLOAD: usize = 1_160;
/// The payload types that the servers' configurations name.
pub(crate) const VIDEO: u8 = 102;
pub(crate) const AUDIO: u8 = 111;
/// The streams' sources.
pub(crate) const VIDEO_SSRC: u32 = 0x0001_0001;
pub(crate) const AUDIO_SSRC: u32 = 0x0002_0002;

/// Two RTP streams.
pub(crate) struct Rtp {
    socket: UdpSocket,
    video: Sender,
    audio: Sender,
}

struct Sender {
    to: SocketAddr,
    payload_type: u8,
    ssrc: u32,
    seq: u16,
}

impl Rtp {
    pub(crate) fn new(video: SocketAddr, audio: SocketAddr) -> anyhow::Result<Self> {
        let sender = |to, payload_type, ssrc| Sender { to, payload_type, ssrc, seq: 1 };
        Ok(Self {
            socket: UdpSocket::bind((video.ip(), 0))?,
            video: sender(video, VIDEO, VIDEO_SSRC),
            audio: sender(audio, AUDIO, AUDIO_SSRC),
        })
    }
}

impl Sender {
    /// RFC 3550 5.1.
    fn packet(&mut self, payload: &Payload, timestamp: u32) -> Vec<u8> {
        let marker = if payload.marker { 0x80 } else { 0 };
        let mut packet = vec![0x80, marker | self.payload_type];
        packet.extend(self.seq.to_be_bytes());
        packet.extend(timestamp.to_be_bytes());
        packet.extend(self.ssrc.to_be_bytes());
        packet.extend_from_slice(&payload.data);
        self.seq = self.seq.wrapping_add(1);
        packet
    }
}

impl Way for Rtp {
    fn open(&mut self) -> anyhow::Result<()> {
        Ok(())
    }

    fn send(&mut self, unit: &Unit) -> anyhow::Result<()> {
        let (sender, payloads, timestamp) = match unit.track {
            Track::Video => (&mut self.video, packetize_h264(&unit.data, MAX_PAYLOAD), unit.pts.0),
            Track::Audio => (&mut self.audio, vec![packetize_opus(&unit.data)], unit.pts.0 * 48 / 90),
        };
        for payload in payloads {
            let packet = sender.packet(&payload, timestamp as u32);
            // Nobody listens yet, or no longer: that is seen at the viewers.
            let _ = self.socket.send_to(&packet, sender.to);
        }
        Ok(())
    }

    fn wait(&mut self, until: Instant) -> anyhow::Result<()> {
        let wait = until.saturating_duration_since(Instant::now());
        if wait > Duration::ZERO {
            std::thread::sleep(wait);
        }
        Ok(())
    }
}
