//! An SRT server on the loopback that keeps whatever arrives, as any test may ask.

use std::collections::{BTreeMap, HashMap};
use std::net::{SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use returnfeed_media::{DemuxEvent, TsDemuxer, Unit};
use returnfeed_srt::{CloseReason, ConnectionId, Listener, ListenerConfig, ListenerEvent, Seed};
use secrecy::SecretString;

use crate::stage::PATIENCE;

pub(crate) const PASSPHRASE: &str = "a passphrase of this test";

/// What came, in order.
#[derive(Debug, Clone)]
pub(crate) struct Arrival {
    /// The stream id it was pushed with.
    pub stream: String,
    pub unit: Unit,
    pub at: Instant,
}

#[derive(Default)]
pub(crate) struct Heard {
    pub arrivals: Vec<Arrival>,
    pub closed: Vec<(String, CloseReason)>,
    pub troubles: Vec<String>,
}

impl Heard {
    fn sums(&self) -> String {
        let mut sums = BTreeMap::new();
        for arrival in &self.arrivals {
            *sums.entry(format!("{} {}", arrival.stream, arrival.unit.track)).or_insert(0) += 1;
        }
        format!(
            "{sums:?}, closed {:?}, {} troubles: {:#?}",
            self.closed,
            self.troubles.len(),
            self.troubles.last()
        )
    }
}

/// Ends with its thread when dropped, without a goodbye: like a server whose machine lost power.
pub(crate) struct Server {
    pub address: SocketAddr,
    heard: Arc<(Mutex<Heard>, Condvar)>,
    ended: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    pub(crate) fn start() -> Self {
        Self::on("127.0.0.1:0".parse().unwrap())
    }

    pub(crate) fn on(address: SocketAddr) -> Self {
        let socket = UdpSocket::bind(address).unwrap();
        socket.set_read_timeout(Some(Duration::from_millis(2))).unwrap();
        let address = socket.local_addr().unwrap();
        let heard = Arc::new((Mutex::new(Heard::default()), Condvar::new()));
        let ended = Arc::new(AtomicBool::new(false));
        let thread = std::thread::spawn({
            let (heard, ended) = (Arc::clone(&heard), Arc::clone(&ended));
            move || serve(&socket, &heard, &ended)
        });
        Self { address, heard, ended, thread: Some(thread) }
    }

    /// Waits until `found` finds what it looks for in all that came.
    pub(crate) fn wait<T>(&self, what: &str, mut found: impl FnMut(&Heard) -> Option<T>) -> T {
        let deadline = Instant::now() + PATIENCE;
        let mut heard = self.heard.0.lock().unwrap();
        loop {
            if let Some(result) = found(&heard) {
                return result;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                let sums = heard.sums();
                drop(heard);
                panic!("the server never saw {what}; it has {sums}");
            }
            heard = self.heard.1.wait_timeout(heard, left).unwrap().0;
        }
    }

    /// Waits until `count` units that `matches` have come, and gives all arrivals of that stream.
    pub(crate) fn until(
        &self,
        what: &str,
        stream: &str,
        count: usize,
        matches: impl Fn(&Arrival) -> bool,
    ) -> Vec<Arrival> {
        self.wait(what, |heard| {
            let of_stream = || heard.arrivals.iter().filter(|arrival| arrival.stream == stream);
            (of_stream().filter(|arrival| matches(arrival)).count() >= count)
                .then(|| of_stream().cloned().collect())
        })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
        let end = self.thread.take().unwrap().join();
        assert!(end.is_ok() || std::thread::panicking(), "the server panicked");
    }
}

struct Connection {
    stream: String,
    demuxer: TsDemuxer,
}

fn serve(socket: &UdpSocket, heard: &(Mutex<Heard>, Condvar), ended: &AtomicBool) {
    let passphrase = SecretString::from(PASSPHRASE);
    let mut random = [0; 32];
    aws_lc_rs::rand::fill(&mut random).unwrap();
    let mut listener = Listener::new(ListenerConfig::default(), &Seed::from(random), Instant::now());
    let mut connections: HashMap<ConnectionId, Connection> = HashMap::new();
    let mut datagram = [0; 2048];
    while !ended.load(Ordering::Relaxed) {
        if let Ok((length, from)) = socket.recv_from(&mut datagram) {
            listener.handle_datagram(from, &datagram[..length], Instant::now());
        }
        let now = Instant::now();
        if listener.poll_timeout().is_some_and(|(at, _)| at <= now) {
            listener.handle_timeout(now);
        }
        while let Some(event) = listener.poll_event() {
            match event {
                ListenerEvent::Asked { connection, stream_id, .. } => {
                    listener.accept(connection, &passphrase, now).unwrap();
                    let demuxer = TsDemuxer::new();
                    connections.insert(connection, Connection { stream: stream_id, demuxer });
                }
                ListenerEvent::Message { connection, data } => {
                    if let Some(connection) = connections.get_mut(&connection) {
                        receive(connection, &data, heard);
                    }
                }
                ListenerEvent::Closed { connection, reason, .. } => {
                    if let Some(connection) = connections.remove(&connection) {
                        heard.0.lock().unwrap().closed.push((connection.stream, reason));
                    }
                }
                _ => {}
            }
        }
        while let Some(transmit) = listener.poll_transmit() {
            // A peer that is gone is found out by silence.
            let _gone = socket.send_to(&transmit.data, transmit.to);
        }
        heard.1.notify_all();
    }
}

fn receive(connection: &mut Connection, data: &[u8], heard: &(Mutex<Heard>, Condvar)) {
    connection.demuxer.handle_message(data);
    let mut heard = heard.0.lock().unwrap();
    while let Some(event) = connection.demuxer.poll_event() {
        match event {
            DemuxEvent::Unit(unit) => {
                heard.arrivals.push(Arrival { stream: connection.stream.clone(), unit, at: Instant::now() })
            }
            DemuxEvent::Format { .. } => {}
            trouble => heard.troubles.push(format!("{}: {trouble:?}", connection.stream)),
        }
    }
}
