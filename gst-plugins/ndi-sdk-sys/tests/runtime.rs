//! Run-sheets against the real NDI runtime: a sender and receivers in one process.
//!
//! Run by `tests/tools/with-ndi.sh cargo test -p ndi-sdk-sys`; without a runtime they fail and say so.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use ndi_sdk_sys::{
    Bandwidth, FindOptions, Finder, Frame, Picture, PixelFormat, ReceiveOptions, Receiver, Runtime, Sender,
    Sound, Source, Tally,
};

const DEADLINE: Duration = Duration::from_secs(20);
const TICK: Duration = Duration::from_millis(20);

// Discovery asks one port per host, so senders of several tests at once would hide each other.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

fn runtime() -> (Arc<Runtime>, MutexGuard<'static, ()>) {
    let turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let runtime = Runtime::load().unwrap_or_else(|error| {
        panic!("{error}\nTo fetch it for tests: tests/tools/with-ndi.sh cargo test -p ndi-sdk-sys")
    });
    (runtime, turn)
}

/// A source that sends until it is dropped.
struct Camera {
    sender: Arc<Sender>,
    stop: Arc<AtomicBool>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Camera {
    fn open(runtime: &Arc<Runtime>, name: &str, (width, height): (u32, u32), format: PixelFormat) -> Self {
        let sender = Arc::new(Sender::new(runtime, name, true).expect("a sender can be made"));
        let stop = Arc::new(AtomicBool::new(false));
        let (out, ended) = (Arc::clone(&sender), Arc::clone(&stop));
        let pixel: &[u8] = match format {
            PixelFormat::Uyvy => &[102, 63, 240, 63],
            PixelFormat::Bgra => &[10, 20, 200, 128],
        };
        let data = pixel.repeat((width * height) as usize * format.bytes() / pixel.len());
        let thread = std::thread::spawn(move || {
            let tone: Vec<f32> = (0..1600).map(|n| if n < 800 { 0.25 } else { -0.5 }).collect();
            while !ended.load(Ordering::Relaxed) {
                let picture = Picture { format, width, height, rate: (60, 1), aspect: 0.0, data: &data };
                assert!(out.send_video(&picture));
                assert!(out.send_audio(&Sound { rate: 48_000, channels: 2, samples: 800, data: &tone }));
            }
        });
        Self { sender, stop, thread: Some(thread) }
    }

    fn find(&self, runtime: &Arc<Runtime>) -> Source {
        let options = FindOptions { extra_ips: Some("127.0.0.1".into()), groups: None };
        let mut finder = Finder::new(runtime, &options).expect("a finder can be made");
        let name = self.sender.source().name;
        until("the finder lists the source", || {
            finder.wait(TICK);
            finder.sources().into_iter().find(|source| source.name == name)
        })
    }
}

impl Drop for Camera {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

fn until<T>(what: &str, mut attempt: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(answer) = attempt() {
            return answer;
        }
        assert!(begun.elapsed() < DEADLINE, "not within {DEADLINE:?}: {what}");
    }
}

fn receive(runtime: &Arc<Runtime>, source: &Source, bandwidth: Bandwidth) -> Receiver {
    let options = ReceiveOptions {
        name: Some(source.name.clone()),
        url: Some(source.url.clone()),
        bandwidth,
        receiver_name: Some("a test".into()),
    };
    Receiver::new(runtime, &options).expect("a receiver can be made")
}

#[test]
fn the_lowest_bandwidth_brings_a_small_picture_at_full_rate_with_its_sound() {
    let (runtime, _turn) = runtime();
    let camera = Camera::open(&runtime, "small", (1920, 1080), PixelFormat::Uyvy);
    let receiver = receive(&runtime, &camera.find(&runtime), Bandwidth::Lowest);
    let (mut picture, mut sound) = (None, None);
    until("picture and sound", || {
        match receiver.capture(TICK) {
            Frame::Video(frame) => {
                assert_eq!(frame.format(), Some(PixelFormat::Uyvy));
                assert_eq!(frame.data().len(), frame.stride() * frame.height() as usize);
                assert!(frame.timestamp().is_some());
                picture = Some((frame.width(), frame.height(), frame.rate(), frame.data()[..4].to_vec()));
            }
            Frame::Audio(frame) => {
                assert!(frame.channel(2).is_empty(), "there is no third channel");
                sound = Some((frame.rate(), frame.channels(), frame.samples(), frame.channel(1)[0]));
            }
            _ => {}
        }
        (picture.is_some() && sound.is_some()).then_some(())
    });
    let (width, height, rate, pixel) = picture.expect("waited for");
    assert_eq!((width, height, rate), (640, 360, Some((60, 1))));
    // The small picture keeps the code values of the large one, so its colours keep the large one's matrix.
    let sent = [102_i16, 63, 240, 63];
    let off = pixel.iter().zip(sent).map(|(got, sent)| (i16::from(*got) - sent).abs()).max();
    assert!(off <= Some(3), "sent {sent:?}, got {pixel:?}");
    let (rate, channels, samples, level) = sound.expect("waited for");
    assert_eq!((rate, channels), (48_000, 2));
    assert!(samples > 0);
    assert!((level + 0.5).abs() < 0.01, "the second channel was sent at -0.5 and came at {level}");
}

#[test]
fn a_source_with_transparency_comes_as_bgra() {
    let (runtime, _turn) = runtime();
    let camera = Camera::open(&runtime, "see-through", (640, 360), PixelFormat::Bgra);
    let receiver = receive(&runtime, &camera.find(&runtime), Bandwidth::Highest);
    until("a picture", || match receiver.capture(TICK) {
        Frame::Video(frame) => {
            assert_eq!(frame.format(), Some(PixelFormat::Bgra));
            assert_eq!(frame.data().len(), frame.stride() * 360);
            Some(())
        }
        _ => None,
    });
}

#[test]
fn a_receiver_lights_no_lamp_until_it_is_told_to_and_its_end_darkens_it() {
    let (runtime, _turn) = runtime();
    let camera = Camera::open(&runtime, "tally", (640, 360), PixelFormat::Uyvy);
    let receiver = receive(&runtime, &camera.find(&runtime), Bandwidth::Lowest);
    until("a picture", || matches!(receiver.capture(TICK), Frame::Video(_)).then_some(()));
    assert_eq!(
        camera.sender.tally(Duration::from_millis(300)).0,
        Tally::default(),
        "nobody asked for a lamp"
    );

    let lamps = Tally { program: true, preview: true };
    assert!(receiver.set_tally(lamps), "a source is connected");
    until("both lamps are lit", || (camera.sender.tally(TICK).0 == lamps).then_some(()));
    until("the source echoes both", || match receiver.capture(TICK) {
        Frame::Metadata(text) => {
            (text.contains("ndi_tally_echo") && text.matches("\"true\"").count() == 2).then_some(())
        }
        _ => None,
    });

    drop(receiver);
    until("both lamps are dark", || (camera.sender.tally(TICK).0 == Tally::default()).then_some(()));
}

#[test]
fn frames_are_counted_even_while_nobody_takes_them() {
    let (runtime, _turn) = runtime();
    let camera = Camera::open(&runtime, "counted", (640, 360), PixelFormat::Uyvy);
    let receiver = receive(&runtime, &camera.find(&runtime), Bandwidth::Lowest);
    until("thirty pictures are counted", || {
        drop(receiver.capture_metadata(TICK));
        (receiver.performance().received.video >= 30).then_some(())
    });
    assert_eq!(receiver.connections(), 1);
    until("the runtime throws away what nobody takes", || {
        drop(receiver.capture_metadata(TICK));
        (receiver.performance().dropped.video > 0).then_some(())
    });
}

#[test]
fn a_second_sender_of_the_same_name_is_refused_with_the_reason() {
    let (runtime, _turn) = runtime();
    let _first = Sender::new(&runtime, "twin", true).expect("a sender can be made");
    let refusal = Sender::new(&runtime, "twin", true).err().expect("the name is taken").to_string();
    assert!(refusal.contains("choose another name"), "{refusal}");
}

#[test]
fn a_receiver_of_nothing_is_refused_and_one_of_an_absent_source_waits() {
    let (runtime, _turn) = runtime();
    assert!(Receiver::new(&runtime, &ReceiveOptions::default()).is_err());
    let absent = Source { name: "CI (absent)".into(), url: "127.0.0.1:5999".into() };
    let receiver = receive(&runtime, &absent, Bandwidth::Lowest);
    let begun = Instant::now();
    assert!(matches!(receiver.capture(Duration::from_millis(100)), Frame::None | Frame::SourceChange));
    assert!(begun.elapsed() < DEADLINE);
    assert_eq!(receiver.connections(), 0);
}
