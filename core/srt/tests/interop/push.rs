//! Our caller on a real UDP socket, driven by the test's own thread.

use std::net::{SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use returnfeed_srt::{Caller, CallerConfig, CallerEnd, CallerEvent};

use super::{Loss, PASSPHRASE, STREAM_ID, seed, unit};

pub(crate) struct Push {
    pub(crate) caller: Caller,
    socket: UdpSocket,
    pub(crate) connected: bool,
    pub(crate) end: Option<CallerEnd>,
    pub(crate) loss: Loss,
}

impl Push {
    pub(crate) fn start(port: u16, passphrase: &str) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let config = CallerConfig {
            stream_id: STREAM_ID.to_owned(),
            passphrase: passphrase.into(),
            latency: Duration::from_millis(60),
        };
        let peer = SocketAddr::from(([127, 0, 0, 1], port));
        let caller = Caller::new(config, &seed(), peer, Instant::now()).unwrap();
        Self { caller, socket, connected: false, end: None, loss: Loss::new(0) }
    }

    /// Tries again while the server is not up yet, as the engine does.
    pub(crate) fn connect(port: u16, passphrase: &str) -> Self {
        let deadline = Instant::now() + Duration::from_secs(15);
        loop {
            let mut push = Self::start(port, passphrase);
            push.run(Duration::from_millis(700), |push| push.connected || push.end.is_some());
            if push.connected {
                return push;
            }
            assert!(Instant::now() < deadline, "not connected: {:?}", push.end);
        }
    }

    /// Numbered units, so many, each 2 ms.
    pub(crate) fn send(&mut self, units: std::ops::Range<u32>) {
        for n in units {
            self.caller.send(unit(n).into(), Instant::now()).unwrap();
            self.run(Duration::from_millis(2), |_| false);
        }
    }

    /// Until `done`, or so long.
    pub(crate) fn run(&mut self, time: Duration, done: impl Fn(&Self) -> bool) {
        let until = Instant::now() + time;
        let mut buffer = [0; 2048];
        loop {
            while let Some(transmit) = self.caller.poll_transmit() {
                if !self.loss.hits() {
                    let _ = self.socket.send_to(&transmit.data, transmit.to);
                }
            }
            while let Some(event) = self.caller.poll_event() {
                match event {
                    CallerEvent::Connected { .. } => self.connected = true,
                    CallerEvent::Message(_) | CallerEvent::Lost(_) => {}
                    CallerEvent::Closed(end) => self.end = Some(end),
                }
            }
            let now = Instant::now();
            if now >= until || done(self) {
                return;
            }
            let next = self.caller.poll_timeout().map_or(until, |(at, _)| at.min(until));
            let wait = next.saturating_duration_since(now).max(Duration::from_micros(100));
            self.socket.set_read_timeout(Some(wait)).unwrap();
            if let Ok((length, from)) = self.socket.recv_from(&mut buffer)
                && !self.loss.hits()
            {
                self.caller.handle_datagram(from, &buffer[..length], Instant::now());
            }
            self.caller.handle_timeout(Instant::now());
        }
    }
}

/// The passphrase that everybody knows.
pub(crate) fn connect(port: u16) -> Push {
    Push::connect(port, PASSPHRASE)
}
