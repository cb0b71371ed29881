//! Two ends and the path between them: delay, loss and order from one seed, in virtual time.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use bytes::Bytes;
use returnfeed_srt::{
    Caller, CallerConfig, CallerEvent, CloseReason, ConfigError, ConnectionId, Listener, ListenerConfig,
    ListenerEvent, Seed, SendRefusal, Transmit,
};

use crate::path::{Path, Way};

pub(crate) struct Pair {
    pub(crate) caller: Caller,
    pub(crate) listener: Listener,
    way: [Way; 2],
    begin: Instant,
    now: Instant,
    caller_port: u16,
    in_flight: BTreeMap<(Instant, u64), (SocketAddr, Transmit)>,
    order: u64,
    caller_events: Vec<CallerEvent>,
    listener_events: Vec<ListenerEvent>,
    last_message_at: Option<Duration>,
    /// When each message arrived, in the order of arrival.
    arrivals: Vec<(Duration, Bytes)>,
    connection: Option<ConnectionId>,
    /// As last seen on the wire: the listener's, and the caller's.
    socket_ids: [[u8; 4]; 2],
    first_sequence: u32,
}

pub(crate) fn message(n: u64) -> Bytes {
    let mut bytes = vec![(n % 251) as u8; 1316 - (n % 1300) as usize];
    bytes.splice(..8, n.to_be_bytes());
    bytes.into()
}

impl Pair {
    pub(crate) fn new(path: Path, seed: u64, passphrase: &str, latency: Duration) -> Self {
        let begin = Instant::now();
        Self::with(new_caller(passphrase, latency, seed, begin).unwrap(), path, seed, begin)
    }

    /// The caller wants to be sent a stream.
    pub(crate) fn requesting(path: Path, seed: u64, passphrase: &str) -> Self {
        let (begin, hold) = (Instant::now(), Duration::from_millis(400));
        let (config, seeded) = call(passphrase, Duration::from_millis(20), seed);
        let caller = Caller::request(config, hold, &seeded, SocketAddr::from(([192, 0, 2, 1], 8890)), begin);
        Self::with(caller.unwrap(), path, seed, begin)
    }

    fn with(caller: Caller, path: Path, seed: u64, begin: Instant) -> Self {
        let mut pair = Self {
            caller,
            listener: Listener::new(ListenerConfig::default(), &Seed::from([0xaa; 32]), begin),
            way: [Way::new(path, seed), Way::new(path, !seed)],
            begin,
            now: begin,
            caller_port: 40_000,
            in_flight: BTreeMap::new(),
            order: 0,
            caller_events: Vec::new(),
            listener_events: Vec::new(),
            last_message_at: None,
            arrivals: Vec::new(),
            connection: None,
            socket_ids: [[0; 4]; 2],
            first_sequence: 0,
        };
        pair.run(Duration::from_millis(40));
        pair
    }

    pub(crate) fn connected(path: Path, seed: u64) -> Self {
        Self::connected_with(path, seed, Duration::from_millis(20))
    }

    pub(crate) fn connected_with(path: Path, seed: u64, latency: Duration) -> Self {
        let mut pair = Self::new(path, seed, super::KEY, latency);
        let asked = loop {
            match pair.asked() {
                Some(asked) => break asked,
                None => pair.run(Duration::from_millis(50)),
            }
            assert!(pair.elapsed() < Duration::from_secs(3), "seed {seed}: nobody asked");
        };
        pair.accept(asked, super::KEY);
        while !pair.caller.is_connected() {
            pair.run(Duration::from_millis(50));
            assert!(pair.elapsed() < Duration::from_secs(6), "seed {seed}: not connected");
        }
        assert!(matches!(pair.caller_events().as_slice(), [CallerEvent::Connected { .. }]));
        pair
    }

    pub(crate) fn try_caller(passphrase: &str, latency: Duration) -> Result<(), ConfigError> {
        new_caller(passphrase, latency, 1, Instant::now()).map(drop)
    }

    /// Another caller from another port, as an encoder that starts over.
    pub(crate) fn call_again(&mut self, passphrase: &str) {
        self.caller_port += 1;
        let seed = u64::from(self.caller_port);
        self.caller = new_caller(passphrase, Duration::from_millis(20), seed, self.now).unwrap();
        self.run(Duration::from_millis(20));
    }

    pub(crate) fn now(&self) -> Instant {
        self.now
    }

    pub(crate) fn elapsed(&self) -> Duration {
        self.now - self.begin
    }

    pub(crate) fn listener_address(&self) -> SocketAddr {
        SocketAddr::from(([192, 0, 2, 1], 8890))
    }

    fn caller_address(&self) -> SocketAddr {
        SocketAddr::from(([198, 51, 100, 7], self.caller_port))
    }

    pub(crate) fn send(&mut self, message: Bytes) -> Result<(), SendRefusal> {
        let result = self.caller.send(message, self.now);
        self.collect();
        result
    }

    pub(crate) fn accept(&mut self, connection: ConnectionId, passphrase: &str) {
        self.listener.accept(connection, &passphrase.into(), self.now).unwrap();
        self.connection = Some(connection);
        self.collect();
    }

    pub(crate) fn serve(&mut self, connection: ConnectionId, passphrase: &str) {
        self.listener.serve(connection, &passphrase.into(), self.now).unwrap();
        self.connection = Some(connection);
        self.collect();
    }

    pub(crate) fn serve_message(&mut self, message: Bytes) -> Result<(), SendRefusal> {
        let result = self.listener.send(self.connection(), &message, self.now);
        self.collect();
        result
    }

    pub(crate) fn change_served_keys_every(&mut self, packets: u32) {
        self.listener.change_keys_every(self.connection(), packets);
    }

    /// From now on nothing passes.
    pub(crate) fn cut(&mut self) {
        self.set_path(Path { loss_per_mille: 1000, ..Path::CLEAN });
    }

    /// From now on the path is another one.
    pub(crate) fn set_path(&mut self, path: Path) {
        self.way.iter_mut().for_each(|way| way.path = path);
    }

    /// A datagram of noise from a stranger, and one with the caller's own address to each end.
    pub(crate) fn garbage(&mut self, n: u64) {
        let noise: Vec<u8> = (0..n % 80).map(|_| self.way[0].dice() as u8).collect();
        let stranger = SocketAddr::from(([203, 0, 113, 9], 9));
        self.listener.handle_datagram(stranger, &noise, self.now);
        self.listener.handle_datagram(self.caller_address(), &noise, self.now);
        self.caller.handle_datagram(stranger, &noise, self.now);
        self.collect();
    }

    /// A datagram as if from the other end, its socket id set right.
    pub(crate) fn forge(&mut self, to_listener: bool, mut datagram: Vec<u8>) {
        let id = self.socket_ids[usize::from(!to_listener)];
        if let Some(field) = datagram.get_mut(12..16) {
            field.copy_from_slice(&id);
        }
        if to_listener {
            self.listener.handle_datagram(self.caller_address(), &datagram, self.now);
        } else {
            self.caller.handle_datagram(self.listener_address(), &datagram, self.now);
        }
        self.collect();
    }

    /// What a listener answers to a conclusion without key material: its reject code.
    pub(crate) fn plain_handshake(&mut self) -> u32 {
        let stranger = SocketAddr::from(([203, 0, 113, 10], 10));
        let mut handshake = handshake_packet(4, 0, 2, 1, 0, &[]);
        self.listener.handle_datagram(stranger, &handshake, self.now);
        let answer = self.answer_to(stranger);
        let cookie = u32::from_be_bytes(answer[44..48].try_into().unwrap());
        // HSREQ: version 1.5.0, TSBPD sending and the flags that every peer sets, no delay asked for.
        let request = [0, 1, 0, 3, 0, 1, 5, 0, 0, 0, 0, 0x27, 0, 0, 0, 0];
        handshake = handshake_packet(5, 0, 1, 0xffff_ffff, cookie, &request);
        self.listener.handle_datagram(stranger, &handshake, self.now);
        let answer = self.answer_to(stranger);
        u32::from_be_bytes(answer[36..40].try_into().unwrap())
    }

    /// A stranger's handshake, with a cookie that was given to it or none: how many bytes come back.
    pub(crate) fn stranger_shakes(&mut self, version: u32, kind: u32, proven: bool, blocks: &[u8]) -> usize {
        let stranger = SocketAddr::from(([203, 0, 113, 11], 11));
        self.listener.handle_datagram(stranger, &handshake_packet(4, 0, 2, 1, 0, &[]), self.now);
        let answer = self.answer_to(stranger);
        let cookie = if proven { u32::from_be_bytes(answer[44..48].try_into().unwrap()) } else { 7 };
        let packet = handshake_packet(version, 0, 5, kind, cookie, blocks);
        self.listener.handle_datagram(stranger, &packet, self.now);
        let answers = std::iter::from_fn(|| self.listener.poll_transmit());
        answers.filter(|transmit| transmit.to == stranger).map(|transmit| transmit.data.len()).sum()
    }

    /// The number of the stream's first packet, as the caller's handshake told it.
    pub(crate) fn first_sequence(&self) -> u32 {
        self.first_sequence
    }

    fn answer_to(&mut self, stranger: SocketAddr) -> Bytes {
        std::iter::from_fn(|| self.listener.poll_transmit())
            .find(|transmit| transmit.to == stranger)
            .expect("an answer")
            .data
    }

    pub(crate) fn asked(&mut self) -> Option<ConnectionId> {
        let index = self.listener_events.iter().position(|e| matches!(e, ListenerEvent::Asked { .. }))?;
        match self.listener_events.remove(index) {
            ListenerEvent::Asked { connection, stream_id, .. } => {
                assert_eq!(stream_id, "#!::m=publish,r=test");
                Some(connection)
            }
            _ => None,
        }
    }

    pub(crate) fn closed(&self) -> Option<CloseReason> {
        self.listener_events.iter().find_map(|event| match event {
            ListenerEvent::Closed { reason, .. } => Some(*reason),
            _ => None,
        })
    }

    pub(crate) fn messages(&self) -> Vec<Bytes> {
        let messages = self.listener_events.iter().filter_map(|event| match event {
            ListenerEvent::Message { connection, data } => {
                assert_eq!(Some(*connection), self.connection);
                Some(data.clone())
            }
            _ => None,
        });
        messages.collect()
    }

    pub(crate) fn last_message_at(&self) -> Option<Duration> {
        self.last_message_at
    }

    pub(crate) fn arrivals(&self) -> &[(Duration, Bytes)] {
        &self.arrivals
    }

    pub(crate) fn connection(&self) -> ConnectionId {
        self.connection.unwrap()
    }

    pub(crate) fn caller_events(&mut self) -> Vec<CallerEvent> {
        std::mem::take(&mut self.caller_events)
    }

    pub(crate) fn listener_events(&self) -> &[ListenerEvent] {
        &self.listener_events
    }

    /// Lets `time` pass: each datagram and each timer at its moment.
    pub(crate) fn run(&mut self, time: Duration) {
        let until = self.now + time;
        self.collect();
        loop {
            let arrival = self.in_flight.first_key_value().map(|((at, _), _)| *at);
            let timers = [self.caller.poll_timeout(), self.listener.poll_timeout()];
            let timer = timers.into_iter().flatten().map(|(at, _)| at).min();
            let Some(next) = arrival.into_iter().chain(timer).min().filter(|at| *at <= until) else { break };
            // A timer that is already due must move virtual time, or a fault here would spin for ever.
            self.now = if next > self.now { next } else { self.now + Duration::from_micros(1) };
            self.deliver();
            for (index, due) in timers.into_iter().enumerate() {
                if due.is_some_and(|(at, _)| at <= self.now) {
                    if index == 0 {
                        self.caller.handle_timeout(self.now);
                    } else {
                        self.listener.handle_timeout(self.now);
                    }
                }
            }
            self.collect();
        }
        self.now = self.now.max(until);
    }

    fn deliver(&mut self) {
        while let Some(entry) = self.in_flight.first_entry().filter(|entry| entry.key().0 <= self.now) {
            let (from, transmit) = entry.remove();
            if transmit.to == self.listener_address() {
                self.listener.handle_datagram(from, &transmit.data, self.now);
            } else if transmit.to == self.caller_address() {
                self.caller.handle_datagram(from, &transmit.data, self.now);
            }
        }
    }

    fn collect(&mut self) {
        while let Some(transmit) = self.caller.poll_transmit() {
            self.post(self.caller_address(), transmit);
        }
        while let Some(transmit) = self.listener.poll_transmit() {
            self.post(self.listener_address(), transmit);
        }
        while let Some(event) = self.caller.poll_event() {
            self.caller_events.push(event);
        }
        while let Some(event) = self.listener.poll_event() {
            if let ListenerEvent::Message { data, .. } = &event {
                self.last_message_at = Some(self.elapsed());
                self.arrivals.push((self.elapsed(), data.clone()));
            }
            self.listener_events.push(event);
        }
    }

    fn post(&mut self, from: SocketAddr, transmit: Transmit) {
        let way = usize::from(from == self.listener_address());
        if way == 0 && transmit.data.starts_with(&[0x80, 0]) {
            self.first_sequence = u32::from_be_bytes(transmit.data[24..28].try_into().unwrap());
        }
        self.socket_ids[way].copy_from_slice(&transmit.data[12..16]);
        for delay in self.way[way].carry() {
            self.order += 1;
            self.in_flight.insert((self.now + delay, self.order), (from, transmit.clone()));
        }
    }
}

fn new_caller(passphrase: &str, latency: Duration, seed: u64, now: Instant) -> Result<Caller, ConfigError> {
    let (config, seed) = call(passphrase, latency, seed);
    Caller::new(config, &seed, SocketAddr::from(([192, 0, 2, 1], 8890)), now)
}

fn call(passphrase: &str, latency: Duration, seed: u64) -> (CallerConfig, Seed) {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_be_bytes());
    let config =
        CallerConfig { stream_id: "#!::m=publish,r=test".to_owned(), passphrase: passphrase.into(), latency };
    (config, Seed::from(bytes))
}

/// An SRT handshake as draft-sharabayko-srt-01 3.2.1 lays it out.
fn handshake_packet(
    version: u32,
    encryption: u16,
    extension: u16,
    kind: u32,
    cookie: u32,
    tail: &[u8],
) -> Vec<u8> {
    let mut packet = vec![0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    packet.extend(version.to_be_bytes());
    packet.extend(encryption.to_be_bytes());
    packet.extend(extension.to_be_bytes());
    for word in [77_u32, 1500, 8192, kind, 4242, cookie, 0, 0, 0, 0] {
        packet.extend(word.to_be_bytes());
    }
    // The HSREQ extension block: type 1, three words.
    packet.extend(if tail.is_empty() { &[][..] } else { tail });
    packet
}
