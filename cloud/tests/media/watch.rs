//! What viewers see.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::num::NonZeroUsize;
use std::time::Instant;

use returnfeed_cloud::media::{JoinRefusal, MediaConfig, MediaEvent, SelectRefusal};
use returnfeed_protocol::{Layer, LayerReason};

use crate::viewer::{Ask, Viewer, join_with, offer};
use crate::{DEADLINE, Server, ask, config, session};

/// Decodes a stream with ffmpeg and fails at the first error; how many pictures came out.
pub(crate) fn decoded(stream: &[u8]) -> usize {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("stream.h264");
    std::fs::write(&path, stream).unwrap();
    let output = std::process::Command::new("ffmpeg")
        .args(["-loglevel", "error", "-xerror", "-err_detect", "explode", "-i"])
        .arg(&path)
        .args(["-fps_mode", "passthrough", "-f", "framecrc", "-"])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout.split(|byte| *byte == b'\n').filter(|line| line.starts_with(b"0,")).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ffmpeg_s_push_plays_and_moves_between_layers_without_a_gap() {
    let mut server = Server::start().await;
    let _high = server.push(1, Layer::High).ffmpeg();
    server.arrived(1, Layer::High).await;
    let _low = server.push(1, Layer::Low).ffmpeg();
    server.arrived(1, Layer::Low).await;
    assert_eq!(server.plane.picture(session(1)).layers, [Layer::High, Layer::Low]);

    let mut viewer = Viewer::join(&server.plane, ask(1)).await.unwrap();
    viewer.watch_until("the picture", |viewer| viewer.pictures.len() > 30).await;
    for (layer, widths) in
        [(Layer::Low, &[640, 320][..]), (Layer::High, &[640, 320, 640]), (Layer::Low, &[640, 320, 640, 320])]
    {
        let Ask { session, participant, .. } = ask(1);
        server.plane.select_layer(session, viewer.id, participant, layer).await.unwrap();
        viewer.watch_until("the switch", |viewer| viewer.widths() == widths).await;
        let seen = viewer.pictures.len();
        viewer.watch_until("pictures after it", |viewer| viewer.pictures.len() > seen + 10).await;
    }
    viewer.watch_until("sound", |viewer| viewer.sounds.len() > 50).await;
    viewer.assert_one_stream();
    for switch in [
        (None, Layer::High, LayerReason::Starting),
        (Some(Layer::High), Layer::Low, LayerReason::Chosen),
        (Some(Layer::Low), Layer::High, LayerReason::Starting),
        (Some(Layer::High), Layer::Low, LayerReason::Chosen),
    ] {
        assert_eq!(server.switched().await, switch);
    }
    let quality = server.plane.quality(session(1)).await;
    let [quality] = &quality[..] else { panic!("{quality:?}") };
    assert_eq!((quality.viewer, quality.participant), (viewer.id, ask(1).participant));
    assert_eq!((quality.layer, quality.wanted, quality.best), (Some(Layer::Low), Layer::Low, Layer::High));
    assert_eq!(quality.reason, LayerReason::Chosen);
    assert_eq!(server.plane.quality(session(2)).await, []);
    // Each picture decodes, except what the decoder itself may still hold of the last one.
    let pictures = viewer.pictures.len();
    assert!(decoded(&viewer.stream()) >= pictures - 1, "of {pictures}");
    server.plane.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_viewer_plays_through_an_address_translation_before_the_server() {
    let public = IpAddr::from([203, 0, 113, 5]);
    let mut server = Server::start_with(MediaConfig { public_addresses: vec![public], ..config() }).await;
    let _encoder = server.push(1, Layer::High).ffmpeg();
    server.arrived(1, Layer::High).await;
    let mut viewer = Viewer::join(&server.plane, ask(1)).await.unwrap();
    // Its datagrams arrive with the private destination that the translation put there.
    viewer.translated = Some(public);
    viewer.watch_until("the picture", |viewer| viewer.pictures.len() > 30).await;
    viewer.assert_one_stream();
    server.plane.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn gstreamer_s_push_plays() {
    let mut server = Server::start().await;
    let _encoder = server.push(1, Layer::High).srtsink();
    server.arrived(1, Layer::High).await;
    let mut viewer = Viewer::join(&server.plane, ask(1)).await.unwrap();
    viewer.watch_until("picture and sound", |v| v.pictures.len() > 60 && v.sounds.len() > 50).await;
    viewer.assert_one_stream();
    assert!(decoded(&viewer.stream()) >= viewer.pictures.len() - 1);
    server.plane.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn viewers_on_several_shards_see_every_picture_of_their_session() {
    let shards = NonZeroUsize::new(3).unwrap();
    let mut server = Server::start_with(MediaConfig { shards, ..config() }).await;
    let _encoder = server.push(1, Layer::High).ffmpeg();
    server.arrived(1, Layer::High).await;
    let mut viewers = Vec::new();
    for _ in 0..3 {
        viewers.push(Viewer::join(&server.plane, ask(1)).await.unwrap());
    }
    let end = Instant::now() + DEADLINE;
    while viewers.iter().any(|viewer| viewer.pictures.len() < 90) {
        assert!(Instant::now() < end, "{:?}", viewers.iter().map(|v| v.pictures.len()).collect::<Vec<_>>());
        for viewer in &mut viewers {
            viewer.step().await;
        }
    }
    let from: BTreeSet<u16> = viewers.iter().map(|viewer| viewer.server.unwrap().port()).collect();
    assert_eq!(from, server.plane.local_ports().shards.into_iter().collect(), "one viewer a shard");

    // From the last one's first picture on, all have seen the same.
    let first = viewers.last().unwrap().pictures.first().unwrap().data.clone();
    let seen = |viewer: &Viewer| -> Vec<Vec<u8>> {
        let since = viewer.pictures.iter().position(|picture| picture.data == first).unwrap();
        viewer.pictures[since..].iter().map(|picture| picture.data.clone()).collect()
    };
    let seen: Vec<_> = viewers.iter().map(seen).collect();
    let common = seen.iter().map(Vec::len).min().unwrap();
    assert!(common > 30, "{common}");
    assert!(seen.iter().all(|pictures| pictures[..common] == seen[0][..common]), "a picture is missing");
    viewers.iter().for_each(Viewer::assert_one_stream);
    server.plane.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_packet_of_one_session_reaches_a_viewer_of_another() {
    let mut server = Server::start().await;
    let one = crate::encoder::Push { size: "640x360", ..server.push(1, Layer::High) };
    let two = crate::encoder::Push { size: "480x270", ..server.push(2, Layer::High) };
    let (_one, _two) = (one.ffmpeg(), two.ffmpeg());
    server
        .event("both sessions", {
            let plane = server.plane.clone();
            move |_| {
                let both = [1, 2].iter().all(|n| !plane.picture(session(*n)).layers.is_empty());
                both.then_some(())
            }
        })
        .await;
    let mut first = Viewer::join(&server.plane, ask(1)).await.unwrap();
    let mut second = Viewer::join(&server.plane, ask(2)).await.unwrap();
    let end = Instant::now() + DEADLINE;
    while first.pictures.len() < 90 || second.pictures.len() < 90 {
        assert!(Instant::now() < end, "{} and {} pictures", first.pictures.len(), second.pictures.len());
        first.step().await;
        second.step().await;
    }
    assert_eq!(first.widths(), [640]);
    assert_eq!(second.widths(), [480]);
    first.assert_one_stream();
    second.assert_one_stream();
    assert_eq!(server.plane.viewers(session(1)), 1);

    // The end of one is not the end of the other.
    server.plane.end_session(session(1));
    first.watch_until("the goodbye", |viewer| viewer.closed).await;
    let seen = second.pictures.len();
    second.watch_until("more pictures", |viewer| viewer.pictures.len() > seen + 30).await;
    assert_eq!((server.plane.viewers(session(1)), server.plane.viewers(session(2))), (0, 1));
    server.plane.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_may_not_have_a_picture_is_told_why() {
    let mut server = Server::start().await;
    let plane = server.plane.clone();
    let join = move |ask: Ask, offer: String| {
        let plane = plane.clone();
        async move { plane.join(join_with(ask, offer)).await.err() }
    };
    assert_eq!(join(ask(1), offer()).await, Some(JoinRefusal::NoPublisher));
    assert!(matches!(join(ask(1), "hello".to_owned()).await, Some(JoinRefusal::SdpInvalid(_))));
    let without = offer().replace("packetization-mode=1", "packetization-mode=0");
    assert_eq!(join(ask(1), without).await, Some(JoinRefusal::H264Missing));
    let nonsense = offer().replace("a=fingerprint", "a=footprint");
    let _high = server.push(1, Layer::High).ffmpeg();
    server.arrived(1, Layer::High).await;
    assert!(matches!(join(ask(1), nonsense).await, Some(JoinRefusal::SdpInvalid(_))));
    let low_only = Ask { max_layer: Layer::Low, layer: Some(Layer::High), ..ask(1) };
    assert_eq!(join(low_only, offer()).await, Some(JoinRefusal::NoLayerForRole { present: Layer::High }));
    assert_eq!(server.plane.viewers(session(1)), 0, "a refused viewer keeps no seat");

    let _low = server.push(1, Layer::Low).ffmpeg();
    server.arrived(1, Layer::Low).await;
    let mut viewer = Viewer::join(&server.plane, low_only).await.unwrap();
    let Ask { session: of, participant, .. } = low_only;
    let stranger = ask(2).participant;
    let others = server.plane.select_layer(of, viewer.id, stranger, Layer::Low).await;
    assert_eq!(others, Err(SelectRefusal::NotFound));
    assert!(!server.plane.leave(of, viewer.id, stranger).await);
    viewer.watch_until("the low layer", |viewer| viewer.pictures.len() > 20).await;
    assert_eq!(viewer.widths(), [320]);
    // Asking for more is no error, and gives no more.
    assert_eq!(server.plane.select_layer(of, viewer.id, participant, Layer::High).await, Ok(()));
    let seen = viewer.pictures.len();
    viewer.watch_until("more of the low layer", |viewer| viewer.pictures.len() > seen + 20).await;
    assert_eq!(viewer.widths(), [320]);
    let quality = server.plane.quality(of).await.remove(0);
    assert_eq!((quality.wanted, quality.best, quality.reason), (Layer::High, Layer::Low, LayerReason::Role));

    for _ in 0..3 {
        assert_eq!(join(ask(1), offer()).await, None);
    }
    assert_eq!(join(ask(1), offer()).await, Some(JoinRefusal::Full));
    server.plane.end_participant(ask(1).participant);
    for _ in 0..4 {
        server
            .event("the end of a viewer session", |event| {
                matches!(event, MediaEvent::ViewerLeft { .. }).then_some(())
            })
            .await;
    }
    assert_eq!(server.plane.viewers(session(1)), 0);
    server.plane.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_that_closes_gives_its_seat_back() {
    let mut server = Server::start().await;
    let _encoder = server.push(1, Layer::High).ffmpeg();
    server.arrived(1, Layer::High).await;
    let mut viewer = Viewer::join(&server.plane, ask(1)).await.unwrap();
    viewer.watch_until("the picture", |viewer| !viewer.pictures.is_empty()).await;
    assert_ne!(viewer.server.unwrap(), viewer.address());
    viewer.disconnect();
    for _ in 0..5 {
        viewer.step().await;
    }
    let id = viewer.id;
    server
        .event("the end of the viewer session", |event| match event {
            MediaEvent::ViewerLeft { viewer, .. } => (*viewer == id).then_some(()),
            _ => None,
        })
        .await;
    assert_eq!(server.plane.viewers(session(1)), 0);
    server.plane.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_right_that_changes_moves_who_is_watching() {
    let mut server = Server::start().await;
    let _high = server.push(1, Layer::High).ffmpeg();
    server.arrived(1, Layer::High).await;
    let low = server.push(1, Layer::Low).ffmpeg();
    server.arrived(1, Layer::Low).await;
    let mut viewer = Viewer::join(&server.plane, ask(1)).await.unwrap();
    viewer.watch_until("the high layer", |viewer| viewer.pictures.len() > 10).await;
    let Ask { session: of, participant, .. } = ask(1);

    server.plane.set_best(of, participant, Layer::Low).await;
    viewer.watch_until("the low layer", |viewer| viewer.widths() == [640, 320]).await;
    assert_eq!(server.plane.watching(of), [(participant, Layer::Low)]);
    server.plane.set_best(of, participant, Layer::High).await;
    viewer.watch_until("the high layer again", |viewer| viewer.widths() == [640, 320, 640]).await;
    for switch in [
        (None, Layer::High, LayerReason::Starting),
        (Some(Layer::High), Layer::Low, LayerReason::Role),
        (Some(Layer::Low), Layer::High, LayerReason::Starting),
    ] {
        assert_eq!(server.switched().await, switch);
    }
    viewer.assert_one_stream();

    // Where there is nothing else, the right is kept and the picture stands.
    drop(low);
    server
        .event("the end of the low layer", |event| match event {
            MediaEvent::LayerLost { layer: Layer::Low, .. } => Some(()),
            _ => None,
        })
        .await;
    server.plane.set_best(of, participant, Layer::Low).await;
    let quality = server.plane.quality(of).await.remove(0);
    assert_eq!((quality.best, quality.layer), (Layer::Low, Some(Layer::High)), "what it was shown last");
    // What stood in the socket while the end of the low layer was waited for, and what was under way.
    let heard = viewer.sounds.len();
    viewer.watch_until("what came meanwhile", |viewer| viewer.sounds.len() > heard + 200).await;
    let (pictures, heard) = (viewer.pictures.len(), viewer.sounds.len());
    viewer.watch_until("sound without picture", |viewer| viewer.sounds.len() > heard + 50).await;
    assert_eq!(viewer.pictures.len(), pictures, "a layer without right goes on");
    server.plane.shutdown().await;
}
