//! Renders the TypeScript: every exported type in one file, the constants, and the samples as typed literals.

use returnfeed_protocol::{self as protocol, show};
use ts_rs::{Config, TS};

use super::samples::Sample;

const HEADER: &str = "\
// GENERATED from core/protocol by `./dev gen`. Do not edit: a change belongs there, and in docs/protocol.md.
";

/// One exported declaration with its documentation.
fn declare<T: TS>(cfg: &Config) -> String {
    let docs = T::docs().unwrap_or_default();
    format!("\n{}\n", compact(&format!("{docs}export {}", T::decl(cfg))))
}

/// One-line comments on one line, and no spaces at the ends of lines.
fn compact(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    lines.join("\n").replace("/**\n * ", "/** ").replace("\n */", " */")
}

macro_rules! declare_all {
    ($cfg:expr, $room:ident, $($name:ident),+ $(,)?) => { [$(declare::<$room::$name>($cfg)),+].concat() };
}

/// `app/src/contract/protocol.ts`.
pub(crate) fn protocol() -> String {
    let cfg = &Config::new().with_large_int("number");
    let types = declare_all!(
        cfg,
        protocol,
        // ids and units
        UserId,
        SessionId,
        ParticipantId,
        InviteId,
        PublishKeyId,
        ViewerId,
        ShowId,
        CameraNumber,
        Bitrate,
        // words
        Layer,
        LayerReason,
        Role,
        SessionState,
        InviteState,
        Wish,
        Registration,
        Problem,
        // tally
        Epoch,
        TallySequence,
        Tally,
        TallyReason,
        CameraLamp,
        TallyState,
        // HTTP bodies
        SetupRequest,
        LoginRequest,
        SecondFactor,
        AccountSummary,
        LoginResponse,
        RefreshBy,
        RegisterRequest,
        RefreshRequest,
        PasswordChange,
        PasswordReset,
        EmailProof,
        SecondFactorBegin,
        SecondFactorSecret,
        SecondFactorConfirm,
        RecoveryCodes,
        RecoveryCodesLeft,
        RecoveryCodesRenewal,
        SecondFactorEnd,
        LoginSummary,
        AccountDeletion,
        CreateAccountInvite,
        OneTimeLink,
        CreateSession,
        SessionSummary,
        SessionCreated,
        SessionPatch,
        JoinRequest,
        JoinResponse,
        StreamGrant,
        SocketTicket,
        Ticket,
        LayerRequest,
        CreateInvite,
        InviteTerms,
        Invite,
        Asker,
        Place,
        PlaceRequest,
        PlaceAnswer,
        ParticipantSummary,
        ParticipantPatch,
        SwapRequest,
        TakeoverDecision,
        PublicKeys,
        PublicKey,
        PublishGrant,
        SrtTarget,
        EncoderLines,
        PublishCredentials,
        // cues and readiness
        CueText,
        CueId,
        Cue,
        CueSheet,
        CueAnswer,
        Answered,
        Signal,
        Ability,
        PictureState,
        Battery,
        // the local network
        LanPeer,
        IceFragment,
        IcePassword,
        CertificateFingerprint,
        LanSide,
        LanOffer,
        LanAddress,
        LanAnswer,
        LanPath,
        Readiness,
        // signing in
        SignInOffer,
        SignInProvider,
        SignInBegin,
        SignInAddress,
        SignInFinish,
        DesktopRequest,
        DesktopCode,
        DesktopLogin,
        // the host's page
        HostUser,
        HostUserPatch,
        HostNow,
        HostProcess,
        HostSession,
        AuditEntry,
        // pages
        Delay,
        Picture,
        PageToCloud,
        CloudToPage,
        // the quality page
        Spread,
        LayerCounts,
        QualityPush,
        QualitySecond,
        QualitySwitch,
        QualityViewer,
        QualityToPage,
        // the director's uplink
        IngestState,
        PageNumber,
        OperatorPresence,
        Acknowledgement,
        DirectorToCloud,
        CloudToDirector,
    );
    let shows = declare_all!(
        cfg,
        show,
        // the show
        SecretRef,
        SourceInput,
        ShowSource,
        ProgrammeMode,
        TslVersion,
        TslTransport,
        SwitcherProtocol,
        TslDisplay,
        ShowSwitcher,
        ShowLink,
        ShowFeed,
        ShowCamera,
        ShowGreen,
        OutputTarget,
        ShowOutput,
        ShowQuality,
        Show,
        // what the cloud says of shows
        ShowDigest,
        ShowEntry,
        ShowPast,
        ShowHistory,
    );
    let constants = [
        (
            "Version of the messages; the previous one is understood too.",
            "PROTOCOL_VERSION",
            u64::from(protocol::PROTOCOL_VERSION),
        ),
        ("Age in ms at which a page shows unknown.", "TALLY_FRESH_MS", protocol::TALLY_FRESH_MS),
        ("How often the director repeats its tally, in ms.", "TALLY_REPEAT_MS", protocol::TALLY_REPEAT_MS),
        (
            "Version of a show that this program writes, and the newest that it reads.",
            "SHOW_VERSION",
            u64::from(protocol::SHOW_VERSION),
        ),
        ("The largest camera number.", "CAMERA_NUMBER_MAX", u64::from(protocol::CameraNumber::MAX)),
    ]
    .map(|(doc, name, value)| format!("\n/** {doc} */\nexport const {name} = {value};\n"))
    .concat();
    format!("{HEADER}{constants}{types}{shows}")
}

/// `app/src/contract/samples.ts`: `tsc` proves that what Rust serialises fits what TypeScript expects.
pub(crate) fn samples(samples: &[Sample]) -> String {
    let mut types: Vec<&str> = samples.iter().map(|sample| sample.typescript).collect();
    types.sort_unstable();
    types.dedup();
    let entries: String = samples
        .iter()
        .map(|Sample { name, typescript, json, .. }| {
            let literal = serde_json::to_string_pretty(json).unwrap();
            format!("\n/** `{name}.json` */\nconst {}: {typescript} = {literal};\n", constant(name))
        })
        .collect();
    let table: String =
        samples.iter().map(|Sample { name, .. }| format!("  \"{name}\": {},\n", constant(name))).collect();
    format!(
        "{HEADER}\nimport type {{\n  {},\n}} from \"./protocol\";\n{entries}\n/** Every golden message by the name of its file. */\nexport const samples = {{\n{table}}};\n",
        types.join(",\n  ")
    )
}

/// `page_to_cloud.hello` -> `page_to_cloud__hello`.
fn constant(name: &str) -> String {
    name.replace('.', "__")
}
