//! The media plane as the rest of the server sees it: SRT in, WHEP out.
//!
//! It refuses to know accounts, tokens and SQL: who may push is asked of an [`Admission`].

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use futures_util::future::BoxFuture;
use returnfeed_protocol::{Layer, ParticipantId, Picture, Problem, Role, SessionId, StreamId, ViewerId};
use secrecy::SecretString;
use tokio::sync::broadcast;

/// Says whether a stream id may push, and with which passphrase.
pub trait Admission: Send + Sync + 'static {
    /// Asked once per SRT handshake, off the packet path.
    fn admit(
        &self,
        stream: StreamId,
        peer: SocketAddr,
    ) -> BoxFuture<'static, Result<Admitted, AdmissionRefusal>>;
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
}

/// Addresses and bounds.
#[derive(Debug, Clone)]
pub struct MediaConfig {
    /// Where SRT callers arrive.
    pub srt: SocketAddr,
    /// Where WebRTC viewers arrive.
    pub webrtc: SocketAddr,
    /// Named to viewers as candidates; empty: every local address.
    pub public_addresses: Vec<IpAddr>,
    /// Viewer sessions at once.
    pub max_viewers: usize,
}

/// The media plane cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {}

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
    /// A push cannot be used.
    IngestRefused {
        /// Of this session.
        session: SessionId,
        /// Which.
        layer: Layer,
        /// Why, and what to do.
        problem: Problem,
    },
    /// Somebody needs an IDR.
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
}

/// Someone asks for the picture.
pub struct JoinViewer {
    /// Of this session.
    pub session: SessionId,
    /// Who.
    pub participant: ParticipantId,
    /// As what.
    pub role: Role,
    /// The layer asked for.
    pub layer: Option<Layer>,
    /// Best layer they may have.
    pub max_layer: Layer,
    /// SDP.
    pub offer: String,
}

/// The viewer session that was made.
pub struct ViewerAnswer {
    /// Its id.
    pub viewer: ViewerId,
    /// SDP.
    pub answer: String,
    /// The layer given.
    pub layer: Layer,
    /// Strong entity tag.
    pub etag: String,
}

/// Why there is no viewer session.
#[derive(Debug, thiserror::Error)]
pub enum JoinRefusal {
    /// Nobody pushes.
    #[error("nobody publishes in this session")]
    NoPublisher,
}

/// The facade; cheap to clone.
#[derive(Clone)]
pub struct MediaPlane {
    events: broadcast::Sender<MediaEvent>,
}

impl MediaPlane {
    /// Opens both ports.
    ///
    /// # Errors
    /// When a port is in use.
    pub async fn start(_config: MediaConfig, _admission: Arc<dyn Admission>) -> Result<Self, StartError> {
        Ok(Self { events: broadcast::channel(256).0 })
    }

    /// What happens from now on.
    pub fn events(&self) -> broadcast::Receiver<MediaEvent> {
        self.events.subscribe()
    }

    /// Layers that arrive now.
    pub fn picture(&self, _session: SessionId) -> Picture {
        Picture { layers: Vec::new() }
    }

    /// How many viewer sessions there are.
    pub fn viewers(&self, _session: SessionId) -> u32 {
        0
    }

    /// Makes a viewer session.
    ///
    /// # Errors
    /// See [`JoinRefusal`].
    pub async fn join(&self, _viewer: JoinViewer) -> Result<ViewerAnswer, JoinRefusal> {
        Err(JoinRefusal::NoPublisher)
    }

    /// Ends every publisher and viewer of a session.
    pub fn end_session(&self, _session: SessionId) {}

    /// Ends every viewer session of a participant.
    pub fn end_participant(&self, _participant: ParticipantId) {}

    /// Whether the publisher can be asked for an IDR (its uplink is open).
    pub fn set_keyframes_on_request(&self, _session: SessionId, _on_request: bool) {}

    /// Ends everything.
    pub async fn shutdown(self) {}
}
