//! Every metric: its name, what it tells, and where its values come from. `docs/operations.md` is this table for
//! people.
//!
//! Names and labels of the `simulcast_` and `network_` metrics are the architecture's, to the letter. Our own carry
//! their unit, and `_total` where they only grow.

use std::sync::OnceLock;
use std::time::{SystemTime, UNIX_EPOCH};

use returnfeed_protocol::{Layer, LayerCounts, Role};

use super::exposition::Kind::{Counter, Gauge, Histogram};
use super::exposition::{Exposition, Family, Labels};
use super::pushes::Push;
use super::sessions::Sessions;
use super::{
    DROPPED_DATAGRAMS, DROPPED_FRAMES, REFUSED_CONNECTIONS, STRAY_DATAGRAMS, UNFINISHED_HANDSHAKES, process,
};
use crate::relay::RoomFigures;
use crate::stage::{self, Stage};

macro_rules! families {
    ($($constant:ident = $name:literal, $kind:ident, $help:literal;)+) => {
        $(const $constant: Family = Family { name: $name, kind: $kind, help: $help };)+
    };
}

families! {
    SWITCHES = "simulcast_quality_switches", Counter, "Changes of a viewer's layer.";
    ACTIVE = "simulcast_active_viewers", Gauge, "Viewers that have this layer.";
    LOSS = "network_packet_loss", Histogram, "Share of packets lost on the way to a participant, observed each second; user_id other: those beyond the labelled ones.";
    FRAME_STAGE = "frame_stage_seconds", Histogram, "How long a stage of its way held a picture.";
    INGEST_BYTES = "ingest_bytes_total", Counter, "Payload bytes that a session's push brought.";
    INGEST_MESSAGES = "ingest_messages_total", Counter, "SRT messages that a session's push brought.";
    INGEST_DELAY = "ingest_delay_seconds", Gauge, "From capture to arrival at this server.";
    SRT_RTT = "srt_round_trip_seconds", Gauge, "Round trip between encoder and server.";
    SRT_RATE = "srt_receive_bytes_per_second", Gauge, "What arrives, repetitions and headers included.";
    SRT_HOLD = "srt_hold_seconds", Gauge, "The longest that a packet may wait behind a gap.";
    SRT_LONGEST_HOLD = "srt_longest_hold_seconds", Gauge, "The longest that a packet has waited behind a gap.";
    SRT_RECEIVED = "srt_packets_received_total", Counter, "Packets received, each copy.";
    SRT_LOST = "srt_packets_lost_total", Counter, "Packets found missing; most of them come later.";
    SRT_REPEATED = "srt_packets_repeated_total", Counter, "Of the received packets, repetitions.";
    SRT_DROPPED = "srt_packets_dropped_total", Counter, "Missing packets that never came in time.";
    EGRESS_DATAGRAMS = "egress_dropped_datagrams_total", Counter, "Datagrams to viewers that this machine could not send.";
    EGRESS_FRAMES = "egress_dropped_frames_total", Counter, "Frames that a full shard did not take.";
    EGRESS_STRAYS = "egress_stray_datagrams_total", Counter, "Datagrams to the viewers' port that were no viewer's.";
    EGRESS_REFUSED = "egress_refused_connections_total", Counter, "TCP connections of viewers that were not taken.";
    EGRESS_UNFINISHED = "egress_unfinished_handshakes_total", Counter, "Viewers whose handshake was never finished.";
    RELAY_SOCKETS = "relay_sockets", Gauge, "Directors and pages that are connected.";
    RELAY_TALLY_AGE = "relay_tally_age_seconds", Gauge, "Since the director's newest word was heard; pages show unknown from 2.5 s on.";
    PROCESS_CPU = "process_cpu_seconds_total", Counter, "Processor seconds, user and system.";
    PROCESS_MEMORY = "process_resident_memory_bytes", Gauge, "Memory in use.";
    PROCESS_FDS = "process_open_fds", Gauge, "Open files and sockets.";
    PROCESS_MAX_FDS = "process_max_fds", Gauge, "How many files and sockets may be open.";
    PROCESS_THREADS = "process_threads", Gauge, "Threads.";
    PROCESS_START = "process_start_time_seconds", Gauge, "When the server began, in Unix time.";
    BUILD = "returnfeed_build_info", Gauge, "Always 1; the label says which version runs.";
}

/// All of it.
pub(super) fn render(sessions: &Sessions, rooms: &[RoomFigures]) -> String {
    let mut out = Exposition::default();
    audiences(&mut out, sessions);
    stages(&mut out);
    pushes(&mut out, sessions);
    egress(&mut out);
    relay(&mut out, rooms);
    process(&mut out);
    out.into_text()
}

fn audiences(out: &mut Exposition, sessions: &Sessions) {
    let mut switches = out.family(&SWITCHES);
    for (id, session) in sessions.iter() {
        for (from, to, count) in session.audience.switches() {
            let labels: Labels<'_> = &[("session_id", id), ("from_quality", &from), ("to_quality", &to)];
            switches.value(labels, count);
        }
    }
    let mut active = out.family(&ACTIVE);
    for (id, session) in sessions.iter() {
        let LayerCounts { high, low, waiting: _ } = session.audience.now();
        for (layer, viewers) in [(Layer::High, high), (Layer::Low, low)] {
            active.value(&[("session_id", id), ("quality", &layer)], viewers);
        }
    }
    let mut losses = out.family(&LOSS);
    for (id, session) in sessions.iter() {
        for (who, loss) in session.audience.losses() {
            let user = who.map_or("other".to_owned(), |who| who.to_string());
            losses.histogram(&[("session_id", id), ("user_id", &user)], loss);
        }
    }
}

fn stages(out: &mut Exposition) {
    let mut samples = out.family(&FRAME_STAGE);
    for stage in Stage::ALL {
        for layer in Layer::ALL {
            let labels: Labels<'_> = &[("stage", &stage.as_str()), ("layer", &layer)];
            samples.histogram(labels, stage::held(stage, layer));
        }
    }
}

fn pushes(out: &mut Exposition, sessions: &Sessions) {
    of_pushes(out, sessions, &INGEST_BYTES, |push| Some(push.bytes.get()));
    of_pushes(out, sessions, &INGEST_MESSAGES, |push| Some(push.messages.get()));
    of_pushes(out, sessions, &SRT_RECEIVED, |push| Some(push.received.get()));
    of_pushes(out, sessions, &SRT_LOST, |push| Some(push.lost.get()));
    of_pushes(out, sessions, &SRT_REPEATED, |push| Some(push.repeated.get()));
    of_pushes(out, sessions, &SRT_DROPPED, |push| Some(push.dropped.get()));
    let delay = |push: &Push| push.now.as_ref()?.delay.map(|delay| delay.as_secs_f64());
    of_pushes(out, sessions, &INGEST_DELAY, delay);
    of_pushes(out, sessions, &SRT_RTT, |push| Some(push.now.as_ref()?.stats.rtt.as_secs_f64()));
    of_pushes(out, sessions, &SRT_RATE, |push| Some(push.now.as_ref()?.stats.bits_per_second / 8));
    of_pushes(out, sessions, &SRT_HOLD, |push| Some(push.now.as_ref()?.stats.hold.as_secs_f64()));
    let longest = |push: &Push| Some(push.now.as_ref()?.stats.longest_hold.as_secs_f64());
    of_pushes(out, sessions, &SRT_LONGEST_HOLD, longest);
}

fn of_pushes<V: std::fmt::Display>(
    out: &mut Exposition,
    sessions: &Sessions,
    family: &Family,
    value: impl Fn(&Push) -> Option<V>,
) {
    let mut samples = out.family(family);
    for (id, session) in sessions.iter() {
        for (layer, push) in session.pushes.iter() {
            if let Some(value) = value(push) {
                samples.value(&[("session_id", id), ("layer", &layer)], value);
            }
        }
    }
}

fn egress(out: &mut Exposition) {
    out.family(&EGRESS_DATAGRAMS).value(&[], DROPPED_DATAGRAMS.get());
    out.family(&EGRESS_FRAMES).value(&[], DROPPED_FRAMES.get());
    out.family(&EGRESS_REFUSED).value(&[], REFUSED_CONNECTIONS.get());
    out.family(&EGRESS_UNFINISHED).value(&[], UNFINISHED_HANDSHAKES.get());
    out.family(&EGRESS_STRAYS).value(&[], STRAY_DATAGRAMS.get());
}

fn relay(out: &mut Exposition, rooms: &[RoomFigures]) {
    let mut sockets = out.family(&RELAY_SOCKETS);
    let all = |of: fn(&RoomFigures) -> usize| rooms.iter().map(of).sum::<usize>();
    sockets.value(&[("role", &Role::Director)], all(|room| room.directors));
    sockets.value(&[("role", &Role::Camera)], all(|room| room.cameras));
    sockets.value(&[("role", &Role::Viewer)], all(|room| room.viewers));
    let mut ages = out.family(&RELAY_TALLY_AGE);
    for RoomFigures { session, tally_age, .. } in rooms {
        if let Some(age) = tally_age {
            ages.value(&[("session_id", session)], age.as_secs_f64());
        }
    }
}

fn process(out: &mut Exposition) {
    if let Some(process) = process::read() {
        out.family(&PROCESS_CPU).value(&[], process.cpu.as_secs_f64());
        out.family(&PROCESS_MEMORY).value(&[], process.resident_bytes);
        out.family(&PROCESS_FDS).value(&[], process.open_fds);
        out.family(&PROCESS_MAX_FDS).value(&[], process.max_fds);
        out.family(&PROCESS_THREADS).value(&[], process.threads);
    }
    out.family(&PROCESS_START).value(&[], began().as_secs_f64());
    out.family(&BUILD).value(&[("version", &env!("CARGO_PKG_VERSION"))], 1);
}

/// When this was asked first: as the server starts.
pub(super) fn began() -> std::time::Duration {
    static BEGAN: OnceLock<std::time::Duration> = OnceLock::new();
    *BEGAN.get_or_init(|| SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default())
}
