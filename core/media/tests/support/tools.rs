//! The real ffmpeg, ffprobe and gst-launch-1.0, run as a person would, and what they say about a file.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Output};

use returnfeed_media::{Track, Unit};

/// A unit as `ffmpeg -f framecrc` prints it: time modulo 2^33, size, checksum.
pub(crate) type Frame = (u64, usize, u32);

/// Runs a tool to its end and gives what it said; anything but success is the test's failure.
pub(crate) fn run(program: &str, line: &str, files: &[(&str, &Path)]) -> Output {
    let output = try_run(program, line, files);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} {line}\n{said}");
    output
}

/// The same without judging how it ended. `{name}` in the line stands for a file.
pub(crate) fn try_run(program: &str, line: &str, files: &[(&str, &Path)]) -> Output {
    let words = line.split_whitespace().map(|word| {
        files.iter().fold(word.to_owned(), |word, (name, path)| {
            word.replace(&format!("{{{name}}}"), &path.to_string_lossy())
        })
    });
    Command::new(program)
        .args(words)
        .output()
        .unwrap_or_else(|error| panic!("{program} cannot be run ({error}): `./dev test` installs it"))
}

/// ffmpeg with `line` between its inputs, five seconds of moving picture and of a tone, and its output.
pub(crate) fn ffmpeg_makes(line: &str, out: &Path) {
    let source = "-nostdin -v error -y -f lavfi -i testsrc2=size=640x360:rate=60:duration=5 \
                  -f lavfi -i sine=frequency=440:sample_rate=48000:duration=5";
    run("ffmpeg", &format!("{source} {line} {{out}}"), &[("out", out)]);
}

/// The units of a file by ffmpeg's own demuxer.
pub(crate) fn frames_of(file: &Path, track: Track) -> Vec<Frame> {
    let map = match track {
        Track::Video => "0:v",
        Track::Audio => "0:a",
    };
    let line = format!("-nostdin -v error -i {{file}} -map {map} -c copy -copyts -f framecrc -");
    let output = run("ffmpeg", &line, &[("file", file)]);
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| {
            let fields: Vec<_> = line.split(',').map(str::trim).collect();
            let checksum = fields[5].trim_start_matches("0x");
            (
                fields[2].parse::<i64>().expect("a time").rem_euclid(1 << 33).unsigned_abs(),
                fields[4].parse().expect("a size"),
                u32::from_str_radix(checksum, 16).expect("a checksum"),
            )
        })
        .collect()
}

/// Our units in the same words.
pub(crate) fn as_frames(units: &[Unit], track: Track) -> Vec<Frame> {
    units
        .iter()
        .filter(|unit| unit.track == track)
        .map(|unit| (unit.pts.0, unit.data.len(), adler32(&unit.data)))
        .collect()
}

/// Adler-32 from 0, as framecrc has it.
fn adler32(bytes: &[u8]) -> u32 {
    let (low, high) = bytes.iter().fold((0u32, 0u32), |(low, high), byte| {
        let low = (low + u32::from(*byte)) % 65_521;
        (low, (high + low) % 65_521)
    });
    (high << 16) | low
}

/// What ffprobe says about a stream (`v:0`, `a:0`), by key.
pub(crate) fn probe(file: &Path, stream: &str) -> BTreeMap<String, String> {
    let line = format!("-v error -select_streams {stream} -show_entries stream -of default=nw=1 {{file}}");
    let output = run("ffprobe", &line, &[("file", file)]);
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter_map(|line| line.split_once('='))
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect()
}
