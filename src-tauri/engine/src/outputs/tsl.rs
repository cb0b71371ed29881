//! A display or multiviewer that listens to TSL UMD.
//!
//! Invariant: each word of the director is told whole, so what a datagram lost is right again within a second.

use std::time::Duration;

use returnfeed_switchers::tsl::{TellerConfig, Transport, tell};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpStream, UdpSocket};

use super::{OutputState, Telling, lamps};
use crate::push::Backoff;

/// A machine that is there answers a call within milliseconds.
const CALL: Duration = Duration::from_secs(5);
/// A display that does not read for so long is gone.
const SLOW: Duration = Duration::from_secs(2);
/// Words without a refusal after which a datagram's receiver counts as there.
const CLEAN: u8 = 3;
/// The director repeats its word each second.
const REPEAT: Duration = Duration::from_secs(1);

/// Tells until cancelled, or says why it cannot.
pub(super) async fn send<F: Fn(OutputState)>(
    config: &TellerConfig,
    telling: Telling<'_, F>,
    backoff: &mut Backoff,
) -> Result<(), String> {
    let Telling { spec, mut word, on, cancel } = telling;
    let mut wire = Wire::open(config.transport, &spec.host, spec.port).await?;
    let mut clean = CLEAN;
    word.mark_changed();
    loop {
        tokio::select! {
            // The last word is told before the end.
            biased;
            Ok(()) = word.changed() => {
                for frame in tell(config, &lamps(&mut word)) {
                    wire.send(&frame).await?;
                }
                clean = clean.saturating_add(1);
                if clean >= CLEAN {
                    backoff.reset();
                    on(OutputState::Telling);
                }
            }
            () = cancel.cancelled() => return Ok(()),
            gone = wire.gone() => match wire {
                Wire::Tcp(_) => return Err(gone),
                // Nobody is there yet: it is told on, for when somebody is.
                Wire::Udp(_) => {
                    clean = 0;
                    on(OutputState::Failed { reason: gone, retry_in: REPEAT });
                }
            }
        }
    }
}

enum Wire {
    Tcp(TcpStream),
    Udp(UdpSocket),
}

impl Wire {
    async fn open(transport: Transport, host: &str, port: u16) -> Result<Self, String> {
        let opening = async {
            match transport {
                Transport::Tcp => {
                    let stream = TcpStream::connect((host, port)).await?;
                    stream.set_nodelay(true)?;
                    Ok(Self::Tcp(stream))
                }
                Transport::Udp => {
                    let to = tokio::net::lookup_host((host, port)).await?.next();
                    let to = to.ok_or_else(|| std::io::Error::other("there is no such host"))?;
                    let socket = UdpSocket::bind(if to.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" }).await?;
                    socket.connect(to).await?;
                    Ok(Self::Udp(socket))
                }
            }
        };
        match tokio::time::timeout(CALL, opening).await {
            Ok(Ok(wire)) => Ok(wire),
            Ok(Err(error)) => unreachable_at(host, port, &error),
            Err(_) => Err(format!("{host}:{port} does not answer")),
        }
    }

    async fn send(&mut self, frame: &[u8]) -> Result<(), String> {
        match self {
            Self::Tcp(stream) => match tokio::time::timeout(SLOW, stream.write_all(frame)).await {
                Ok(Ok(())) => Ok(()),
                Ok(Err(error)) => Err(format!("the connection broke ({error})")),
                Err(_) => Err("it does not read".to_owned()),
            },
            // A refusal of the datagram before is told by `gone`.
            Self::Udp(socket) => socket.send(frame).await.map(drop).or(Ok(())),
        }
    }

    /// Waits until the other end is known to be gone, and says so. Whatever it says is passed over.
    async fn gone(&mut self) -> String {
        let mut passed_over = [0; 512];
        loop {
            let received = match self {
                Self::Tcp(stream) => stream.read(&mut passed_over).await,
                Self::Udp(socket) => socket.recv(&mut passed_over).await.map(|length| length.max(1)),
            };
            match received {
                Ok(0) => return "it closed the connection".to_owned(),
                Ok(_) => {}
                Err(error) => return format!("nobody listens there ({error})"),
            }
        }
    }
}

fn unreachable_at<T>(host: &str, port: u16, error: &std::io::Error) -> Result<T, String> {
    Err(format!("{host}:{port} cannot be reached ({error})"))
}
