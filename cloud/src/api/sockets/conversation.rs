//! The loop of every socket: say what waits, hear what comes, notice who has gone.
//!
//! It has no decisions in it; they are the [`Speaker`]'s. Invariant: until a hello with a ticket has come it knows
//! nobody and waits 5 s; then it ends when its peer is silent for 15 s, when one message takes 10 s to send, or after
//! a `bye`.

use std::time::{Duration, Instant};

use axum::extract::WebSocketUpgrade;
use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, close_code};
use axum::response::Response;
use bytes::Bytes;
use returnfeed_protocol::Problem;
use serde::de::DeserializeOwned;
use tokio::time::{MissedTickBehavior, interval, timeout};

use crate::app::App;
use crate::relay::{Spoken, bye};

/// The largest message, in bytes.
const MESSAGE_LIMIT: usize = 64 * 1024;
/// What is read at once. The library zeroes all of it at each read, and keeps it for each socket: its 128 KiB are what
/// a socket would cost.
const READ_BUFFER: usize = 4 * 1024;
/// How long a hello may take.
const HELLO: Duration = Duration::from_secs(5);
const PING_EACH: Duration = Duration::from_secs(5);
const SILENT: Duration = Duration::from_secs(15);
const SEND: Duration = Duration::from_secs(10);
const NOT_TEXT: &str = "messages are text, not binary";
const PART: Duration = Duration::from_secs(1);

/// Either end of a relay that a socket speaks for.
pub(super) trait Speaker: Send + Sync {
    type Hears: DeserializeOwned + Send;

    fn next(&self) -> impl Future<Output = Spoken> + Send;
    fn handle(&self, message: Self::Hears, now: Instant) -> impl Future<Output = Result<(), Problem>> + Send;
    fn handle_sign_of_life(&self, now: Instant);
    fn silence(&self, now: Instant) -> Duration;
    fn dismiss(&self, problem: Problem);
    fn bye(problem: Problem) -> Spoken;
}

/// Opens the socket, lets in whoever the first message admits, and holds the conversation until it is over; the
/// server's stop waits for it.
pub(super) fn converse<S, A>(
    app: &App,
    upgrade: WebSocketUpgrade,
    admit: impl FnOnce(S::Hears) -> A + Send + 'static,
) -> Response
where
    S: Speaker + 'static,
    A: Future<Output = Result<(S, S::Hears), Problem>> + Send,
{
    let sockets = app.sockets.clone();
    let upgrade = upgrade.max_message_size(MESSAGE_LIMIT).max_frame_size(MESSAGE_LIMIT);
    upgrade.read_buffer_size(READ_BUFFER).on_upgrade(async move |mut socket| {
        match greeting::<S, A>(&mut socket, admit).await {
            Ok(Some(speaker)) => {
                let _running = sockets.token();
                hold(socket, speaker).await;
            }
            Ok(None) => {}
            Err(problem) => {
                tracing::debug!(code = problem.code, "a socket is not let in");
                if say(&mut socket, Message::Text(S::bye(problem).text)).await {
                    part(socket).await;
                }
            }
        }
    })
}

/// Whom the first message admits; `None` when the peer went before it said anything.
async fn greeting<S: Speaker, A>(
    socket: &mut WebSocket,
    admit: impl FnOnce(S::Hears) -> A,
) -> Result<Option<S>, Problem>
where
    A: Future<Output = Result<(S, S::Hears), Problem>>,
{
    let first = timeout(HELLO, first_text(socket)).await.map_err(|_| bye::hello_expected())?;
    let Some(first) = first? else { return Ok(None) };
    let first = serde_json::from_str(&first).map_err(|error| bye::not_understood(&error.to_string()))?;
    let (speaker, hello) = admit(first).await?;
    if let Err(problem) = speaker.handle(hello, Instant::now()).await {
        speaker.dismiss(problem);
    }
    Ok(Some(speaker))
}

async fn first_text(socket: &mut WebSocket) -> Result<Option<Utf8Bytes>, Problem> {
    loop {
        match socket.recv().await {
            Some(Ok(Message::Text(text))) => return Ok(Some(text)),
            Some(Ok(Message::Binary(_))) => return Err(bye::not_understood(NOT_TEXT)),
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
            Some(Ok(Message::Close(_)) | Err(_)) | None => return Ok(None),
        }
    }
}

async fn hold<S: Speaker>(mut socket: WebSocket, speaker: S) {
    let mut ping = interval(PING_EACH);
    ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        // What waits goes first, so that nothing is heard any more once a `bye` waits.
        tokio::select! {
            biased;
            Spoken { text, is_last } = speaker.next() => {
                if !say(&mut socket, Message::Text(text)).await {
                    return;
                }
                if is_last {
                    return part(socket).await;
                }
            }
            heard = socket.recv() => {
                let Some(Ok(message)) = heard else { return };
                if let Err(problem) = hear(&speaker, message).await {
                    tracing::debug!(code = problem.code, "a socket is dismissed");
                    speaker.dismiss(problem);
                }
            }
            _ = ping.tick() => {
                if speaker.silence(Instant::now()) >= SILENT {
                    speaker.dismiss(bye::silent());
                } else if !say(&mut socket, Message::Ping(Bytes::new())).await {
                    return;
                }
            }
        }
    }
}

async fn hear<S: Speaker>(speaker: &S, message: Message) -> Result<(), Problem> {
    let now = Instant::now();
    match message {
        Message::Text(text) => match serde_json::from_str(&text) {
            Ok(message) => speaker.handle(message, now).await,
            Err(error) => Err(bye::not_understood(&error.to_string())),
        },
        Message::Binary(_) => Err(bye::not_understood(NOT_TEXT)),
        Message::Ping(_) | Message::Pong(_) => {
            speaker.handle_sign_of_life(now);
            Ok(())
        }
        Message::Close(_) => Ok(()), // answered by the socket itself, which then ends
    }
}

/// Closes, and reads out what is on its way: a connection that is closed over unread bytes is reset, and the
/// `bye` with it.
async fn part(mut socket: WebSocket) {
    let frame = CloseFrame { code: close_code::NORMAL, reason: "bye".into() };
    if say(&mut socket, Message::Close(Some(frame))).await {
        let _ = timeout(PART, async { while let Some(Ok(_)) = socket.recv().await {} }).await;
    }
}

async fn say(socket: &mut WebSocket, message: Message) -> bool {
    matches!(timeout(SEND, socket.send(message)).await, Ok(Ok(())))
}
