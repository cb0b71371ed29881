//! Run-sheets of `ndiproxysrc` against real NDI sources in processes of their own.
//!
//! Run by `tests/tools/with-ndi.sh cargo test -p gst-plugin-ndiproxy`; without a runtime they fail and say so.

use std::sync::{Mutex, MutexGuard, Once, PoisonError};
use std::time::Duration;

use gst::prelude::*;
use gstndiproxy::Health;
use ndi_sdk_sys::Runtime;

mod camera;
mod launched;
mod stage;

use camera::Camera;
use stage::Stage;

/// NDI asks one port per host for its sources, so two sender processes would hide each other.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

fn turn() -> MutexGuard<'static, ()> {
    static ONCE: Once = Once::new();
    let turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    if let Err(error) = Runtime::load() {
        panic!("{error}\nTo fetch it for tests: tests/tools/with-ndi.sh cargo test -p gst-plugin-ndiproxy");
    }
    ONCE.call_once(|| {
        gst::init().expect("GStreamer is installed");
        gstndiproxy::plugin_register_static().expect("the plugin registers");
    });
    turn
}

fn assert_rising(times: &[gst::ClockTime]) {
    assert!(times.windows(2).all(|pair| pair[0] < pair[1]), "times do not rise strictly: {times:?}");
}

#[test]
fn picture_and_sound_arrive_with_their_caps_and_rising_times() {
    let _turn = turn();
    let camera = Camera::start(&["--name", "both", "--size", "1280x720", "--fps", "60"]);
    let stage = Stage::set(&[("ndi-name", &camera.name)]);
    stage.play();
    stage.is(Health::Connected);
    stage.more_pictures(60);
    stage.until("sound", |stage| stage.audio().times.len() >= 30);
    let (video, audio) = (stage.video(), stage.audio());
    assert_eq!(video.caps.len(), 1, "{:?}", video.caps);
    for part in
        ["UYVY", "width=(int)640", "height=(int)360", "framerate=(fraction)60/1", "progressive", "bt709"]
    {
        assert!(video.caps[0].contains(part), "{} lacks {part}", video.caps[0]);
    }
    for part in ["F32LE", "interleaved", "rate=(int)48000", "channels=(int)2"] {
        assert!(audio.caps[0].contains(part), "{} lacks {part}", audio.caps[0]);
    }
    let order =
        [gst::EventType::StreamStart, gst::EventType::Caps, gst::EventType::Segment, gst::EventType::Unknown];
    assert_eq!(video.events[..4], order);
    assert_eq!(audio.events[..4], order);
    assert_rising(&video.times);
    assert_rising(&audio.times);
    assert_eq!(video.bytes, video.times.len() * 640 * 360 * 2);
    let stats: gst::Structure = stage.source.property("stats");
    assert!(stats.get::<u64>("frames").expect("counted") >= 60, "{stats}");
    assert_eq!(stats.get::<u32>("connections"), Ok(1), "{stats}");
}

#[test]
fn a_source_without_sound_brings_its_picture_though_a_sink_waits_for_sound() {
    let _turn = turn();
    let camera = Camera::start(&["--name", "silent", "--tone", "0", "--size", "320x180", "--fps", "30"]);
    let stage = Stage::set(&[("ndi-name", &camera.name)]);
    stage.play();
    stage.more_pictures(30);
    assert!(stage.audio().times.is_empty());
}

#[test]
fn nothing_flows_in_pause_and_times_go_on_rising_after_it() {
    let _turn = turn();
    let camera = Camera::start(&["--name", "paused"]);
    let stage = Stage::set(&[("ndi-name", &camera.name)]);
    assert_eq!(stage.pipeline.set_state(gst::State::Paused), Ok(gst::StateChangeSuccess::NoPreroll));
    stage.is(Health::Connected);
    assert!(stage.video().times.is_empty());
    stage.play();
    stage.more_pictures(10);
    assert_eq!(stage.pipeline.set_state(gst::State::Paused), Ok(gst::StateChangeSuccess::NoPreroll));
    stage.play();
    stage.more_pictures(10);
    assert_rising(&stage.video().times);
}

#[test]
fn a_lamp_is_lit_only_while_it_is_asked_for_and_the_source_confirms_it() {
    let _turn = turn();
    let mut camera = Camera::start(&["--name", "lamps"]);
    let stage = Stage::set(&[("ndi-name", &camera.name)]);
    stage.play();
    stage.is(Health::Connected);
    camera.stays_dark(Duration::from_millis(500));
    for (program, preview) in [(true, false), (false, true), (true, true), (false, false)] {
        stage.source.set_property("tally-program", program);
        stage.source.set_property("tally-preview", preview);
        camera.shows(program, preview);
        stage.until("the echo says the same", |stage| {
            stage.source.property::<bool>("tally-echo-program") == program
                && stage.source.property::<bool>("tally-echo-preview") == preview
        });
    }
}

#[test]
fn the_echo_tells_the_lamp_that_another_receiver_lights() {
    let _turn = turn();
    let mut camera = Camera::start(&["--name", "shared"]);
    let ours = Stage::set(&[("ndi-name", &camera.name)]);
    let theirs =
        Stage::set(&[("ndi-name", &camera.name), ("tally-program", "true"), ("bandwidth", "metadata-only")]);
    ours.play();
    ours.is(Health::Connected);
    theirs.play();
    camera.has_receivers(2);
    camera.shows(true, false);
    ours.until("the echo is RED", |stage| stage.source.property("tally-echo-program"));
    drop(theirs);
    camera.shows(false, false);
    ours.until("the echo is dark", |stage| !stage.source.property::<bool>("tally-echo-program"));
}

#[test]
fn lamps_go_dark_when_the_element_leaves_its_state_and_come_back_with_it() {
    let _turn = turn();
    let mut camera = Camera::start(&["--name", "states"]);
    let stage = Stage::set(&[("ndi-name", &camera.name), ("tally-program", "true")]);
    stage.play();
    camera.shows(true, false);
    stage.pipeline.set_state(gst::State::Ready).expect("it goes down");
    camera.shows(false, false);
    assert_eq!(stage.health(), Health::Searching);
    stage.play();
    camera.shows(true, false);
    stage.more_pictures(5);
}

#[test]
fn a_source_that_dies_is_lost_and_comes_back_with_other_caps_and_its_lamp() {
    let _turn = turn();
    let mut camera = Camera::start(&["--name", "mortal", "--fps", "60"]);
    let stage = Stage::set(&[("ndi-name", &camera.name)]);
    stage.play();
    stage.more_pictures(10);
    stage.source.set_property("tally-program", true);
    camera.shows(true, false);
    drop(camera);
    stage.is(Health::Lost);
    assert!(!stage.source.property::<bool>("tally-echo-program"), "nobody can confirm it now");

    let mut camera = Camera::start(&["--name", "mortal", "--fps", "30"]);
    stage.is(Health::Connected);
    stage.more_pictures(10);
    camera.shows(true, false);
    let video = stage.video();
    assert_eq!(video.caps.len(), 2, "{:?}", video.caps);
    assert!(video.caps[1].contains("30/1"), "{}", video.caps[1]);
    assert_rising(&video.times);
}

#[test]
fn a_source_that_returns_on_another_port_is_followed_by_its_name() {
    let _turn = turn();
    let camera = Camera::start(&["--name", "moving"]);
    let before = camera.source();
    let stage = Stage::set(&[("ndi-name", &before.name), ("url-address", &before.url)]);
    stage.play();
    stage.more_pictures(10);
    drop(camera);
    stage.is(Health::Lost);
    let port: u16 = before.url.rsplit(':').next().and_then(|port| port.parse().ok()).expect("IP:PORT");
    // Free, and then this takes it; or the dead source's half-closed connections keep it: either way it is taken.
    let _taken = std::net::TcpListener::bind(("0.0.0.0", port));
    let camera = Camera::start(&["--name", "moving"]);
    assert_ne!(camera.source().url, before.url, "the port is taken");
    stage.is(Health::Connected);
    stage.more_pictures(10);
}

#[test]
fn a_source_that_hangs_is_frozen_and_thaws() {
    let _turn = turn();
    let camera = Camera::start(&["--name", "hanging"]);
    let stage = Stage::set(&[("ndi-name", &camera.name)]);
    stage.play();
    stage.more_pictures(10);
    camera.signal("STOP");
    stage.is(Health::Frozen);
    camera.signal("CONT");
    stage.is(Health::Connected);
    stage.more_pictures(10);
}

#[test]
fn a_source_that_stays_connected_and_sends_nothing_is_frozen() {
    let _turn = turn();
    let mut camera = Camera::start(&["--name", "still"]);
    let stage = Stage::set(&[("ndi-name", &camera.name), ("freeze-ms", "200")]);
    stage.play();
    stage.more_pictures(10);
    camera.signal("USR1");
    stage.is(Health::Frozen);
    // The tally of a frozen source is as good as any.
    stage.source.set_property("tally-preview", true);
    camera.shows(false, true);
    camera.signal("USR1");
    stage.is(Health::Connected);
}

#[test]
fn a_pipeline_that_blocks_is_not_taken_for_a_frozen_source_and_hides_no_lost_one() {
    let _turn = turn();
    let camera = Camera::start(&["--name", "blocked"]);
    let stage = Stage::set(&[("ndi-name", &camera.name), ("freeze-ms", "200")]);
    stage.play();
    stage.more_pictures(10);
    let pad = stage.source.static_pad("video_src").expect("an always pad");
    pad.add_probe(gst::PadProbeType::BLOCK_DOWNSTREAM, |_, _| gst::PadProbeReturn::Ok).expect("a probe");
    let frames = |stage: &Stage| {
        stage.source.property::<gst::Structure>("stats").get::<u64>("frames").expect("counted")
    };
    let had = frames(&stage);
    stage.until("a second's frames have come", |stage| frames(stage) > had + 60);
    assert_eq!(stage.health(), Health::Connected);
    drop(camera);
    stage.is(Health::Lost);
}

#[test]
fn an_application_that_ends_the_stream_gets_its_end() {
    let _turn = turn();
    let camera = Camera::start(&["--name", "ending", "--tone", "0"]);
    let stage = Stage::set(&[("ndi-name", &camera.name)]);
    stage.play();
    stage.more_pictures(5);
    assert!(stage.pipeline.send_event(gst::event::Eos::new()));
    stage.message(gst::MessageType::Eos);
}

#[test]
fn a_neighbour_that_refuses_the_caps_is_named_in_the_error() {
    let _turn = turn();
    let camera = Camera::start(&["--name", "refused"]);
    let source = gst::ElementFactory::make("ndiproxysrc").property("ndi-name", &camera.name).build();
    let stage = Stage::around(source.expect("registered"), Some("video/x-raw,format=UYVY,width=17"));
    stage.play();
    let message = stage.message(gst::MessageType::Error);
    let gst::MessageView::Error(error) = message.view() else { panic!("asked for an error") };
    let sentence = error.error().to_string();
    assert!(sentence.contains("video_src") && sentence.contains("converter"), "{sentence}");
}

#[test]
fn an_element_that_no_source_is_named_to_says_so() {
    let _turn = turn();
    let stage = Stage::set(&[]);
    assert!(stage.pipeline.set_state(gst::State::Paused).is_err());
    let message = stage.message(gst::MessageType::Error);
    let gst::MessageView::Error(error) = message.view() else { panic!("asked for an error") };
    assert!(error.error().to_string().contains("no NDI source is named"), "{}", error.error());
}

#[test]
fn a_device_monitor_lists_the_source_and_its_element_receives_it() {
    let _turn = turn();
    let camera = Camera::start(&["--name", "listed"]);
    let monitor = Monitor::start();
    let bus = monitor.0.bus();
    let deadline = gst::ClockTime::try_from(camera::DEADLINE).expect("a short time");
    let device = loop {
        let message =
            bus.timed_pop_filtered(deadline, &[gst::MessageType::DeviceAdded]).expect("a device is added");
        let gst::MessageView::DeviceAdded(added) = message.view() else { continue };
        if added.device().display_name() == camera.name.as_str() {
            break added.device();
        }
    };
    let element = device.create_element(None).expect("a device makes its element");
    let stage = Stage::around(element, None);
    stage.play();
    stage.more_pictures(5);
    let name = camera.name.clone();
    drop(camera);
    loop {
        let message =
            bus.timed_pop_filtered(deadline, &[gst::MessageType::DeviceRemoved]).expect("it is removed");
        let gst::MessageView::DeviceRemoved(removed) = message.view() else { continue };
        if removed.device().display_name() == name.as_str() {
            break;
        }
    }
}

/// Stops also when a test fails, as GStreamer demands.
struct Monitor(gst::DeviceMonitor);

impl Monitor {
    fn start() -> Self {
        let monitor = gst::DeviceMonitor::new();
        monitor.add_filter(Some("Source/Network"), None).expect("a filter");
        monitor.start().expect("the monitor starts");
        Self(monitor)
    }
}

impl Drop for Monitor {
    fn drop(&mut self) {
        self.0.stop();
    }
}
