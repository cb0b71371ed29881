//! One camera operator's page: hears each word, and says at once what it would show.

use std::time::Duration;

use anyhow::Context as _;
use futures_util::{SinkExt as _, StreamExt as _};
use returnfeed_protocol::{CameraNumber, CloudToPage, PROTOCOL_VERSION, PageToCloud, SocketTicket, Tally};
use tokio::net::TcpStream;
use tokio::time::{MissedTickBehavior, interval};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;

use crate::server::ours::Floor;

/// As our page does.
const PING_EACH: Duration = Duration::from_secs(2);
/// What one end keeps for reading; more would be zeroed at each read.
const READ_BUFFER: usize = 4 * 1024;

pub(super) type Socket = WebSocketStream<TcpStream>;

/// A page that was welcomed.
pub(super) struct Page {
    socket: Socket,
    camera: CameraNumber,
}

/// Joins the session and opens a page's socket, plain.
pub(super) async fn join(floor: &Floor, camera: u16) -> anyhow::Result<Page> {
    let token = floor.join().await?;
    let (mut socket, ticket) = open(floor, "/ws/page", &token).await?;
    let camera = CameraNumber::try_from(camera)?;
    let hello = PageToCloud::Hello { protocol: PROTOCOL_VERSION, ticket: Some(ticket), camera: Some(camera) };
    say(&mut socket, &hello).await?;
    let welcome = socket.next().await.context("the server closed the socket")??;
    let welcome: CloudToPage = serde_json::from_str(welcome.to_text()?)?;
    anyhow::ensure!(matches!(welcome, CloudToPage::Welcome { .. }), "not welcomed: {welcome:?}");
    Ok(Page { socket, camera })
}

/// A socket, and the ticket for its hello.
pub(super) async fn open(floor: &Floor, path: &str, token: &str) -> anyhow::Result<(Socket, SocketTicket)> {
    let ticket = floor.ticket(token).await?;
    let stream = TcpStream::connect(floor.address).await?;
    stream.set_nodelay(true)?;
    let url = format!("ws://{}{path}", floor.address);
    let limits = WebSocketConfig::default().read_buffer_size(READ_BUFFER);
    Ok((tokio_tungstenite::client_async_with_config(url, stream, Some(limits)).await?.0, ticket))
}

pub(super) async fn say(socket: &mut Socket, message: &impl serde::Serialize) -> anyhow::Result<()> {
    Ok(socket.send(Message::text(serde_json::to_string(message)?)).await?)
}

/// Until the socket ends.
pub(super) async fn follow(mut page: Page) {
    let mut ping = interval(PING_EACH);
    ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut n = 0;
    loop {
        let said = tokio::select! {
            heard = page.socket.next() => match heard {
                Some(Ok(Message::Text(text))) => shown(&text, page.camera),
                Some(Ok(_)) => None,
                Some(Err(_)) | None => return,
            },
            _ = ping.tick() => {
                n += 1;
                Some(PageToCloud::Ping { n })
            }
        };
        if let Some(message) = said
            && say(&mut page.socket, &message).await.is_err()
        {
            return;
        }
    }
}

fn shown(text: &str, camera: CameraNumber) -> Option<PageToCloud> {
    let CloudToPage::Tally { state, .. } = serde_json::from_str(text).ok()? else { return None };
    let lamp = state.cameras.iter().find(|lamp| lamp.camera == camera);
    let tally = lamp.map_or(Tally::Unknown, |lamp| lamp.tally);
    Some(PageToCloud::Shown { epoch: state.epoch, seq: state.seq, camera, tally })
}
