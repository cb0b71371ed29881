//! The director's WebSocket: hello, tally out, requests in.
//!
//! Refuses to queue tallies: the newest one goes. Invariant: a socket that was silent for [`SILENCE`] is given up,
//! and nothing is sent before the cloud's welcome.

use std::sync::Arc;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use returnfeed_protocol::{CloudToDirector, DirectorToCloud, Epoch, PROTOCOL_VERSION, SocketTicket};
use rustls::ClientConfig;
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep_until, timeout};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{Connector, MaybeTlsStream, WebSocketStream, connect_async_tls_with_config};

use super::http::certificate_or;
use super::{Failure, Steering, UplinkConfig, UplinkEvent};
use crate::clock::{run_us, wall_us};
use crate::push::Backoff;
use crate::sentence::Sentence;

/// The cloud pings each 5 s: two lost, and it is gone.
const SILENCE: Duration = Duration::from_secs(12);
/// How long opening, the welcome, or one message on its way out may take.
const STEP: Duration = Duration::from_secs(5);
/// How long a goodbye may take.
const GOODBYE: Duration = Duration::from_millis(300);
/// docs/protocol.md, Sockets.
const MAX_MESSAGE: usize = 64 * 1024;

pub(super) type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Opens the socket; its hello says who opened it.
pub(super) async fn open(config: &UplinkConfig, tls: Arc<ClientConfig>) -> Result<Socket, Failure> {
    let limits =
        WebSocketConfig::default().max_message_size(Some(MAX_MESSAGE)).max_frame_size(Some(MAX_MESSAGE));
    let opening = connect_async_tls_with_config(
        config.cloud.socket(),
        Some(limits),
        true,
        Some(Connector::Rustls(tls)),
    );
    match timeout(STEP, opening).await {
        Ok(Ok((socket, _))) => Ok(socket),
        Ok(Err(error)) => Err(lost(&certificate_or(&error.to_string()))),
        Err(_) => Err(Failure::Unreachable(Sentence::uplink_no_answer())),
    }
}

fn lost(why: &str) -> Failure {
    Failure::Unreachable(Sentence::uplink_closed(why))
}

/// The words of the libraries below are for their users.
fn broken(error: &tungstenite::Error) -> Failure {
    use tungstenite::error::ProtocolError::ResetWithoutClosingHandshake;
    tracing::debug!(%error, "the socket broke");
    match error {
        tungstenite::Error::Io(_)
        | tungstenite::Error::ConnectionClosed
        | tungstenite::Error::Protocol(ResetWithoutClosingHandshake) => {
            Failure::Unreachable(Sentence::uplink_broke())
        }
        other => lost(&other.to_string()),
    }
}

/// Serves the socket until it ends, and says why it did.
pub(super) async fn serve(
    mut socket: Socket,
    epoch: Epoch,
    ticket: SocketTicket,
    steering: &mut Steering,
    backoff: &mut Backoff,
    on: &(impl Fn(UplinkEvent) + Send + Sync),
) -> Result<(), Failure> {
    let software = concat!("returnfeed-director ", env!("CARGO_PKG_VERSION")).to_owned();
    send(
        &mut socket,
        &DirectorToCloud::Hello { protocol: PROTOCOL_VERSION, ticket: Some(ticket), software, epoch },
    )
    .await?;
    let welcome = timeout(STEP, greeting(&mut socket));
    match welcome.await.map_err(|_| Failure::Unreachable(Sentence::uplink_does_not_greet()))?? {
        CloudToDirector::Welcome { protocol: _, software, session } => {
            backoff.reset();
            on(UplinkEvent::Connected { session: session.name, software });
        }
        CloudToDirector::Bye { problem } => return Err(Failure::Refused(problem)),
        _ => return Err(Failure::Unreachable(Sentence::uplink_spoke_first())),
    }
    steering.tally.mark_changed();
    steering.cues.mark_changed();
    let mut heard_at = Instant::now();
    loop {
        tokio::select! {
            biased;
            changed = steering.tally.changed() => {
                if changed.is_err() {
                    return Ok(());
                }
                say_tally(&mut socket, steering, epoch).await?;
            }
            Ok(()) = steering.cues.changed() => {
                let sheet = steering.cues.borrow_and_update().clone();
                if let Some(sheet) = sheet {
                    send(&mut socket, &DirectorToCloud::Cues { sheet }).await?;
                }
            }
            Some((page, answer)) = steering.answers.recv() => {
                send(&mut socket, &DirectorToCloud::LanAnswer { page, answer }).await?;
            }
            () = steering.cancel.cancelled() => {
                // The last word is said before the goodbye; what fails now is over anyway.
                let _last = say_tally(&mut socket, steering, epoch).await;
                let _bye = timeout(GOODBYE, socket.close(None)).await;
                return Ok(());
            }
            frame = socket.next() => {
                heard_at = Instant::now();
                match understood(frame)? {
                    None => {}
                    Some(CloudToDirector::Bye { problem }) => return Err(Failure::Refused(problem)),
                    // At once: what it waits here is what the cloud cannot know better.
                    Some(message @ CloudToDirector::ClockRequest { n, .. }) => {
                        send(&mut socket, &DirectorToCloud::Clock { n, unix_us: wall_us(), run_us: Some(run_us()) }).await?;
                        on(UplinkEvent::Heard(message));
                    }
                    Some(message) => on(UplinkEvent::Heard(message)),
                }
            }
            () = sleep_until(heard_at + SILENCE) => {
                return Err(Failure::Unreachable(Sentence::uplink_silent()));
            }
        }
    }
}

async fn say_tally(socket: &mut Socket, steering: &mut Steering, epoch: Epoch) -> Result<(), Failure> {
    let state = steering.tally.borrow_and_update().clone().filter(|state| state.epoch == epoch);
    match state {
        Some(state) => send(socket, &DirectorToCloud::Tally { state, run_us: Some(run_us()) }).await,
        None => Ok(()),
    }
}

async fn send(socket: &mut Socket, message: &DirectorToCloud) -> Result<(), Failure> {
    let text = serde_json::to_string(message).map_err(|error| lost(&error.to_string()))?;
    match timeout(STEP, socket.send(Message::text(text))).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => Err(broken(&error)),
        Err(_) => Err(Failure::Unreachable(Sentence::uplink_takes_nothing())),
    }
}

/// The first message that this version understands.
async fn greeting(socket: &mut Socket) -> Result<CloudToDirector, Failure> {
    loop {
        if let Some(message) = understood(socket.next().await)? {
            return Ok(message);
        }
    }
}

/// What a frame says; `None` for pings and for words that only a newer version knows.
fn understood(
    frame: Option<Result<Message, tungstenite::Error>>,
) -> Result<Option<CloudToDirector>, Failure> {
    match frame {
        Some(Ok(Message::Text(text))) => Ok(serde_json::from_str(&text)
            .inspect_err(|error| tracing::debug!(%error, "a word of the cloud was not understood"))
            .ok()),
        Some(Ok(Message::Close(_))) | None => Err(lost("it was closed by the cloud")),
        Some(Ok(_)) => Ok(None),
        Some(Err(error)) => Err(broken(&error)),
    }
}
