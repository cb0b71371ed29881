//! One sample of every message variant and every HTTP body: what the golden files hold.
//!
//! The `match`es without a wildcard are the guard: a new variant does not compile until it has a sample here.

use returnfeed_protocol::{
    Ability, AccountDeletion, AccountSummary, Acknowledgement, Answered, Battery, CameraLamp, CameraNumber,
    CloudToDirector, CloudToPage, CreateAccountInvite, CreateSession, Cue, CueAnswer, CueId, CueSheet, Delay,
    DirectorToCloud, EmailProof, Epoch, IngestState, JoinRequest, JoinResponse, Layer, LayerRequest,
    LoginRequest, LoginResponse, LoginSummary, OneTimeLink, OperatorPresence, PROTOCOL_VERSION, PageNumber,
    PageToCloud, ParticipantId, PasswordChange, PasswordReset, Picture, PictureState, Problem, PublishGrant,
    PublishKeyId, Readiness, RecoveryCodes, RecoveryCodesLeft, RecoveryCodesRenewal, RefreshBy,
    RefreshRequest, RegisterRequest, Role, SecondFactor, SecondFactorBegin, SecondFactorConfirm,
    SecondFactorEnd, SecondFactorSecret, SessionCreated, SessionId, SessionPatch, SessionState,
    SessionSummary, SetupRequest, Signal, SocketTicket, SrtTarget, StreamGrant, StreamId, StreamMode, Tally,
    TallyReason, TallySequence, TallyState, Ticket, UserId,
};
use returnfeed_protocol::{
    Asker, CreateInvite, EncoderLines, Invite, InviteId, InviteState, InviteTerms, ParticipantPatch,
    ParticipantSummary, Place, PlaceAnswer, PlaceRequest, PublishCredentials, SwapRequest, TakeoverDecision,
    Wish,
};
use returnfeed_protocol::{
    CertificateFingerprint, IceFragment, IcePassword, LanAddress, LanAnswer, LanOffer, LanPath, LanPeer,
    LanSide,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::host::host;
use super::quality::quality_to_page;
use super::show::shows;
use super::signin::signin;

/// A message as it is on the wire.
pub(crate) struct Sample {
    /// Of the golden file.
    pub(crate) name: String,
    /// The TypeScript type it has.
    pub(crate) typescript: &'static str,
    /// What is sent.
    pub(crate) json: Value,
    /// Parses as the type and serialises again.
    pub(crate) reread: fn(&str) -> serde_json::Result<Value>,
}

pub(crate) fn sample<T: Serialize + DeserializeOwned>(
    name: &str,
    typescript: &'static str,
    value: &T,
) -> Sample {
    Sample {
        name: name.to_owned(),
        typescript,
        json: serde_json::to_value(value).unwrap(),
        reread: |text| serde_json::to_value(serde_json::from_str::<T>(text)?),
    }
}

pub(crate) fn camera(number: u16) -> CameraNumber {
    CameraNumber::try_from(number).unwrap()
}

fn participant() -> ParticipantId {
    ParticipantId::from_parts(1_763_856_000_001, [1; 10])
}

fn key() -> PublishKeyId {
    PublishKeyId::from_parts(1_763_856_000_002, [2; 10])
}

pub(crate) fn session() -> SessionSummary {
    SessionSummary {
        id: SessionId::from_parts(1_763_856_000_000, [0; 10]),
        name: "저녁 예배 Evening service".into(),
        state: SessionState::Live,
    }
}

fn aac() -> Problem {
    Problem {
        status: 415,
        code: "audio_codec".into(),
        title: "Some of the push cannot be used".into(),
        detail: "AAC sound cannot go to WebRTC without transcoding: choose Opus".into(),
    }
}

pub(crate) fn problem() -> Problem {
    Problem {
        status: 409,
        code: "stale_director".into(),
        title: "A newer director has taken over.".into(),
        detail: "Close this one, or press \"take over\" to make it the director again.".into(),
    }
}

fn delay() -> Delay {
    Delay { ms: 38, error_ms: 4 }
}

fn lamps() -> Vec<CameraLamp> {
    let lamp = |number, name: &str, tally, reason| CameraLamp {
        camera: camera(number),
        name: name.into(),
        tally,
        reason,
    };
    let (switcher, input) = ("ATEM ME1".to_owned(), "4".to_owned());
    let reasons = [
        TallyReason::OnProgramme { switcher: switcher.clone(), input: input.clone() },
        TallyReason::OnPreview { switcher: switcher.clone(), input },
        TallyReason::NotInUse,
        TallyReason::NotMapped,
        TallyReason::SwitcherLost { switcher: switcher.clone(), cause: "no answer for 3 s".into() },
        TallyReason::InputAbsent { switcher, input: "Crane".into() },
        TallyReason::EveryOther,
        TallyReason::Test,
    ];
    reasons
        .into_iter()
        .zip(1..)
        .map(|(reason, number)| {
            let (name, tally) = match &reason {
                TallyReason::OnProgramme { .. } => ("무대 왼쪽", Tally::Program),
                TallyReason::OnPreview { .. } => ("Balcony", Tally::Preview),
                TallyReason::NotInUse => ("Crane", Tally::Idle),
                TallyReason::NotMapped => ("Roof", Tally::Unknown),
                TallyReason::SwitcherLost { .. } => ("Door", Tally::Unknown),
                TallyReason::InputAbsent { .. } => ("Jib", Tally::Unknown),
                TallyReason::EveryOther => ("Aisle", Tally::Preview),
                TallyReason::Test => ("Pit", Tally::Program),
            };
            lamp(number, name, tally, reason)
        })
        .collect()
}

fn tally_state() -> TallyState {
    TallyState { epoch: Epoch(7), seq: TallySequence(42), cameras: lamps() }
}

fn place() -> Place {
    let asked_by = vec![Asker { participant: participant(), name: "지수".into() }];
    Place { name: "Ada".into(), camera: Some(camera(3)), asks: None, asked_by }
}

fn page_to_cloud() -> Vec<Sample> {
    let messages = [
        PageToCloud::Hello {
            protocol: PROTOCOL_VERSION,
            ticket: Some(SocketTicket::new("used-once")),
            camera: Some(camera(1)),
        },
        PageToCloud::Follow { camera: camera(99) },
        PageToCloud::Shown {
            epoch: Epoch(7),
            seq: TallySequence(42),
            camera: camera(1),
            tally: Tally::Program,
        },
        PageToCloud::Readiness { readiness: readiness() },
        PageToCloud::Signal { signal: Some(Signal::Hand) },
        PageToCloud::Answer { answered: answered() },
        PageToCloud::LanOffer { offer: lan_offer() },
        PageToCloud::Delay { delay: Some(delay()) },
        PageToCloud::Ping { n: 3 },
    ];
    let name = |message: &PageToCloud| match message {
        PageToCloud::Hello { .. } => "hello",
        PageToCloud::Follow { .. } => "follow",
        PageToCloud::Shown { .. } => "shown",
        PageToCloud::Readiness { .. } => "readiness",
        PageToCloud::Signal { .. } => "signal",
        PageToCloud::Answer { .. } => "answer",
        PageToCloud::LanOffer { .. } => "lan_offer",
        PageToCloud::Delay { .. } => "delay",
        PageToCloud::Ping { .. } => "ping",
    };
    messages.iter().map(|m| sample(&format!("page_to_cloud.{}", name(m)), "PageToCloud", m)).collect()
}

fn cloud_to_page() -> Vec<Sample> {
    let picture = || Picture { layers: vec![Layer::High, Layer::Low] };
    let messages = [
        CloudToPage::Welcome {
            protocol: PROTOCOL_VERSION,
            participant: participant(),
            role: Role::Camera,
            session: session(),
            picture: picture(),
        },
        CloudToPage::Tally { age_ms: 120, run_us: Some(7_301_250_000), state: tally_state() },
        CloudToPage::Cue { silent: true, cue: Some(cue()), answered: None },
        CloudToPage::Session { session: session() },
        CloudToPage::Place { place: place() },
        CloudToPage::Picture { picture: picture() },
        CloudToPage::LanAnswer { answer: lan_answer() },
        CloudToPage::LanAnswer { answer: LanAnswer::Closed { n: 2 } },
        CloudToPage::Pong {
            n: 3,
            unix_us: 1_763_856_000_123_456,
            run_us: Some(7_302_000_000),
            capture_error_us: Some(2_400),
        },
        CloudToPage::Draining { within_ms: 20_000, elsewhere: true },
        CloudToPage::Bye { problem: problem() },
    ];
    let name = |message: &CloudToPage| match message {
        CloudToPage::Welcome { .. } => "welcome",
        CloudToPage::Tally { .. } => "tally",
        CloudToPage::Cue { .. } => "cue",
        CloudToPage::Session { .. } => "session",
        CloudToPage::Place { .. } => "place",
        CloudToPage::Picture { .. } => "picture",
        CloudToPage::LanAnswer { answer: LanAnswer::Open { .. } } => "lan_answer_open",
        CloudToPage::LanAnswer { answer: LanAnswer::Closed { .. } } => "lan_answer_closed",
        CloudToPage::Pong { .. } => "pong",
        CloudToPage::Draining { .. } => "draining",
        CloudToPage::Bye { .. } => "bye",
    };
    messages.iter().map(|m| sample(&format!("cloud_to_page.{}", name(m)), "CloudToPage", m)).collect()
}

fn director_to_cloud() -> Vec<Sample> {
    let messages = [
        DirectorToCloud::Hello {
            protocol: PROTOCOL_VERSION,
            ticket: Some(SocketTicket::new("used-once")),
            software: "returnfeed-director 0.1.0".into(),
            epoch: Epoch(7),
        },
        DirectorToCloud::Tally { state: tally_state(), run_us: Some(86_400_250_000) },
        DirectorToCloud::Cues { sheet: CueSheet { silent: true, cues: vec![cue()] } },
        DirectorToCloud::LanAnswer { page: PageNumber(3), answer: lan_answer() },
        DirectorToCloud::Clock { n: 5, unix_us: 1_763_856_000_120_000, run_us: Some(86_400_250_400) },
    ];
    let name = |message: &DirectorToCloud| match message {
        DirectorToCloud::Hello { .. } => "hello",
        DirectorToCloud::Tally { .. } => "tally",
        DirectorToCloud::Cues { .. } => "cues",
        DirectorToCloud::LanAnswer { .. } => "lan_answer",
        DirectorToCloud::Clock { .. } => "clock",
    };
    messages.iter().map(|m| sample(&format!("director_to_cloud.{}", name(m)), "DirectorToCloud", m)).collect()
}

fn presence() -> OperatorPresence {
    OperatorPresence {
        participant: participant(),
        name: "지수".into(),
        camera: Some(camera(1)),
        asks: None,
        shows: Some(Tally::Program),
        delay: Some(delay()),
        readiness: Some(readiness()),
        signal: Some(Signal::Problem),
        answered: Some(answered()),
    }
}

fn cue() -> Cue {
    let id = CueId { epoch: Epoch(7), n: 4 };
    Cue { id, to: Some(camera(1)), text: "와이드 wide 3-2-1".to_owned().try_into().unwrap() }
}

fn answered() -> Answered {
    Answered { cue: cue().id, answer: CueAnswer::Ready }
}

fn lan_side() -> LanSide {
    LanSide {
        fragment: IceFragment::try_from("Wx/+".to_owned()).unwrap(),
        password: IcePassword::try_from("used/for+one+connection".to_owned()).unwrap(),
        fingerprint: CertificateFingerprint::of(&[0xa5; 32]),
    }
}

fn lan_offer() -> LanOffer {
    LanOffer { peer: LanPeer::try_from("0123456789abcdef".repeat(2)).unwrap(), n: 2, side: lan_side() }
}

fn lan_answer() -> LanAnswer {
    let address = |ip: &str| LanAddress { ip: ip.parse().unwrap(), port: 8444 };
    let addresses = vec![address("192.168.1.5"), address("fd00::5")];
    LanAnswer::Open { n: 2, side: lan_side(), addresses }
}

fn readiness() -> Readiness {
    Readiness {
        sound: Ability::Unarmed,
        vibration: Ability::Impossible,
        screen: Ability::Ready,
        visible: true,
        picture: PictureState::Playing,
        layer: Some(Layer::High),
        loss_per_mille: Some(4),
        round_trip_ms: Some(31),
        second_way: false,
        lan: Some(LanPath::Proven),
        battery: Some(Battery { percent: 64, charging: false }),
    }
}

fn cloud_to_director() -> Vec<Sample> {
    let ingest = |ingest| CloudToDirector::Ingest { layer: Layer::High, ingest };
    let messages = [
        CloudToDirector::Welcome {
            protocol: PROTOCOL_VERSION,
            software: "returnfeed-cloud 0.1.0".into(),
            session: session(),
        },
        CloudToDirector::KeyframeRequest { layer: Layer::Low },
        ingest(IngestState::Receiving { problems: Vec::new() }),
        ingest(IngestState::Receiving { problems: vec![aac()] }),
        ingest(IngestState::Absent),
        ingest(IngestState::Refused { problem: problem() }),
        CloudToDirector::Operator { page: PageNumber(3), presence: Some(presence()) },
        CloudToDirector::Operator { page: PageNumber(3), presence: None },
        CloudToDirector::Viewers { viewers: 12 },
        CloudToDirector::Shown {
            shown: vec![Acknowledgement {
                page: PageNumber(3),
                camera: camera(1),
                epoch: Epoch(7),
                seq: TallySequence(42),
                tally: Tally::Program,
            }],
        },
        CloudToDirector::Delay { page: PageNumber(3), delay: Some(delay()) },
        CloudToDirector::LanOffer { page: PageNumber(3), offer: lan_offer() },
        CloudToDirector::ClockRequest { n: 5, ahead_us: Some(-1_250) },
        CloudToDirector::Bye { problem: problem() },
    ];
    let name = |message: &CloudToDirector| match message {
        CloudToDirector::Welcome { .. } => "welcome",
        CloudToDirector::KeyframeRequest { .. } => "keyframe_request",
        CloudToDirector::Ingest { ingest, .. } => match ingest {
            IngestState::Receiving { problems } if problems.is_empty() => "ingest_receiving",
            IngestState::Receiving { .. } => "ingest_impaired",
            IngestState::Absent => "ingest_absent",
            IngestState::Refused { .. } => "ingest_refused",
        },
        CloudToDirector::Operator { presence: Some(_), .. } => "operator",
        CloudToDirector::Operator { presence: None, .. } => "operator_gone",
        CloudToDirector::Viewers { .. } => "viewers",
        CloudToDirector::Shown { .. } => "shown",
        CloudToDirector::Delay { .. } => "delay",
        CloudToDirector::LanOffer { .. } => "lan_offer",
        CloudToDirector::ClockRequest { .. } => "clock_request",
        CloudToDirector::Bye { .. } => "bye",
    };
    messages.iter().map(|m| sample(&format!("cloud_to_director.{}", name(m)), "CloudToDirector", m)).collect()
}

fn encoder_lines() -> EncoderLines {
    EncoderLines {
        url: "srt://feed.example:8890?mode=caller".into(),
        obs: "srt://feed.example:8890?mode=caller".into(),
        ffmpeg: "ffmpeg -re -i FILE -f mpegts 'srt://feed.example:8890?mode=caller'".into(),
        vmix: "Type: Caller\nHostname: feed.example\nPort: 8890".into(),
    }
}

fn http() -> Vec<Sample> {
    let account = || AccountSummary {
        id: UserId::from_parts(1_763_856_000_003, [3; 10]),
        email: "director@example.org".into(),
        name: "Director".into(),
        email_verified: false,
        has_password: true,
        host: true,
        second_factor: SecondFactor::Missing,
    };
    let stream_id =
        |layer| StreamId { mode: StreamMode::Publish, session: session().id, layer, key: key() }.to_string();
    vec![
        sample("http.problem", "Problem", &problem()),
        sample(
            "http.setup_request",
            "SetupRequest",
            &SetupRequest {
                setup_token: "printed-once".into(),
                email: "director@example.org".into(),
                password: "not a real one".into(),
                name: "Director".into(),
                refresh: RefreshBy::Body,
            },
        ),
        sample(
            "http.login_request",
            "LoginRequest",
            &LoginRequest {
                email: "director@example.org".into(),
                password: "not a real one".into(),
                code: Some("287082".into()),
                refresh: RefreshBy::Cookie,
            },
        ),
        sample(
            "http.login_response",
            "LoginResponse",
            &LoginResponse {
                access_token: "header.claims.signature".into(),
                expires_in: 600,
                refresh_token: Some("good-once".into()),
                account: account(),
            },
        ),
        sample(
            "http.register_request",
            "RegisterRequest",
            &RegisterRequest {
                email: "operator@example.org".into(),
                password: "not a real one".into(),
                name: "Operator".into(),
                invite: Some("good-once".into()),
                refresh: RefreshBy::Cookie,
            },
        ),
        sample(
            "http.refresh_request",
            "RefreshRequest",
            &RefreshRequest { refresh_token: Some("good-once".into()) },
        ),
        sample(
            "http.password_change",
            "PasswordChange",
            &PasswordChange { current: "not a real one".into(), password: "nor is this".into() },
        ),
        sample(
            "http.password_reset",
            "PasswordReset",
            &PasswordReset { token: "good-once".into(), password: "nor is this".into() },
        ),
        sample("http.email_proof", "EmailProof", &EmailProof { token: "good-once".into() }),
        sample(
            "http.login_summary",
            "LoginSummary",
            &LoginSummary {
                id: "019ab0d2-7c00-7000-8000-000000000009".into(),
                created_at: 1_763_856_000_000,
                used_at: 1_763_856_060_000,
                address: "192.0.2.7".into(),
                agent: "Mozilla/5.0 (Linux; Android 14)".into(),
                current: true,
            },
        ),
        sample(
            "http.account_deletion",
            "AccountDeletion",
            &AccountDeletion { password: Some("not a real one".into()) },
        ),
        sample(
            "http.create_account_invite",
            "CreateAccountInvite",
            &CreateAccountInvite { email: Some("operator@example.org".into()) },
        ),
        sample(
            "http.one_time_link",
            "OneTimeLink",
            &OneTimeLink {
                token: "good-once".into(),
                path: "/account/#register/good-once".into(),
                expires_at: 1_763_856_604_800,
            },
        ),
        sample(
            "http.second_factor_begin",
            "SecondFactorBegin",
            &SecondFactorBegin { password: "not a real one".into() },
        ),
        sample(
            "http.second_factor_secret",
            "SecondFactorSecret",
            &SecondFactorSecret { secret: "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ".into() },
        ),
        sample(
            "http.second_factor_confirm",
            "SecondFactorConfirm",
            &SecondFactorConfirm { code: "287082".into() },
        ),
        sample(
            "http.recovery_codes",
            "RecoveryCodes",
            &RecoveryCodes { codes: vec!["K7QM-4XTP-9HDR-2WVN-0123-ABCD".into()] },
        ),
        sample(
            "http.recovery_codes_left",
            "RecoveryCodesLeft",
            &RecoveryCodesLeft { recovery_codes_left: 7 },
        ),
        sample(
            "http.recovery_codes_renewal",
            "RecoveryCodesRenewal",
            &RecoveryCodesRenewal { password: "not a real one".into(), code: "287082".into() },
        ),
        sample(
            "http.second_factor_end",
            "SecondFactorEnd",
            &SecondFactorEnd { password: "not a real one".into(), code: "287082".into() },
        ),
        sample("http.account_summary", "AccountSummary", &account()),
        sample(
            "http.create_session",
            "CreateSession",
            &CreateSession { name: session().name, public_layer: Some(Layer::Low) },
        ),
        sample(
            "http.session_created",
            "SessionCreated",
            &SessionCreated {
                session: session(),
                camera_code: "K7QM-4XTP".into(),
                viewer_code: "9HDR-2WVN".into(),
                public_layer: Layer::Low,
            },
        ),
        sample(
            "http.session_patch",
            "SessionPatch",
            &SessionPatch {
                name: Some(session().name),
                state: Some(SessionState::Ended),
                public_layer: Some(Layer::High),
            },
        ),
        sample(
            "http.join_request",
            "JoinRequest",
            &JoinRequest { code: "K7QM-4XTP".into(), name: Some("지수".into()) },
        ),
        sample(
            "http.join_response",
            "JoinResponse",
            &JoinResponse {
                token: "header.claims.signature".into(),
                expires_at: 1_763_942_400_000,
                participant: participant(),
                role: Role::Camera,
                max_layer: Layer::High,
                name: "지수".into(),
                camera: None,
                offered: None,
                session: session(),
            },
        ),
        sample(
            "http.stream_grant",
            "StreamGrant",
            &StreamGrant {
                whep_url: format!("/whep/{}", session().id),
                max_layer: Layer::High,
                expires_at: 1_763_942_400_000,
            },
        ),
        sample("http.ticket", "Ticket", &Ticket { ticket: SocketTicket::new("used-once") }),
        sample(
            "http.layer_request",
            "LayerRequest",
            &LayerRequest { media_id: Some("1".into()), rid: Some("low".into()) },
        ),
        sample(
            "http.create_invite",
            "CreateInvite",
            &CreateInvite {
                role: Role::Camera,
                camera: Some(camera(3)),
                label: Some("Crane".into()),
                max_layer: Some(Layer::High),
                max_uses: Some(1),
                valid_for_ms: Some(86_400_000),
            },
        ),
        sample(
            "http.invite",
            "Invite",
            &Invite {
                id: InviteId::from_parts(1_763_856_000_004, [4; 10]),
                role: Role::Camera,
                camera: Some(camera(3)),
                label: "Crane".into(),
                code: "K7QMA-4XTPB".into(),
                path: "/camera/#K7QMA4XTPB".into(),
                max_layer: None,
                terms: InviteTerms {
                    uses: 0,
                    max_uses: Some(1),
                    expires_at: Some(1_763_942_400_000),
                    revoked_at: None,
                },
                state: InviteState::Open,
            },
        ),
        sample(
            "http.place_request",
            "PlaceRequest",
            &PlaceRequest { name: Some("Ada".into()), camera: Some(camera(3)), wish: Some(Wish::TakeOver) },
        ),
        sample(
            "http.place_answer",
            "PlaceAnswer",
            &PlaceAnswer { place: place(), taken_by: vec!["지수".into()] },
        ),
        sample(
            "http.participant_summary",
            "ParticipantSummary",
            &ParticipantSummary {
                participant: participant(),
                role: Role::Camera,
                name: "지수".into(),
                camera: Some(camera(3)),
                connected: true,
                asks: None,
                joined_at: 1_763_856_000_001,
            },
        ),
        sample(
            "http.participant_patch",
            "ParticipantPatch",
            &ParticipantPatch { name: Some("Ada".into()), camera: Some(None) },
        ),
        sample(
            "http.swap_request",
            "SwapRequest",
            &SwapRequest { one: participant(), other: ParticipantId::from_parts(1_763_856_000_005, [5; 10]) },
        ),
        sample("http.takeover_decision", "TakeoverDecision", &TakeoverDecision { allow: true }),
        sample(
            "http.publish_credentials",
            "PublishCredentials",
            &PublishCredentials {
                srt: SrtTarget {
                    port: 8890,
                    passphrase: "not a real passphrase".into(),
                    stream_id_high: stream_id(Layer::High),
                    stream_id_low: stream_id(Layer::Low),
                    latency_ms: 20,
                },
                expires_at: 1_763_942_400_000,
                high: encoder_lines(),
                low: encoder_lines(),
            },
        ),
        sample(
            "http.publish_grant",
            "PublishGrant",
            &PublishGrant {
                key: key(),
                epoch: Epoch(7),
                expires_at: 1_763_942_400_000,
                srt: SrtTarget {
                    port: 8890,
                    passphrase: "not a real passphrase".into(),
                    stream_id_high: stream_id(Layer::High),
                    stream_id_low: stream_id(Layer::Low),
                    latency_ms: 20,
                },
            },
        ),
    ]
}

/// Every sample, in the order of the modules.
pub(crate) fn all() -> Vec<Sample> {
    [
        page_to_cloud(),
        cloud_to_page(),
        director_to_cloud(),
        cloud_to_director(),
        http(),
        quality_to_page(),
        shows(),
        signin(),
        host(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
