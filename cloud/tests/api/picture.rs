//! The picture while a real encoder pushes by a real grant: who is told, who gets it, and who loses it when.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use reqwest::{Method, Response, StatusCode};
use returnfeed_cloud::config::Config;
use returnfeed_protocol::{
    CloudToDirector, CloudToPage, IngestState, JoinResponse, Layer, Picture, PublishGrant, SessionCreated,
    SessionPatch, SessionState, ViewerId,
};
use str0m::RtcConfig;
use str0m::media::{Direction, MediaKind};

use crate::cloud::{self, Client, Cloud, Session, read, refused};
use crate::socket::DEADLINE;

/// ffmpeg, pushing as `session push-address` tells people to.
pub(crate) struct Encoder(Child);

impl Encoder {
    /// The high layer.
    pub(crate) fn start(grant: &PublishGrant) -> Self {
        Self::start_with(grant, &[])
    }

    fn start_with(grant: &PublishGrant, sound: &[&str]) -> Self {
        Self::push(grant, &grant.srt.stream_id_high, sound)
    }

    pub(crate) fn push(grant: &PublishGrant, stream_id: &str, sound: &[&str]) -> Self {
        Self::push_to("127.0.0.1", grant, stream_id, sound)
    }

    pub(crate) fn push_to(host: &str, grant: &PublishGrant, stream_id: &str, sound: &[&str]) -> Self {
        let url = format!(
            "srt://{host}:{}?mode=caller&transtype=live&pbkeylen=32&passphrase={}&streamid={}",
            grant.srt.port, grant.srt.passphrase, stream_id
        );
        let picture = ["-re", "-f", "lavfi", "-i", "testsrc2=size=640x360:rate=30"];
        let codec =
            ["-c:v", "libx264", "-profile:v", "baseline", "-preset", "ultrafast", "-tune", "zerolatency"];
        let child = Command::new("ffmpeg")
            .args(["-loglevel", "error"])
            .args(picture)
            .args(sound)
            .args(codec)
            .args(["-g", "30", "-pix_fmt", "yuv420p", "-f", "mpegts", &url])
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        Self(child.expect("ffmpeg is installed; run ./dev test"))
    }

    /// Ends it as a lost machine would.
    pub(crate) fn end(&mut self) {
        let _ = self.0.kill(); // it may have ended
        let _ = self.0.wait();
    }

    pub(crate) fn has_ended(&mut self) -> bool {
        self.0.try_wait().unwrap().is_some()
    }
}

impl Drop for Encoder {
    fn drop(&mut self) {
        self.end();
    }
}

/// A session on air in which only the high layer arrives.
pub(crate) struct OnAir {
    pub(crate) cloud: Cloud,
    pub(crate) session: Session,
    pub(crate) director: JoinResponse,
    pub(crate) encoder: Encoder,
}

impl OnAir {
    pub(crate) async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    pub(crate) async fn start_with(change: impl FnOnce(&mut Config)) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut config = cloud::config(dir.path());
        change(&mut config);
        let cloud = Cloud::start_with(dir, &config).await;
        let session = cloud.session().await;
        let patch = SessionPatch {
            state: Some(SessionState::Live),
            public_layer: Some(Layer::High),
            ..SessionPatch::default()
        };
        read::<SessionCreated>(session.patch(&session.owner, &patch).await, StatusCode::OK).await;
        let director = session.director().await;
        let encoder = Encoder::start(&session.grant(&director).await);
        let air = Self { cloud, session, director, encoder };
        air.arrives().await;
        air
    }

    async fn arrives(&self) {
        let media = &self.cloud.server.app().media;
        let arrives = async || media.picture(self.session.id()).layers == [Layer::High];
        until("the high layer arrives", arrives).await;
    }

    pub(crate) async fn ask(&self, token: &str, query: &str, offer: String) -> Response {
        ask(&self.cloud.client, &self.session, token, query, offer).await
    }

    /// A viewer session of this participant; its address.
    pub(crate) async fn watch(&self, participant: &JoinResponse) -> String {
        let made = self.ask(&participant.token, "", offer()).await;
        assert_eq!(made.status(), StatusCode::CREATED);
        made.headers()["location"].to_str().unwrap().to_owned()
    }

    pub(crate) async fn is_watching(&self, participant: &JoinResponse, address: &str) -> bool {
        let viewer: ViewerId = address.rsplit('/').next().unwrap().parse().unwrap();
        self.cloud.server.app().media.has_viewer(self.session.id(), viewer, participant.participant)
    }
}

pub(crate) async fn ask(
    client: &Client,
    session: &Session,
    token: &str,
    query: &str,
    offer: String,
) -> Response {
    let request = client.request(Method::POST, &format!("/whep/{}{query}", session.id()), Some(token));
    request.header("content-type", "application/sdp").body(offer).send().await.unwrap()
}

pub(crate) fn offer() -> String {
    str0m::crypto::from_feature_flags().install_process_default();
    let mut rtc =
        RtcConfig::new().clear_codecs().enable_opus(true, false).enable_h264(true).build(Instant::now());
    let mut changes = rtc.sdp_api();
    changes.add_media(MediaKind::Audio, Direction::RecvOnly, None, None, None);
    changes.add_media(MediaKind::Video, Direction::RecvOnly, None, None, None);
    changes.apply().unwrap().0.to_sdp_string()
}

pub(crate) async fn until(what: &str, condition: impl AsyncFn() -> bool) {
    let start = Instant::now();
    let mut tick = tokio::time::interval(Duration::from_millis(20));
    while !condition().await {
        assert!(start.elapsed() < DEADLINE, "{what}: not in time");
        tick.tick().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_push_is_told_to_everybody_and_a_viewer_asks_for_a_keyframe() {
    let cloud = Cloud::start().await;
    let session = cloud.session().await;
    session.set(SessionState::Live).await;
    let (director, camera) = (session.director().await, session.camera("Ada").await);
    let nobody = ask(&cloud.client, &session, &camera.token, "", offer()).await;
    assert!(nobody.headers().contains_key("retry-after"));
    refused(nobody, 409, "no_publisher").await;

    let grant = session.grant(&director).await;
    let mut uplink = cloud.client.open("/ws/director", &director.token).await;
    uplink.greet_as_director(grant.epoch).await;
    let mut page = cloud.client.open("/ws/page", &camera.token).await;
    page.greet_as_page(Some(1)).await;
    let encoder = Encoder::start(&grant);
    let arrives = |message| match message {
        CloudToDirector::Ingest { layer: Layer::High, ingest: IngestState::Receiving { .. } } => Some(()),
        _ => None,
    };
    uplink.find(arrives).await;
    let picture = |message| match message {
        CloudToPage::Picture { picture } => Some(picture),
        _ => None,
    };
    assert_eq!(page.find(picture).await, Picture { layers: vec![Layer::High] });

    let made = ask(&cloud.client, &session, &camera.token, "", offer()).await;
    assert_eq!(made.status(), StatusCode::CREATED);
    drop(encoder);
    assert_eq!(page.find(picture).await, Picture { layers: Vec::new() });
    let absent = |message| match message {
        CloudToDirector::Ingest { layer: Layer::High, ingest: IngestState::Absent } => Some(()),
        _ => None,
    };
    uplink.find(absent).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sound_that_cannot_be_used_is_told_to_the_director_beside_the_picture() {
    let cloud = Cloud::start().await;
    let session = cloud.session().await;
    let director = session.director().await;
    let grant = session.grant(&director).await;
    let mut uplink = cloud.client.open("/ws/director", &director.token).await;
    uplink.greet_as_director(grant.epoch).await;
    let encoder = Encoder::start_with(&grant, &["-f", "lavfi", "-i", "sine", "-c:a", "aac"]);
    let heard = |message| match message {
        CloudToDirector::Ingest { layer: Layer::High, ingest } => Some(ingest),
        _ => None,
    };
    let problems = loop {
        match uplink.find(heard).await {
            IngestState::Receiving { problems } if !problems.is_empty() => break problems,
            IngestState::Receiving { .. } | IngestState::Absent => {}
            IngestState::Refused { problem } => panic!("the picture goes on: {problem:?}"),
        }
    };
    assert_eq!(problems.len(), 1);
    assert_eq!(problems[0].detail, "AAC sound cannot go to WebRTC without transcoding: choose Opus");
    drop(encoder);
    while uplink.find(heard).await != IngestState::Absent {}
    let _encoder = Encoder::start(&session.grant(&director).await);
    let again = uplink.find(heard).await;
    assert_eq!(again, IngestState::Receiving { problems: Vec::new() }, "another push, another judgement");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_push_is_told_to_the_director_in_words() {
    let cloud = Cloud::start().await;
    let session = cloud.session().await;
    let director = session.director().await;
    let mut grant = session.grant(&director).await;
    let mut uplink = cloud.client.open("/ws/director", &director.token).await;
    uplink.greet_as_director(grant.epoch).await;
    grant.srt.passphrase = "not the passphrase of it".to_owned();
    let _encoder = Encoder::start(&grant);
    let refused = |message| match message {
        CloudToDirector::Ingest { layer: Layer::High, ingest: IngestState::Refused { problem } } => {
            Some(problem)
        }
        _ => None,
    };
    let problem = uplink.find(refused).await;
    assert!(problem.detail.to_lowercase().contains("address"), "{problem:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_layer_that_the_role_forbids_is_never_given() {
    let air = OnAir::start().await;
    let patch = SessionPatch { public_layer: Some(Layer::Low), ..SessionPatch::default() };
    air.session.patch(&air.session.owner, &patch).await;
    let viewer = air.session.viewer().await;
    refused(air.ask(&viewer.token, "?layer=high", offer()).await, 409, "layer_absent").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_loses_the_right_to_the_picture_loses_the_picture() {
    let mut air = OnAir::start().await;
    let (camera, viewer) = (air.session.camera("Ada").await, air.session.viewer().await);
    let (by_camera, by_viewer) = (air.watch(&camera).await, air.watch(&viewer).await);

    let lower = SessionPatch { public_layer: Some(Layer::Low), ..SessionPatch::default() };
    air.session.patch(&air.director.token, &lower).await;
    let media = air.cloud.server.app().media.clone();
    let may = |layer| {
        let watching = media.watching(air.session.id());
        watching.contains(&(viewer.participant, layer))
            && watching.contains(&(camera.participant, Layer::High))
    };
    assert!(may(Layer::Low), "the viewer's high layer ends, the viewer session does not");

    let higher = SessionPatch { public_layer: Some(Layer::High), ..SessionPatch::default() };
    air.session.patch(&air.director.token, &higher).await;
    assert!(may(Layer::High));
    air.session.set(SessionState::Rehearsal).await;
    until("a viewer waits", async || !air.is_watching(&viewer, &by_viewer).await).await;
    assert!(air.is_watching(&camera, &by_camera).await, "the crew rehearses");
    refused(air.ask(&viewer.token, "", offer()).await, 403, "not_receiving").await;

    air.session.set(SessionState::Ended).await;
    until("the camera's picture ends", async || !air.is_watching(&camera, &by_camera).await).await;
    until("nothing arrives", async || media.picture(air.session.id()).layers.is_empty()).await;
    crate::process::wait_for(|| air.encoder.has_ended().then_some(()));
}

#[tokio::test(flavor = "multi_thread")]
async fn going_live_opens_the_door_and_the_push_goes_on() {
    let mut air = OnAir::start().await;
    let (camera, viewer) = (air.session.camera("Ada").await, air.session.viewer().await);
    air.session.set(SessionState::Rehearsal).await;
    refused(air.ask(&viewer.token, "", offer()).await, 403, "not_receiving").await;
    let by_camera = air.watch(&camera).await;
    let mut page = air.cloud.client.open("/ws/page", &viewer.token).await;
    page.greet_as_page(None).await;
    let media = air.cloud.server.app().media.clone();
    let id = air.session.id();
    until("the push is counted", async || !media.pushes(id).is_empty()).await;
    let arrived = || media.pushes(id)[0].bytes;
    let before = arrived();

    air.session.set(SessionState::Live).await;
    let told = page.find(|message| match message {
        CloudToPage::Session { session } => Some(session.state),
        _ => None,
    });
    assert_eq!(told.await, SessionState::Live);
    let by_viewer = air.watch(&viewer).await;
    assert!(air.is_watching(&viewer, &by_viewer).await && air.is_watching(&camera, &by_camera).await);
    until("the same push goes on", async || arrived() > before).await;
    assert!(!air.encoder.has_ended());
}
