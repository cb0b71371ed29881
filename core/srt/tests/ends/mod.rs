//! Four ends with one face: our caller and listener, and sapflow-srt's, for whoever drives two of them against each
//! other (tests/sapflow in virtual time).

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use returnfeed_srt::{Caller, CallerConfig, Listener, ListenerConfig, ListenerEvent, Seed};
use sapflow_srt as other;

pub(crate) const PASSPHRASE: &str = "a passphrase of this session";
pub(crate) const STREAM_ID: &str = "#!::m=publish,r=test";
/// What callers and listeners ask for.
pub(crate) const LATENCY: Duration = Duration::from_millis(20);

/// One end of a connection, without sockets.
pub(crate) trait End: Send {
    fn hear(&mut self, from: SocketAddr, data: &[u8], now: Instant);
    fn tick(&mut self, now: Instant);
    fn wake(&self) -> Option<Instant>;
    fn say(&mut self, now: Instant) -> Option<Vec<u8>>;
    /// Of a caller: whether it was let in.
    fn connected(&self) -> bool;
    /// Of a caller: false when it does not take the message.
    fn push(&mut self, message: &[u8], now: Instant) -> bool;
    /// Of a listener: the next message.
    fn pull(&mut self) -> Option<Vec<u8>>;
    /// Packets repeated, or lost for good.
    fn counted(&self) -> u64;
}

pub(crate) struct OurCaller(Caller);

impl OurCaller {
    pub(crate) fn new(seed: [u8; 32], peer: SocketAddr, now: Instant) -> Self {
        let config =
            CallerConfig { stream_id: STREAM_ID.to_owned(), passphrase: PASSPHRASE.into(), latency: LATENCY };
        Self(Caller::new(config, &Seed::from(seed), peer, now).unwrap())
    }

    pub(crate) fn change_keys_every(&mut self, packets: u32) {
        self.0.change_keys_every(packets);
    }

    pub(crate) fn key_changes(&self) -> u64 {
        self.0.stats().key_changes
    }
}

impl End for OurCaller {
    fn hear(&mut self, from: SocketAddr, data: &[u8], now: Instant) {
        self.0.handle_datagram(from, data, now);
    }
    fn tick(&mut self, now: Instant) {
        self.0.handle_timeout(now);
    }
    fn wake(&self) -> Option<Instant> {
        self.0.poll_timeout().map(|(at, _)| at)
    }
    fn say(&mut self, _: Instant) -> Option<Vec<u8>> {
        self.0.poll_transmit().map(|transmit| transmit.data.to_vec())
    }
    fn connected(&self) -> bool {
        self.0.is_connected()
    }
    fn push(&mut self, message: &[u8], now: Instant) -> bool {
        self.0.send(message.to_vec().into(), now).is_ok()
    }
    fn pull(&mut self) -> Option<Vec<u8>> {
        None
    }
    fn counted(&self) -> u64 {
        self.0.stats().repeated_packets
    }
}

pub(crate) struct OurListener {
    inner: Listener,
    to: VecDeque<Vec<u8>>,
    lost: u64,
}

impl OurListener {
    pub(crate) fn new(seed: [u8; 32], now: Instant) -> Self {
        let inner = Listener::new(ListenerConfig::default(), &Seed::from(seed), now);
        Self { inner, to: VecDeque::new(), lost: 0 }
    }

    fn drain(&mut self, now: Instant) {
        while let Some(event) = self.inner.poll_event() {
            match event {
                ListenerEvent::Asked { connection, stream_id, .. } => {
                    assert_eq!(stream_id, STREAM_ID);
                    self.inner.accept(connection, &PASSPHRASE.into(), now).unwrap();
                }
                ListenerEvent::Message { data, .. } => self.to.push_back(data.to_vec()),
                ListenerEvent::Lost { packets, .. } => self.lost += packets,
                ListenerEvent::Connected { .. } => {}
                ListenerEvent::Closed { reason, .. } => panic!("{reason}"),
            }
        }
    }
}

impl End for OurListener {
    fn hear(&mut self, from: SocketAddr, data: &[u8], now: Instant) {
        self.inner.handle_datagram(from, data, now);
        self.drain(now);
    }
    fn tick(&mut self, now: Instant) {
        self.inner.handle_timeout(now);
        self.drain(now);
    }
    fn wake(&self) -> Option<Instant> {
        self.inner.poll_timeout().map(|(at, _)| at)
    }
    fn say(&mut self, _: Instant) -> Option<Vec<u8>> {
        self.inner.poll_transmit().map(|transmit| transmit.data.to_vec())
    }
    fn connected(&self) -> bool {
        false
    }
    fn push(&mut self, _: &[u8], _: Instant) -> bool {
        false
    }
    fn pull(&mut self) -> Option<Vec<u8>> {
        self.to.pop_front()
    }
    fn counted(&self) -> u64 {
        self.lost
    }
}

pub(crate) fn crypto(refresh_packets: u32) -> other::crypto::CryptoConfig {
    let size = other::crypto::KeySize::Aes256;
    let mut crypto = other::crypto::CryptoConfig::new(PASSPHRASE.into(), size).unwrap();
    if refresh_packets > 0 {
        (crypto.refresh_packets, crypto.preannounce_packets) = (refresh_packets, refresh_packets / 4);
    }
    crypto
}

pub(crate) struct TheirCaller(other::Caller);

impl TheirCaller {
    /// `refresh_packets`: under one key; 0 leaves it at its default.
    pub(crate) fn new(refresh_packets: u32, peer: SocketAddr, now: Instant) -> Self {
        let config = other::CallerConfig {
            stream_id: STREAM_ID.to_owned(),
            latency: LATENCY,
            send: other::SendConfig { bandwidth: 1_000_000_000, ..other::SendConfig::default() },
            crypto: Some(crypto(refresh_packets)),
            ..other::CallerConfig::default()
        };
        Self(other::Caller::new(config, peer, now).unwrap())
    }
}

impl End for TheirCaller {
    fn hear(&mut self, from: SocketAddr, data: &[u8], now: Instant) {
        self.0.handle_datagram(now, from, data);
    }
    fn tick(&mut self, now: Instant) {
        self.0.handle_timeout(now);
    }
    fn wake(&self) -> Option<Instant> {
        self.0.poll_timeout()
    }
    fn say(&mut self, now: Instant) -> Option<Vec<u8>> {
        self.0.poll_transmit(now).map(|(_, data)| data)
    }
    fn connected(&self) -> bool {
        self.0.is_connected()
    }
    fn push(&mut self, message: &[u8], now: Instant) -> bool {
        self.0.enqueue(now, message.to_vec()).is_ok()
    }
    fn pull(&mut self) -> Option<Vec<u8>> {
        None
    }
    fn counted(&self) -> u64 {
        self.0.stats().send.retransmitted_packets
    }
}

pub(crate) struct TheirListener {
    inner: other::Listener,
    connection: Option<other::ConnId>,
    to: VecDeque<Vec<u8>>,
}

impl TheirListener {
    pub(crate) fn new(now: Instant) -> Self {
        let config = other::Config {
            latency: LATENCY,
            crypto: Some(crypto(0)),
            require_encryption: true,
            ..other::Config::default()
        };
        Self { inner: other::Listener::new(config, now), connection: None, to: VecDeque::new() }
    }

    fn drain(&mut self, now: Instant) {
        while let Some(event) = self.inner.poll_event() {
            match event {
                other::Event::Connect { id, stream_id, .. } => {
                    assert_eq!(stream_id, STREAM_ID.as_bytes());
                    assert!(self.inner.accept(id, now), "it does not accept our keys");
                    self.connection = Some(id);
                }
                other::Event::Data { payload, .. } => self.to.push_back(payload),
                other::Event::Closed { reason, .. } => panic!("{reason:?}"),
            }
        }
    }
}

impl End for TheirListener {
    fn hear(&mut self, from: SocketAddr, data: &[u8], now: Instant) {
        self.inner.handle_datagram(now, from, data);
        self.drain(now);
    }
    fn tick(&mut self, now: Instant) {
        self.inner.handle_timeout(now);
        self.drain(now);
    }
    fn wake(&self) -> Option<Instant> {
        self.inner.poll_timeout()
    }
    fn say(&mut self, _: Instant) -> Option<Vec<u8>> {
        self.inner.poll_transmit().map(|(_, data)| data)
    }
    fn connected(&self) -> bool {
        false
    }
    fn push(&mut self, _: &[u8], _: Instant) -> bool {
        false
    }
    fn pull(&mut self) -> Option<Vec<u8>> {
        self.to.pop_front()
    }
    fn counted(&self) -> u64 {
        self.connection.and_then(|id| self.inner.connection_stats(id)).map_or(0, |stats| stats.dropped)
    }
}
