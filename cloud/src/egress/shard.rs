//! One thread and its socket: the loop that drives a [`House`] of viewers.
//!
//! It has no decisions in it: take what is there, one mutation, drain, send, again.

use std::net::{IpAddr, TcpListener as StdListener, UdpSocket as StdSocket};
use std::sync::Arc;
use std::time::{Duration, Instant};

use returnfeed_protocol::{Layer, SessionId};
use tokio::sync::{broadcast, mpsc};
use tokio_util::sync::CancellationToken;

use super::command::Command;
use super::fan_out::Fed;
use super::house::House;
use super::identity::Identity;
use super::socket::Socket;
use super::tcp::{Arrived, Streams};
use crate::media::MediaEvent;
use crate::media::board::Board;
use crate::stage;

/// How often silent viewers are looked for and waiting ones remembered.
const TICK: Duration = Duration::from_millis(500);
/// Batches of datagrams taken in one turn, before frames have theirs.
const TURN: usize = 8;

/// What a shard is made of.
pub(super) struct Parts {
    pub(super) socket: StdSocket,
    pub(super) listener: StdListener,
    pub(super) public: Vec<IpAddr>,
    pub(super) handshake: Duration,
    pub(super) identity: Identity,
    pub(super) board: Arc<Board>,
    pub(super) events: broadcast::Sender<MediaEvent>,
    pub(super) wanted: mpsc::Sender<(SessionId, Layer)>,
    pub(super) commands: mpsc::Receiver<Command>,
    pub(super) frames: mpsc::Receiver<Fed>,
    pub(super) stop: CancellationToken,
}

/// Runs a shard on this thread until it is stopped.
pub(super) fn run(parts: Parts) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    match runtime {
        Ok(runtime) => runtime.block_on(serve(parts)),
        Err(error) => tracing::error!(%error, "a shard could not start"),
    }
}

async fn serve(parts: Parts) {
    let Parts {
        socket,
        listener,
        public,
        handshake,
        identity,
        board,
        events,
        wanted,
        mut commands,
        mut frames,
        stop,
    } = parts;
    let mut socket = match Socket::new(socket) {
        Ok(socket) => socket,
        Err(error) => return tracing::error!(%error, "the WebRTC socket cannot be used"),
    };
    let mut streams = match Streams::new(listener) {
        Ok(streams) => streams,
        Err(error) => return tracing::error!(%error, "the port for ICE over TCP cannot be used"),
    };
    let mut house = House::new(socket.local(), public, handshake, identity, board, events, wanted);
    let mut tick = tokio::time::interval(TICK);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        let deadline = house.deadline().map(tokio::time::Instant::from_std);
        let sleep = async {
            match deadline {
                Some(at) => tokio::time::sleep_until(at).await,
                None => std::future::pending().await,
            }
        };
        let mut sent_frame = None;
        tokio::select! {
            biased;
            () = stop.cancelled() => break,
            Some(fed) = frames.recv() => sent_frame = house.fed(fed),
            Some(command) = commands.recv() => house.command(command),
            readable = socket.readable() => match readable {
                Ok(()) => receive(&mut house, &mut socket),
                Err(error) => tracing::warn!(%error, "the WebRTC socket cannot be read"),
            },
            Arrived { path, data } = streams.next() => house.datagram(path, &data, Instant::now()),
            () = sleep => house.wake(Instant::now()),
            _ = tick.tick() => house.look_around(Instant::now()),
        }
        house.settle();
        for (remote, datagram) in house.batch.take_streamed() {
            streams.send(remote, datagram);
        }
        if !house.batch.is_empty() {
            house.batch.flush(&socket).await;
        }
        if let Some((layer, arrived)) = sent_frame {
            stage::record_for(stage::Stage::Cloud, layer, Instant::now().saturating_duration_since(arrived));
        }
    }
    house.stop();
    house.batch.flush(&socket).await;
}

fn receive(house: &mut House, socket: &mut Socket) {
    for _ in 0..TURN {
        let now = Instant::now();
        match socket.receive(|path, data| house.datagram(path, data, now)) {
            Ok(true) => {}
            Ok(false) => return,
            // A closed port of a viewer that left (ICMP): theirs alone.
            Err(error) => return tracing::debug!(%error, "a WebRTC peer is gone"),
        }
    }
}
