//! Words, ids, units and every message that crosses a process: desktop, cloud, page.
//!
//! This crate refuses to know how a message travels. TypeScript is generated from it, never written by hand,
//! and `docs/protocol.md` changes in the same commit.
//!
//! Invariant: what one end serialises, the other end of the same or the previous protocol version parses.

mod account;
mod api;
mod credentials;
mod cue;
mod grant;
mod host;
mod id;
mod invite;
mod keys;
mod lan;
mod operator;
mod page;
mod place;
mod problem;
mod quality;
mod readiness;
mod second_factor;
pub mod show;
mod signin;
mod stream_id;
mod tally;
mod ticket;
mod unit;
mod uplink;
mod word;

pub use account::{
    AccountDeletion, CreateAccountInvite, EmailProof, LoginSummary, OneTimeLink, PasswordChange,
    PasswordReset, RefreshBy, RefreshRequest, RegisterRequest,
};
pub use api::{
    AccountSummary, CreateSession, JoinRequest, JoinResponse, LayerRequest, LoginRequest, LoginResponse,
    SessionCreated, SessionPatch, SessionSummary, SetupRequest, StreamGrant,
};
pub use credentials::{EncoderLines, PublishCredentials};
pub use cue::{Answered, Cue, CueAnswer, CueId, CueSheet, CueText, NotACue, Signal};
pub use grant::{PublishGrant, SrtTarget};
pub use host::{AuditEntry, HostNow, HostProcess, HostSession, HostUser, HostUserPatch};
pub use id::{InviteId, ParticipantId, PublishKeyId, SessionId, ShowId, UserId, ViewerId};
pub use invite::{CreateInvite, Invite, InviteTerms};
pub use keys::{PublicKey, PublicKeys};
pub use lan::{
    CertificateFingerprint, IceFragment, IcePassword, LanAddress, LanAnswer, LanOffer, LanPath, LanPeer,
    LanSide, NotOfAPeer,
};
pub use operator::{Acknowledgement, OperatorPresence, PageNumber};
pub use page::{CloudToPage, Delay, PageToCloud, Picture};
pub use place::{
    Asker, ParticipantPatch, ParticipantSummary, Place, PlaceAnswer, PlaceRequest, SwapRequest,
    TakeoverDecision,
};
pub use problem::Problem;
pub use quality::{
    LayerCounts, QualityPush, QualitySecond, QualitySwitch, QualityToPage, QualityViewer, Spread,
};
pub use readiness::{Ability, Battery, PictureState, Readiness};
pub use second_factor::{
    RecoveryCodes, RecoveryCodesLeft, RecoveryCodesRenewal, SecondFactor, SecondFactorBegin,
    SecondFactorConfirm, SecondFactorEnd, SecondFactorSecret,
};
pub use show::{
    SHOW_MAX_BYTES, SHOW_NAME_LONGEST, SHOW_VERSION, Show, ShowDigest, ShowEntry, ShowError, ShowHistory,
    ShowPast,
};
pub use signin::{
    DesktopCode, DesktopLogin, DesktopRequest, SignInAddress, SignInBegin, SignInFinish, SignInOffer,
    SignInProvider,
};
pub use stream_id::{StreamAsk, StreamId, StreamIdError, StreamMode, StreamProbe, StreamRequest};
pub use tally::{CameraLamp, Epoch, Tally, TallyReason, TallySequence, TallyState};
pub use ticket::{SocketTicket, Ticket};
pub use unit::{Bitrate, CameraNumber, MediaTime, OutOfRange};
pub use uplink::{CloudToDirector, DirectorToCloud, IngestState};
pub use word::{InviteState, Layer, LayerReason, Registration, Role, SessionState, UnknownWord, Wish};

/// Version of the messages between desktop, cloud and page. A peer of this version or the one before it is
/// understood; any other is told in a sentence which side to update.
pub const PROTOCOL_VERSION: u16 = 1;

/// How long a page may show a tally after the director's last word, in milliseconds: its age on arrival plus
/// the time since. Chosen so that 3 s holds end to end with half a second of network.
pub const TALLY_FRESH_MS: u64 = 2_500;

/// How often the director repeats its whole tally, in milliseconds.
pub const TALLY_REPEAT_MS: u64 = 1_000;
