//! What is said to the media plane and what it says.

use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroUsize;
use std::time::{Duration, Instant};

use futures_util::future::BoxFuture;
use returnfeed_protocol::{
    Bitrate, Layer, LayerReason, ParticipantId, Problem, Role, SessionId, StreamId, StreamRequest, ViewerId,
};
use returnfeed_simulcast::Thresholds;
use secrecy::SecretString;

/// Says whether a stream id may push, and with which passphrase.
pub trait Admission: Send + Sync + 'static {
    /// Asked once per SRT handshake, off the packet path; the caller waits up to five seconds.
    fn admit(
        &self,
        stream: StreamId,
        peer: SocketAddr,
    ) -> BoxFuture<'static, Result<Admitted, AdmissionRefusal>>;

    /// Whether others may request a stream, and with which passphrase; asked on the packet path.
    ///
    /// # Errors
    /// When nothing is handed on from here.
    fn serve(&self, request: StreamRequest) -> Result<Admitted, AdmissionRefusal>;
}

/// The right to push.
pub struct Admitted {
    /// The session's.
    pub passphrase: SecretString,
}

/// Why a stream id may not push.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AdmissionRefusal {
    /// No such publish key in this session.
    #[error("the publish key is unknown")]
    KeyUnknown,
    /// The key was good once.
    #[error("the publish key has expired")]
    KeyExpired,
    /// No such session.
    #[error("the session is unknown")]
    SessionUnknown,
    /// The session is over.
    #[error("the session has ended")]
    SessionEnded,
    /// A newer key has taken over.
    #[error("a newer publisher has taken over")]
    Superseded,
    /// The database cannot answer now.
    #[error("the server cannot check the publish key now")]
    Unavailable,
    /// An edge fetches; it is not pushed to, and hands nothing on.
    #[error(
        "this server is an edge, which takes no push: use the address of one with the role all or origin"
    )]
    Edge,
}

/// Addresses and bounds.
#[derive(Debug, Clone)]
pub struct MediaConfig {
    /// Where SRT callers arrive; port 0 lets the system choose.
    pub srt: SocketAddr,
    /// Where WebRTC viewers of the first shard arrive, the others' on the ports that follow; port 0 lets the
    /// system choose for each.
    pub webrtc: SocketAddr,
    /// Threads that serve viewers.
    pub shards: NonZeroUsize,
    /// Named to viewers as candidates; empty: every local address.
    pub public_addresses: Vec<IpAddr>,
    /// Viewer sessions at once.
    pub max_viewers: usize,
    /// Where viewers are moved between the layers.
    pub quality: Thresholds,
    /// The other bounds on them.
    pub limits: super::ViewerLimits,
}

/// The ports in use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalPorts {
    /// UDP.
    pub srt: u16,
    /// UDP, the first shard's.
    pub webrtc: u16,
    /// UDP, one for each shard.
    pub shards: Vec<u16>,
}

/// The media plane cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Somebody else has the port.
    #[error("{what} port {port} is in use; stop the other program or set {setting} to another port")]
    PortInUse {
        /// `SRT` or `WebRTC`.
        what: &'static str,
        /// Which.
        port: u16,
        /// The name of the setting.
        setting: &'static str,
    },
    /// Any other reason.
    #[error("the {what} port cannot be opened on {address}: {cause}; check {setting}")]
    Port {
        /// `SRT` or `WebRTC`.
        what: &'static str,
        /// Where.
        address: SocketAddr,
        /// The name of the setting.
        setting: &'static str,
        /// What the system says.
        cause: std::io::Error,
    },
}

impl StartError {
    pub(super) fn srt(address: SocketAddr, cause: std::io::Error) -> Self {
        Self::of("SRT", "srt_port", address, cause)
    }

    pub(super) fn webrtc(address: SocketAddr, cause: std::io::Error) -> Self {
        Self::of("WebRTC", "webrtc_port", address, cause)
    }

    fn of(what: &'static str, setting: &'static str, address: SocketAddr, cause: std::io::Error) -> Self {
        if cause.kind() == std::io::ErrorKind::AddrInUse {
            Self::PortInUse { what, port: address.port(), setting }
        } else {
            Self::Port { what, address, setting, cause }
        }
    }
}

/// What happened on the media plane.
#[derive(Debug, Clone)]
pub enum MediaEvent {
    /// A layer arrives.
    LayerArrived {
        /// Of this session.
        session: SessionId,
        /// Which.
        layer: Layer,
    },
    /// A layer stopped.
    LayerLost {
        /// Of this session.
        session: SessionId,
        /// Which.
        layer: Layer,
    },
    /// Other layers arrive at another server than before, or none.
    FarPicture {
        /// Of this session.
        session: SessionId,
    },
    /// A layer that arrives does so without something that its encoder sends: sound in another codec, say, or packets
    /// that the way here lost for good. Told after its [`MediaEvent::LayerArrived`].
    IngestImpaired {
        /// Of this session.
        session: SessionId,
        /// Which.
        layer: Layer,
        /// What, and what to do.
        problem: Problem,
    },
    /// A layer that arrives has this shortcoming no longer. Told at each good look, so that one missed is made up for.
    IngestMended {
        /// Of this session.
        session: SessionId,
        /// Which.
        layer: Layer,
        /// The shortcoming's [`Problem::code`].
        code: &'static str,
    },
    /// A push was refused or gives no picture.
    IngestRefused {
        /// Of this session.
        session: SessionId,
        /// Which.
        layer: Layer,
        /// Why, and what to do.
        problem: Problem,
    },
    /// Somebody needs an IDR; at most twice a second for each layer.
    KeyframeWanted {
        /// Of this session.
        session: SessionId,
        /// Which.
        layer: Layer,
    },
    /// A viewer session began.
    ViewerJoined {
        /// In this session.
        session: SessionId,
        /// The viewer session.
        viewer: ViewerId,
        /// Whose.
        participant: ParticipantId,
    },
    /// A viewer session ended.
    ViewerLeft {
        /// In this session.
        session: SessionId,
        /// The viewer session.
        viewer: ViewerId,
        /// Whose.
        participant: ParticipantId,
    },
    /// A viewer session has another layer, or another reason for the one it has.
    LayerSwitched {
        /// In this session.
        session: SessionId,
        /// The viewer session.
        viewer: ViewerId,
        /// Whose.
        participant: ParticipantId,
        /// What it had; `None` at its first picture, the same as `to` where only the reason is new.
        from: Option<Layer>,
        /// What it has.
        to: Layer,
        /// Why.
        reason: LayerReason,
    },
}

/// How a viewer session fares. What its browser has not reported yet is `None`.
#[derive(Debug, Clone, PartialEq)]
pub struct ViewerQuality {
    /// The viewer session.
    pub viewer: ViewerId,
    /// Whose.
    pub participant: ParticipantId,
    /// As what.
    pub role: Role,
    /// The layer that goes out; `None` before the first picture.
    pub layer: Option<Layer>,
    /// The layer that the viewer wishes for, at most.
    pub wanted: Layer,
    /// The layer that it may have, at most.
    pub best: Layer,
    /// Why `layer`, and not the other one.
    pub reason: LayerReason,
    /// Since when it has this layer for this reason.
    pub since: Instant,
    /// Fraction of packets lost over the last second, 0 to 1.
    pub loss: Option<f32>,
    /// Round-trip time over the last second.
    pub rtt: Option<Duration>,
    /// What its network carries, as estimated.
    pub bandwidth: Option<Bitrate>,
    /// Interarrival jitter of its video (RFC 3550 6.4.1).
    pub jitter: Option<Duration>,
    /// How long its browser is told to hold a picture, at least, so that it plays smoothly.
    pub playout_delay: Duration,
}

/// Someone asks for the picture.
#[derive(Debug)]
pub struct JoinViewer {
    /// Of this session.
    pub session: SessionId,
    /// Who.
    pub participant: ParticipantId,
    /// As what.
    pub role: Role,
    /// The layer asked for; the best allowed if none.
    pub layer: Option<Layer>,
    /// Best layer they may have.
    pub max_layer: Layer,
    /// From where they ask.
    pub address: IpAddr,
    /// When their right to the picture ends.
    pub until: Instant,
    /// SDP.
    pub offer: String,
}

/// The viewer session that was made.
#[derive(Debug)]
pub struct ViewerAnswer {
    /// Its id.
    pub viewer: ViewerId,
    /// SDP.
    pub answer: String,
    /// Strong entity tag, with its quotes.
    pub etag: String,
}

/// Why there is no viewer session.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JoinRefusal {
    /// The offer is none.
    #[error("the SDP offer cannot be used: {0}")]
    SdpInvalid(String),
    /// The browser cannot play what is sent.
    #[error(
        "the SDP offer has no H.264 with packetization-mode=1; use a browser that plays H.264 over WebRTC"
    )]
    H264Missing,
    /// Nobody pushes.
    #[error("nobody publishes in this session now; try again in a moment")]
    NoPublisher,
    /// Only a layer arrives that this viewer may not have.
    #[error("only the {present} layer arrives, which this role does not receive")]
    NoLayerForRole {
        /// What arrives.
        present: Layer,
    },
    /// As many as configured.
    #[error("the server has as many viewers as it takes; try again in a moment")]
    Full,
    /// As many as configured for one session.
    #[error("the session has as many viewers as it takes; try again in a moment")]
    SessionFull,
    /// As many as configured for one participant.
    #[error(
        "this participant has as many viewer sessions as it may; end one of them, or wait until they end"
    )]
    TooManyOfParticipant,
    /// As many as configured for one address that have not connected.
    #[error("too many viewer sessions of this address have not connected yet; try again in a moment")]
    TooManyUnfinished,
    /// The server is on its way down.
    #[error("the server is stopping")]
    Stopping,
}

/// Why a viewer session keeps its layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SelectRefusal {
    /// This participant has no such viewer session.
    #[error("there is no such viewer session")]
    NotFound,
    /// It does not arrive now.
    #[error("the {0} layer does not arrive now")]
    Absent(Layer),
}
