//! Our listener on a real UDP port of the loopback, in a thread of its own.

use std::net::UdpSocket;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use returnfeed_srt::{CloseReason, ConnectionStats, Listener, ListenerConfig, ListenerEvent, Refusal};

use super::{Loss, seed, unit};

/// What the listener does with everybody who asks.
#[derive(Clone, Copy)]
pub(crate) enum Answer {
    Accept(&'static str),
    /// Sends numbered units, so many, each 2 ms.
    Serve(&'static str, u32),
    /// The same, with another key each 200 packets.
    ServeChanging(&'static str, u32),
    Refuse(Refusal),
}

/// What was seen so far.
#[derive(Default, Clone)]
pub(crate) struct Seen {
    pub(crate) asked: Vec<String>,
    pub(crate) connected: usize,
    pub(crate) bytes: Vec<u8>,
    pub(crate) lost: u64,
    pub(crate) closed: Vec<CloseReason>,
    /// Reject codes as they went onto the wire.
    pub(crate) refused: Vec<u32>,
    pub(crate) stats: ConnectionStats,
}

pub(crate) struct Server {
    pub(crate) port: u16,
    seen: Arc<Mutex<Seen>>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Answer {
    /// How many units are sent to whoever asks.
    fn units(self) -> u32 {
        match self {
            Self::Serve(_, units) | Self::ServeChanging(_, units) => units,
            Self::Accept(_) | Self::Refuse(_) => 0,
        }
    }
}

impl Server {
    pub(crate) fn start(answer: Answer) -> Self {
        Self::start_on(0, answer)
    }

    /// On a path that loses one datagram in `lose_each` both ways.
    pub(crate) fn start_lossy(answer: Answer, lose_each: u64) -> Self {
        Self::begin(0, answer, Loss::new(lose_each))
    }

    pub(crate) fn start_on(port: u16, answer: Answer) -> Self {
        Self::begin(port, answer, Loss::new(0))
    }

    fn begin(port: u16, answer: Answer, loss: Loss) -> Self {
        let socket = UdpSocket::bind(("127.0.0.1", port)).unwrap();
        let port = socket.local_addr().unwrap().port();
        let (seen, stop) = (Arc::<Mutex<Seen>>::default(), Arc::<AtomicBool>::default());
        let (for_thread, stopped) = (Arc::clone(&seen), Arc::clone(&stop));
        let thread = std::thread::spawn(move || listen(&socket, answer, loss, &for_thread, &stopped));
        Self { port, seen, stop, thread: Some(thread) }
    }

    pub(crate) fn seen(&self) -> Seen {
        self.seen.lock().unwrap().clone()
    }

    /// Waits until `what` holds; fails after ten seconds with what was seen.
    pub(crate) fn wait(&self, what: &str, holds: impl Fn(&Seen) -> bool) -> Seen {
        let deadline = Instant::now() + Duration::from_secs(15);
        loop {
            let seen = self.seen();
            if holds(&seen) {
                return seen;
            }
            assert!(
                Instant::now() < deadline,
                "{what}: asked {:?}, connected {}, {} bytes, closed {:?}, {:?}",
                seen.asked,
                seen.connected,
                seen.bytes.len(),
                seen.closed,
                seen.stats
            );
            std::thread::yield_now();
            std::thread::park_timeout(Duration::from_millis(5));
        }
    }
}

/// Without a goodbye to anybody, as when the process is killed.
impl Drop for Server {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let ended = thread.join();
            assert!(std::thread::panicking() || ended.is_ok(), "the listener's thread panicked");
        }
    }
}

fn listen(socket: &UdpSocket, answer: Answer, mut loss: Loss, seen: &Mutex<Seen>, stop: &AtomicBool) {
    let mut listener = Listener::new(ListenerConfig::default(), &seed(), Instant::now());
    let mut buffer = [0; 2048];
    let mut current = None;
    let mut served = 0;
    let mut next_unit = Instant::now();
    while !stop.load(Ordering::Relaxed) {
        let now = Instant::now();
        let wait = listener.poll_timeout().map_or(Duration::from_millis(20), |(at, _)| at - now.min(at));
        let serving = current.filter(|_| served < answer.units());
        let wait = serving.map_or(wait, |_| wait.min(next_unit.saturating_duration_since(now)));
        socket
            .set_read_timeout(Some(wait.clamp(Duration::from_micros(100), Duration::from_millis(20))))
            .unwrap();
        if let Ok((length, from)) = socket.recv_from(&mut buffer)
            && !loss.hits()
        {
            listener.handle_datagram(from, &buffer[..length], Instant::now());
        }
        listener.handle_timeout(Instant::now());
        if let Some(connection) = serving.filter(|_| next_unit <= Instant::now()) {
            listener.send(connection, &unit(served), Instant::now()).unwrap();
            served += 1;
            next_unit = Instant::now() + Duration::from_millis(2);
        }
        let mut seen = seen.lock().unwrap();
        while let Some(event) = listener.poll_event() {
            match event {
                ListenerEvent::Asked { connection, stream_id, .. } => {
                    seen.asked.push(stream_id);
                    match answer {
                        Answer::Accept(passphrase) => {
                            listener.accept(connection, &passphrase.into(), Instant::now()).unwrap();
                        }
                        Answer::Serve(passphrase, _) | Answer::ServeChanging(passphrase, _) => {
                            listener.serve(connection, &passphrase.into(), Instant::now()).unwrap();
                        }
                        Answer::Refuse(refusal) => listener.refuse(connection, refusal, Instant::now()),
                    }
                }
                ListenerEvent::Connected { connection, .. } => {
                    if matches!(answer, Answer::ServeChanging(..)) {
                        listener.change_keys_every(connection, 200);
                    }
                    current = Some(connection);
                    seen.connected += 1;
                }
                ListenerEvent::Message { data, .. } => seen.bytes.extend_from_slice(&data),
                ListenerEvent::Lost { packets, .. } => seen.lost += packets,
                ListenerEvent::Closed { reason, .. } => {
                    current = None;
                    seen.closed.push(reason);
                }
            }
        }
        if let Some(stats) = current.and_then(|connection| listener.stats(connection)) {
            seen.stats = stats;
        }
        while let Some(transmit) = listener.poll_transmit() {
            seen.refused.extend(reject_code(&transmit.data));
            if !loss.hits() {
                // A caller that is gone answers with ICMP; the next receive says so, and that changes nothing.
                let _ = socket.send_to(&transmit.data, transmit.to);
            }
        }
    }
}

/// The last handshake field's value, where it is a refusal (draft-sharabayko-srt-01, 3.2.1).
fn reject_code(datagram: &[u8]) -> Option<u32> {
    let is_handshake = datagram.starts_with(&[0x80, 0]);
    let kind = u32::from_be_bytes(datagram.get(36..40)?.try_into().unwrap());
    (is_handshake && (1000..0x8000_0000).contains(&kind)).then_some(kind)
}
