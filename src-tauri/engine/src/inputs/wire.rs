//! The sockets of inputs: bytes in and out, whatever the transport.
//!
//! Refuses to understand them. Invariant: receiving is cancel safe; what was not received yet is not lost.

use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use returnfeed_switchers::obs::close_fault;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Bytes, Message, Utf8Bytes};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async_with_config};

use super::keeper::Failure;
use super::spec::{InputSpec, Kind};
use returnfeed_switchers::tsl::Transport;

/// A machine that is there answers a call within milliseconds; one that is switched off never does.
const CALL: Duration = Duration::from_secs(5);
/// Larger than any datagram of TSL or ATEM.
const CHUNK: usize = 65_536;
/// OBS answers with lists; the longest of a large show is some hundred KiB.
const MESSAGE: usize = 4 << 20;

/// A socket.
pub(super) enum Wire {
    Tcp(TcpStream),
    Udp(UdpSocket),
    WebSocket(Box<WebSocketStream<MaybeTlsStream<TcpStream>>>),
}

impl Wire {
    /// Calls the switcher, or opens the port that it sends to.
    pub(super) async fn open(spec: &InputSpec) -> Result<Self, Failure> {
        let address = (spec.host.as_str(), spec.port);
        let opening = async {
            Ok(match &spec.kind {
                Kind::Vmix => {
                    Self::Tcp(TcpStream::connect(address).await.map_err(|e| unreachable_at(spec, &e))?)
                }
                Kind::Atem => {
                    let resolved =
                        tokio::net::lookup_host(address).await.map_err(|e| unreachable_at(spec, &e))?;
                    let nobody = || Failure::Unreachable(format!("there is no host {}", spec.host));
                    let to = resolved.into_iter().next().ok_or_else(nobody)?;
                    let any = if to.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" };
                    let socket = UdpSocket::bind(any).await.map_err(|e| unreachable_at(spec, &e))?;
                    socket.connect(to).await.map_err(|e| unreachable_at(spec, &e))?;
                    Self::Udp(socket)
                }
                Kind::Obs { .. } => Self::websocket(spec).await?,
                Kind::Tsl { transport: Transport::Udp, .. } => {
                    Self::Udp(UdpSocket::bind(address).await.map_err(|e| not_opened(spec, &e))?)
                }
                Kind::Tsl { transport: Transport::Tcp, .. } => {
                    return Err(Failure::Unreachable("TSL over TCP is accepted, not called".to_owned()));
                }
            })
        };
        let late = |_| Failure::Unreachable(format!("{}:{} does not answer", spec.host, spec.port));
        tokio::time::timeout(CALL, opening).await.map_err(late)?
    }

    /// Opens the port that TSL over TCP calls.
    pub(super) async fn listen(spec: &InputSpec) -> Result<TcpListener, Failure> {
        TcpListener::bind((spec.host.as_str(), spec.port)).await.map_err(|e| not_opened(spec, &e))
    }

    async fn websocket(spec: &InputSpec) -> Result<Self, Failure> {
        let host = if spec.host.contains(':') { format!("[{}]", spec.host) } else { spec.host.clone() };
        let config = WebSocketConfig::default().max_message_size(Some(MESSAGE)).max_frame_size(Some(MESSAGE));
        let url = format!("ws://{host}:{}", spec.port);
        let (socket, _) = connect_async_with_config(url, Some(config), true)
            .await
            .map_err(|error| unreachable_at(spec, &error))?;
        Ok(Self::WebSocket(Box::new(socket)))
    }

    /// What arrives next.
    pub(super) async fn receive(&mut self) -> Result<Bytes, Failure> {
        match self {
            Self::Tcp(stream) => {
                let mut chunk = vec![0; CHUNK];
                let length = stream.read(&mut chunk).await.map_err(|error| broken(&error))?;
                if length == 0 {
                    return Err(Failure::Closed);
                }
                chunk.truncate(length);
                Ok(chunk.into())
            }
            Self::Udp(socket) => {
                let mut chunk = vec![0; CHUNK];
                let length = socket.recv(&mut chunk).await.map_err(|error| broken(&error))?;
                chunk.truncate(length);
                Ok(chunk.into())
            }
            Self::WebSocket(socket) => loop {
                match socket.next().await {
                    Some(Ok(Message::Text(text))) => return Ok(text.into()),
                    Some(Ok(Message::Close(Some(frame)))) => {
                        return Err(close_fault(frame.code.into(), &frame.reason).into());
                    }
                    Some(Ok(Message::Close(None))) | None => return Err(Failure::Closed),
                    // The library answers pings itself.
                    Some(Ok(_)) => {}
                    Some(Err(error)) => return Err(broken(&error)),
                }
            },
        }
    }

    /// Sends what a session wants sent.
    pub(super) async fn send(&mut self, data: Vec<u8>) -> Result<(), Failure> {
        match self {
            Self::Tcp(stream) => stream.write_all(&data).await.map_err(|error| broken(&error)),
            Self::Udp(socket) => socket.send(&data).await.map(|_| ()).map_err(|error| broken(&error)),
            Self::WebSocket(socket) => {
                let text = Utf8Bytes::try_from(data).map_err(|error| broken(&error))?;
                socket.send(Message::Text(text)).await.map_err(|error| broken(&error))
            }
        }
    }
}

fn unreachable_at(spec: &InputSpec, error: &dyn std::error::Error) -> Failure {
    Failure::Unreachable(format!("{}:{} cannot be reached ({error})", spec.host, spec.port))
}

fn not_opened(spec: &InputSpec, error: &std::io::Error) -> Failure {
    let (host, port) = (&spec.host, spec.port);
    Failure::Unreachable(format!(
        "port {port} on {host} cannot be opened ({error}); is another program on it?"
    ))
}

fn broken(error: &dyn std::error::Error) -> Failure {
    Failure::Broken(error.to_string())
}
