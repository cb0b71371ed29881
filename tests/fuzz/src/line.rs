//! A caller and a listener with a line between them that a script bends: what is sent waits until the script says
//! what becomes of it. Time is the script's too.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use bytes::Bytes;
use returnfeed_srt::{
    Caller, CallerConfig, CallerEvent, ConnectionId, Listener, ListenerConfig, ListenerEvent, Seed, Transmit,
};

use crate::Script;

pub(crate) const PASSPHRASE: &str = "a passphrase for the line";
/// Datagrams that one input may bring about: a repeated window, and what a handshake says.
const MOST_ANSWERS: usize = 20_000;
/// Timers that may be due at one moment before it counts as an endless loop.
const MOST_TURNS: usize = 1_000;
/// What a receiver may hold behind gaps, in packets.
const MOST_HELD: u64 = 2_048;

/// The two ends.
pub(crate) struct Line {
    pub(crate) caller: Caller,
    pub(crate) listener: Listener,
    pub(crate) now: Instant,
    /// On their way to the listener, and to the caller.
    pub(crate) up: VecDeque<Bytes>,
    pub(crate) down: VecDeque<Bytes>,
    pub(crate) asked: VecDeque<ConnectionId>,
    pub(crate) connection: Option<ConnectionId>,
    pub(crate) delivered: Vec<Bytes>,
    pub(crate) sent: u32,
    /// The caller's newest data packet, and whom each end writes to.
    pub(crate) last_data: Option<Bytes>,
    pub(crate) listener_socket: [u8; 4],
    pub(crate) caller_socket: [u8; 4],
}

pub(crate) fn caller_address() -> SocketAddr {
    SocketAddr::from(([198, 51, 100, 7], 40_000))
}

pub(crate) fn listener_address() -> SocketAddr {
    SocketAddr::from(([192, 0, 2, 1], 8_890))
}

impl Line {
    /// Both ends new, the caller's first datagram on its way.
    pub(crate) fn new() -> Self {
        // Any moment will do: both ends count from it.
        let now = origin();
        let config = CallerConfig {
            stream_id: "#!::m=publish,r=fuzz".to_owned(),
            passphrase: PASSPHRASE.into(),
            latency: Duration::from_millis(20),
        };
        let caller = Caller::new(config, &Seed::from([7; 32]), listener_address(), now);
        let mut line = Self {
            caller: caller.expect("a configuration that can be used"),
            listener: Listener::new(ListenerConfig::default(), &Seed::from([9; 32]), now),
            now,
            up: VecDeque::new(),
            down: VecDeque::new(),
            asked: VecDeque::new(),
            connection: None,
            delivered: Vec::new(),
            sent: 0,
            last_data: None,
            listener_socket: [0; 4],
            caller_socket: [0; 4],
        };
        line.collect();
        line
    }

    /// Both ends connected over a line without faults.
    pub(crate) fn connected() -> Self {
        let mut line = Self::new();
        for _ in 0..8 {
            line.pass_all();
            line.accept(PASSPHRASE);
        }
        line.pass_all();
        assert!(line.caller.is_connected(), "two ends of ours connect");
        line
    }

    /// The number of the caller's newest data packet.
    pub(crate) fn number(&self) -> u32 {
        let head = self.last_data.as_ref().and_then(|data| data.first_chunk().copied());
        head.map_or(0, u32::from_be_bytes)
    }

    pub(crate) fn accept(&mut self, passphrase: &str) {
        if let Some(asked) = self.asked.pop_front() {
            self.listener.accept(asked, &passphrase.into(), self.now).expect("a passphrase that can be used");
            self.connection = Some(asked);
            self.collect();
        }
    }

    /// The next message: its number, and as many bytes as wished.
    pub(crate) fn send(&mut self, size: usize) {
        let mut message = vec![0x5a; size.clamp(4, returnfeed_srt::MAX_MESSAGE)];
        message[..4].copy_from_slice(&self.sent.to_be_bytes());
        if self.caller.send(message.into(), self.now).is_ok() {
            self.sent += 1;
        }
        self.collect();
    }

    pub(crate) fn arrive_at_listener(&mut self, datagram: &[u8]) {
        self.listener.handle_datagram(caller_address(), datagram, self.now);
        self.collect();
    }

    pub(crate) fn arrive_at_caller(&mut self, datagram: &[u8]) {
        self.caller.handle_datagram(listener_address(), datagram, self.now);
        self.collect();
    }

    /// Delivers everything that is on its way and what that brings about, without time passing.
    pub(crate) fn pass_all(&mut self) {
        for _ in 0..MOST_TURNS {
            match (self.up.pop_front(), self.down.pop_front()) {
                (None, None) => return,
                (up, down) => {
                    up.into_iter().for_each(|datagram| self.arrive_at_listener(&datagram));
                    down.into_iter().for_each(|datagram| self.arrive_at_caller(&datagram));
                }
            }
        }
    }

    /// The script's line: the oldest datagram of one way is passed, dropped, doubled, or put behind the next ones.
    pub(crate) fn bend(&mut self, script: &mut Script<'_>) {
        self.bend_as(script.u8(), None);
    }

    /// The same, and it may be damaged or cut.
    pub(crate) fn bend_and_break(&mut self, script: &mut Script<'_>) {
        self.bend_as(script.u8(), Some(script));
    }

    fn bend_as(&mut self, how: u8, damage: Option<&mut Script<'_>>) {
        let upwards = how & 1 == 0;
        let way = if upwards { &mut self.up } else { &mut self.down };
        let Some(datagram) = way.pop_front() else { return };
        let mut bytes = datagram.to_vec();
        match (how >> 1 & 7, damage) {
            (0, _) => return,
            (1, _) => return way.push_back(datagram),
            (2, _) => way.push_front(datagram),
            (3, Some(script)) => {
                let at = usize::from(script.u16()) % bytes.len();
                bytes[at] ^= script.u8();
            }
            (4, Some(script)) => bytes.truncate(usize::from(script.u8())),
            _ => {}
        }
        if upwards { self.arrive_at_listener(&bytes) } else { self.arrive_at_caller(&bytes) }
    }

    /// Time goes on; every timer that comes due is served at its moment.
    pub(crate) fn wait(&mut self, span: Duration) {
        let until = self.now + span;
        let mut turns = 0;
        loop {
            let caller = self.caller.poll_timeout().map(|(at, _)| at);
            let listener = self.listener.poll_timeout().map(|(at, _)| at);
            let Some(due) = caller.into_iter().chain(listener).min().filter(|due| *due <= until) else {
                break;
            };
            turns = if due > self.now { 0 } else { turns + 1 };
            assert!(turns < MOST_TURNS, "a timer that is always due");
            self.now = self.now.max(due);
            if caller.is_some_and(|at| at <= self.now) {
                self.caller.handle_timeout(self.now);
            }
            if listener.is_some_and(|at| at <= self.now) {
                self.listener.handle_timeout(self.now);
            }
            self.collect();
        }
        self.now = until;
    }

    /// Takes what the ends have to say, and holds the bounds.
    pub(crate) fn collect(&mut self) {
        let mut answers = 0;
        for Transmit { to, data } in std::iter::from_fn(|| self.caller.poll_transmit()) {
            assert_eq!(to, listener_address());
            answers += 1;
            self.listener_socket = destination(&data);
            if data[0] & 0x80 == 0 {
                self.last_data = Some(data.clone());
            }
            self.up.push_back(data);
        }
        for Transmit { to, data } in std::iter::from_fn(|| self.listener.poll_transmit()) {
            answers += 1;
            if to == caller_address() {
                self.caller_socket = destination(&data);
                self.down.push_back(data);
            }
        }
        assert!(answers <= MOST_ANSWERS, "{answers} datagrams at once");
        // What nobody takes is lost, as on any line; inputs stay small.
        self.up.truncate(4_096);
        self.down.truncate(4_096);
        for event in std::iter::from_fn(|| self.listener.poll_event()) {
            match event {
                ListenerEvent::Asked { connection, .. } => self.asked.push_back(connection),
                ListenerEvent::Message { connection, data } if self.connection == Some(connection) => {
                    self.delivered.push(data);
                }
                ListenerEvent::Closed { connection, .. } => self.asked.retain(|asked| *asked != connection),
                _ => {}
            }
        }
        while let Some(event) = self.caller.poll_event() {
            assert!(!matches!(event, CallerEvent::Connected { .. }) || self.caller.stats().sent_packets == 0);
        }
        if let Some(stats) = self.connection.and_then(|connection| self.listener.stats(connection)) {
            assert!(stats.held_packets <= MOST_HELD, "{} packets held", stats.held_packets);
        }
    }

    /// Nothing passes any more: within a while both ends know, and nothing is left that asks to be woken.
    pub(crate) fn end(mut self) {
        self.up.clear();
        self.down.clear();
        for _ in 0..40 {
            self.wait(Duration::from_secs(1));
            self.up.clear();
            self.down.clear();
        }
        assert!(!self.caller.is_connected(), "a caller that never ends");
        assert!(self.caller.poll_timeout().is_none());
        let open = self.connection.and_then(|connection| self.listener.stats(connection));
        assert!(open.is_none(), "a connection that never ends");
        assert!(self.listener.poll_timeout().is_none(), "{:?}", self.listener.poll_timeout());
    }
}

/// The socket id that a datagram is for.
fn destination(datagram: &[u8]) -> [u8; 4] {
    datagram.get(12..16).and_then(|id| id.try_into().ok()).unwrap_or_default()
}

/// The standard library gives no other moment than now; nothing here depends on which it is.
fn origin() -> Instant {
    static ORIGIN: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
    *ORIGIN.get_or_init(Instant::now)
}
