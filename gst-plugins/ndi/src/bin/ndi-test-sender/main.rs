//! `ndi-test-sender`: a real NDI source for tests and demos: a moving picture, a tone, and what its lamps show.
//!
//! ```text
//! ndi-test-sender --name "Camera 1" --size 1920x1080 --fps 60
//! ```
//!
//! stdout: one JSON object per line, each with `unix_ms`: `ready` (with the source's full name), `tally` and
//! `connections` at each change, `frozen` and `thawed`. It ends with SIGTERM, after `--seconds`, or when nobody reads
//! its lines any more.
//!
//! It is a tool: nothing of the product depends on it.

use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use clap::Parser;
use ndi_sdk_sys::{PixelFormat, Runtime, Sender, Sound};

mod picture;
mod rate;
mod signal;

use picture::MovingPicture;
use rate::{Rate, Size};

#[derive(Parser)]
#[command(about = "A real NDI source for tests: moving picture, tone, and its tally as JSON lines", version)]
struct Arguments {
    /// What the source is called on the network, behind the machine's name.
    #[arg(long, default_value = "test")]
    name: String,
    /// Width and height in pixels.
    #[arg(long, default_value = "640x360")]
    size: Size,
    /// Frames per second: 60, or 60000/1001.
    #[arg(long, default_value = "60")]
    fps: Rate,
    /// Pitch of the tone in Hz; 0 sends no sound at all.
    #[arg(long, default_value_t = 440.0)]
    tone: f32,
    /// Write the time into the picture, as the element framestamp does.
    #[arg(long)]
    stamp: bool,
    /// On SIGUSR1 stop sending frames and stay connected; on the next go on.
    #[arg(long)]
    freeze_on_signal: bool,
    /// End when standard input closes, so that a test that dies leaves nothing behind.
    #[arg(long)]
    until_stdin_closes: bool,
    /// End after so many seconds.
    #[arg(long)]
    seconds: Option<u64>,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("ndi-test-sender: {reason}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), String> {
    let runtime = Runtime::load().map_err(|error| error.to_string())?;
    let sender = Arc::new(Sender::new(&runtime, &arguments.name, true).map_err(|error| error.to_string())?);
    if arguments.freeze_on_signal {
        signal::toggle_on_user_signal()?;
    }
    if arguments.until_stdin_closes {
        std::thread::spawn(|| {
            // Whatever comes is read away; its end, or a failure, is the sign.
            drop(std::io::copy(&mut std::io::stdin(), &mut std::io::sink()));
            std::process::exit(0);
        });
    }
    // Nobody reads any more: an orderly end, not a failure.
    if tell("ready", &format!(r#","source":{:?}"#, sender.source().name)).is_err() {
        return Ok(());
    }
    let ended = Arc::new(AtomicBool::new(false));
    let lamps = {
        let (sender, ended) = (Arc::clone(&sender), Arc::clone(&ended));
        std::thread::spawn(move || {
            report(&sender, &ended);
            ended.store(true, Ordering::Release);
        })
    };
    send(arguments, &sender, &ended);
    ended.store(true, Ordering::Release);
    lamps.join().map_err(|_| "the thread that reports the lamps panicked".to_owned())
}

/// Sends frames at their rate until the end.
fn send(arguments: &Arguments, sender: &Sender, ended: &AtomicBool) {
    let mut picture = MovingPicture::new(arguments.size, arguments.stamp);
    let until = arguments.seconds.map(|seconds| Instant::now() + Duration::from_secs(seconds));
    let mut phase = 0.0_f32;
    let mut frozen = false;
    for frame in 0_u64.. {
        if ended.load(Ordering::Acquire) || until.is_some_and(|until| Instant::now() >= until) {
            return;
        }
        if frozen != signal::is_frozen() {
            frozen = !frozen;
            if tell(if frozen { "frozen" } else { "thawed" }, "").is_err() {
                return;
            }
        }
        if frozen {
            std::thread::sleep(Duration::from_millis(10));
            continue;
        }
        // The first of the two waits until the frame's time has come; the tone follows its picture.
        sender.send_video(&picture.draw(frame, arguments.fps, now()));
        if arguments.tone > 0.0 {
            let tone = tone(arguments.fps.samples_of(frame), arguments.tone, &mut phase);
            let samples = tone.len() / 2;
            sender.send_audio(&Sound { rate: rate::SAMPLE_RATE, channels: 2, samples, data: &tone });
        }
    }
}

/// Two channels of a sine at a tenth of full scale, one after the other, continuing where the last block ended.
fn tone(samples: usize, pitch: f32, phase: &mut f32) -> Vec<f32> {
    let step = pitch / rate::SAMPLE_RATE as f32;
    let mut wave: Vec<f32> = Vec::with_capacity(samples * 2);
    for _ in 0..samples {
        wave.push((*phase * std::f32::consts::TAU).sin() * 0.1);
        *phase = (*phase + step).fract();
    }
    wave.extend_from_within(..);
    wave
}

/// Prints the lamps and the number of receivers whenever they change.
fn report(sender: &Sender, ended: &AtomicBool) {
    let (mut lamps, mut count) = (None, None);
    while !ended.load(Ordering::Acquire) {
        let (tally, _) = sender.tally(Duration::from_millis(20));
        if lamps.replace(tally) != Some(tally) {
            let detail = format!(r#","program":{},"preview":{}"#, tally.program, tally.preview);
            if tell("tally", &detail).is_err() {
                return;
            }
        }
        let connections = sender.connections(Duration::ZERO);
        if count.replace(connections) != Some(connections)
            && tell("connections", &format!(r#","count":{connections}"#)).is_err()
        {
            return;
        }
    }
}

fn tell(event: &str, detail: &str) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, r#"{{"event":"{event}","unix_ms":{}{detail}}}"#, now().as_millis())?;
    out.flush()
}

fn now() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

/// The runtime's picture format that this tool sends.
const FORMAT: PixelFormat = PixelFormat::Uyvy;
