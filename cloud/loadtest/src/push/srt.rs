//! By SRT, to our server.

use std::io::ErrorKind;
use std::net::{SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use returnfeed_media::{AudioConfig, MuxConfig, TsMuxer, Unit};
use returnfeed_srt::{Caller, CallerConfig, CallerEvent, Seed};

use super::Way;

/// As the director asks for.
const LATENCY: Duration = Duration::from_millis(20);
/// The server asks its database first.
const PATIENCE: Duration = Duration::from_secs(5);

/// A push.
pub(crate) struct Srt {
    socket: UdpSocket,
    caller: Caller,
    muxer: TsMuxer,
}

impl Srt {
    pub(crate) fn new(server: SocketAddr, stream_id: &str, passphrase: &str) -> anyhow::Result<Self> {
        let socket = UdpSocket::bind((server.ip(), 0))?;
        let mut seed = [0; 32];
        aws_lc_rs::rand::fill(&mut seed).context("the system has no randomness")?;
        let config =
            CallerConfig { stream_id: stream_id.to_owned(), passphrase: passphrase.into(), latency: LATENCY };
        let caller = Caller::new(config, &Seed::from(seed), server, Instant::now())?;
        let audio = Some(AudioConfig { channels: 1 });
        Ok(Self { socket, caller, muxer: TsMuxer::new(MuxConfig { video: true, audio }) })
    }

    fn flush(&mut self) -> anyhow::Result<()> {
        while let Some(transmit) = self.caller.poll_transmit() {
            self.socket.send_to(&transmit.data, transmit.to)?;
        }
        while let Some(event) = self.caller.poll_event() {
            if let CallerEvent::Closed(end) = event {
                bail!("the push ended: {end}");
            }
        }
        Ok(())
    }
}

impl Way for Srt {
    fn open(&mut self) -> anyhow::Result<()> {
        let end = Instant::now() + PATIENCE;
        while !self.caller.is_connected() {
            if Instant::now() > end {
                bail!("the server did not take the push");
            }
            self.wait(Instant::now() + Duration::from_millis(10))?;
        }
        Ok(())
    }

    fn send(&mut self, unit: &Unit) -> anyhow::Result<()> {
        for message in self.muxer.write(unit) {
            self.caller.send(message, Instant::now())?;
        }
        self.flush()
    }

    fn wait(&mut self, until: Instant) -> anyhow::Result<()> {
        let mut buffer = [0; 2048];
        loop {
            self.flush()?;
            let now = Instant::now();
            if now >= until {
                return Ok(());
            }
            let due = self.caller.poll_timeout().map_or(until, |(at, _)| at.min(until));
            let wait = due.saturating_duration_since(now).max(Duration::from_micros(1));
            self.socket.set_read_timeout(Some(wait))?;
            match self.socket.recv_from(&mut buffer) {
                Ok((len, from)) => {
                    let datagram = buffer.get(..len).unwrap_or_default();
                    self.caller.handle_datagram(from, datagram, Instant::now());
                }
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                    self.caller.handle_timeout(Instant::now());
                }
                Err(error) => return Err(error.into()),
            }
        }
    }
}
