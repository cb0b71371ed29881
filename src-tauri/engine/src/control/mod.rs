//! Remote hands: `POST /command`, `GET /state` and `GET /ws`, each with a bearer token, for Companion, Stream Deck and
//! programs of one's own.
//!
//! `order` says what may be asked, `board` what is told. Refuses a token in the address, which logs and proxies keep, and
//! every browser's page: those send no such header to a socket. Invariant: an order is a press, done once.

mod board;
mod order;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::extract::{DefaultBodyLimit, FromRequestParts, State};
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use secrecy::SecretString;
use tokio::sync::broadcast::error::RecvError;
use tokio_util::sync::CancellationToken;

pub use board::{Board, Posted};
pub use order::Order;

use crate::bearer::{Token, refusal};
use crate::controller::Command;
use crate::outputs::Bounded;

/// A program that does not read for so long is gone.
const SLOW: Duration = Duration::from_secs(10);
/// The longest order.
const LONGEST: usize = 8 * 1_024;

/// Where it listens, and for whom.
#[derive(Debug, Clone)]
pub struct ControlConfig {
    /// An address of this machine.
    pub host: String,
    /// The port.
    pub port: u16,
    /// Who may.
    pub token: SecretString,
}

type OnCommand = Arc<dyn Fn(Command) + Send + Sync>;

#[derive(Clone)]
struct App {
    board: Board,
    command: OnCommand,
    right: Token,
    cancel: CancellationToken,
}

/// Serves until cancelled.
///
/// # Errors
/// Why the port cannot be opened, and what to do.
pub async fn serve(
    config: &ControlConfig,
    board: Board,
    command: impl Fn(Command) + Send + Sync + 'static,
    cancel: CancellationToken,
) -> Result<(), String> {
    let ControlConfig { host, port, token } = config;
    let listener = Bounded::bind(host, *port).await.map_err(|error| {
        format!("port {port} on {host} cannot be opened for control ({error}); is another program on it?")
    })?;
    tracing::info!(host, port, "control is open");
    let app = App { board, command: Arc::new(command), right: Token::new(token), cancel: cancel.clone() };
    let router = Router::new()
        .route("/command", post(order_by_post))
        .route("/state", get(state))
        .route("/ws", get(socket))
        .fallback(async || {
            refusal(404, "no_such_route", "There is nothing here", "Ask for /command, /state or /ws.")
        })
        .layer(DefaultBodyLimit::max(LONGEST))
        .with_state(app);
    let server = axum::serve(listener, router).with_graceful_shutdown(cancel.clone().cancelled_owned());
    tokio::select! {
        ended = server.into_future() => ended.map_err(|error| error.to_string()),
        // Whoever still reads is left: the director ends.
        () = async { cancel.cancelled().await; tokio::time::sleep(Duration::from_secs(1)).await } => Ok(()),
    }
}

/// An order was understood and handed on; what it led to is told as a notice.
async fn order_by_post(State(app): State<App>, _right: Right, body: String) -> Response {
    match serde_json::from_str::<Order>(&body) {
        Ok(order) => {
            (app.command)(order.into());
            StatusCode::ACCEPTED.into_response()
        }
        Err(error) => refusal(400, "not_an_order", "This is no order", &error.to_string()),
    }
}

/// The newest notice of each kind, as a list.
async fn state(State(app): State<App>, _right: Right) -> Response {
    let (newest, _) = app.board.read();
    let body = format!("[{}]", newest.join(","));
    ([(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "no-store")], body).into_response()
}

async fn socket(State(app): State<App>, _right: Right, upgrade: WebSocketUpgrade) -> Response {
    upgrade.max_message_size(LONGEST).max_frame_size(LONGEST).on_upgrade(|socket| converse(socket, app))
}

/// Tells every notice, and takes orders.
async fn converse(mut socket: WebSocket, app: App) {
    let (newest, mut told) = app.board.read();
    for text in newest {
        if !send(&mut socket, &text).await {
            return;
        }
    }
    loop {
        tokio::select! {
            biased;
            text = told.recv() => match text {
                Ok(text) => if !send(&mut socket, &text).await { return },
                // Who fell behind calls again and begins with the newest of everything.
                Err(RecvError::Lagged(_) | RecvError::Closed) => return,
            },
            () = app.cancel.cancelled() => return drop(socket.send(Message::Close(None)).await),
            heard = socket.recv() => match heard {
                Some(Ok(Message::Text(text))) => match serde_json::from_str::<Order>(&text) {
                    Ok(order) => (app.command)(order.into()),
                    Err(error) => {
                        let refused = serde_json::json!({ "event": "refused", "reason": error.to_string() });
                        if !send(&mut socket, &refused.to_string()).await { return }
                    }
                },
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                Some(Ok(Message::Binary(_) | Message::Close(_)) | Err(_)) | None => return,
            }
        }
    }
}

async fn send(socket: &mut WebSocket, text: &str) -> bool {
    let sending = socket.send(Message::text(text));
    matches!(tokio::time::timeout(SLOW, sending).await, Ok(Ok(())))
}

/// The right token stands in the header.
struct Right;

impl FromRequestParts<App> for Right {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        app.right
            .refuses(&parts.headers, "Send Authorization: Bearer with the control token.")
            .map_or(Ok(Self), Err)
    }
}
