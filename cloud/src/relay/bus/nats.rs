//! The bus over NATS: one subject, a parcel a message, at most once (NATS's "core", without its streams).
//!
//! What is to be said waits in [`Outgoing`](super::outgoing), where the newest of each kind replaces the one before, and
//! not in the client, which would say everything old once it is connected again. A server that is not there when ours
//! starts is waited for, like one that goes away later: it is the truth of nothing, and what is here goes on.

use std::sync::Arc;
use std::time::Duration;

use async_nats::{Client, ConnectErrorKind, ConnectOptions, Event, Subscriber};
use futures_util::StreamExt as _;
use rustls::ClientConfig;
use rustls::crypto::aws_lc_rs;
use rustls_platform_verifier::BuilderVerifierExt as _;
use secrecy::ExposeSecret as _;
use tokio::sync::watch;

use super::parcel::{Node, Parcel};
use super::place::{Login, NatsPlace};
use super::wire::{AGAIN, Ear, Heard, LONGEST, Mouth};
use super::{BusError, WAITING};

/// Who shares a NATS with others has an account in it (NATS's own word), which is a space of subjects of its own.
const SUBJECT: &str = "returnfeed.bus";
/// Two pings without an answer are a server that is gone: as fast as a word becomes *unknown*.
const PING: Duration = Duration::from_secs(1);
/// Connection, TLS and login together.
const CONNECT: Duration = Duration::from_secs(2);

/// What is the matter with it.
#[derive(Debug, thiserror::Error)]
pub enum NatsTrouble {
    /// The user, the password or the token.
    #[error("does not let us in: {0}")]
    Login(async_nats::ConnectError),
    /// For now.
    #[error("is not there: {0}")]
    Away(String),
    /// It takes no parcel of this size, or not on our subject.
    #[error("did not take what was said: {0}")]
    Refused(String),
    /// No connection over TLS can be made from here at all.
    #[error("cannot be asked over TLS: {0}")]
    Tls(rustls::Error),
}

/// How the connection stands, as the client's events tell it.
#[derive(Debug, Clone, Default)]
struct Link {
    up: bool,
    /// How often something may have been missed.
    gaps: u64,
    trouble: String,
}

pub(super) struct NatsMouth {
    client: Client,
    link: watch::Receiver<Link>,
}

pub(super) struct NatsEar {
    messages: Subscriber,
    link: watch::Receiver<Link>,
    own: Node,
    gaps: u64,
    up: bool,
}

/// Begins to listen.
pub(super) async fn connect(place: &NatsPlace, own: Node) -> Result<(NatsMouth, NatsEar), BusError> {
    let (told, mut link) = watch::channel(Link::default());
    let told = Arc::new(told);
    let servers = || place.servers.clone();
    let client = match options(place, &told)?.connect(servers()).await {
        Ok(client) => {
            let _ = link.wait_for(|link| link.gaps > 0).await; // its own word that it is there follows
            client
        }
        Err(error) => match error.kind() {
            ConnectErrorKind::AuthorizationViolation | ConnectErrorKind::Authentication => {
                return Err(BusError::Nats(NatsTrouble::Login(error)));
            }
            _ => {
                told.send_modify(|link| link.trouble = error.to_string());
                let waiting = options(place, &told)?.retry_on_initial_connect().connect(servers()).await;
                waiting.map_err(|error| BusError::Nats(NatsTrouble::Away(error.to_string())))?
            }
        },
    };
    let messages = client.subscribe(SUBJECT).await;
    let messages = messages.map_err(|error| BusError::Nats(NatsTrouble::Away(error.to_string())))?;
    let mouth = NatsMouth { client, link: link.clone() };
    Ok((mouth, NatsEar { messages, link, own, gaps: 0, up: true }))
}

fn options(place: &NatsPlace, told: &Arc<watch::Sender<Link>>) -> Result<ConnectOptions, BusError> {
    let tls = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_platform_verifier())
        .map_err(|error| BusError::Nats(NatsTrouble::Tls(error)))?
        .with_no_client_auth();
    let told = Arc::clone(told);
    let options = ConnectOptions::new()
        .name(concat!("returnfeed-cloud ", env!("CARGO_PKG_VERSION")))
        .tls_client_config(tls)
        .no_echo()
        .ping_interval(PING)
        .connection_timeout(CONNECT)
        .subscription_capacity(WAITING)
        .reconnect_delay_callback(|attempts| if attempts <= 1 { Duration::ZERO } else { AGAIN })
        .event_callback(move |event| {
            note(&told, &event);
            std::future::ready(())
        });
    Ok(match &place.login {
        None => options,
        Some(Login::Token(token)) => options.token(token.expose_secret().to_owned()),
        Some(Login::Password { user, password }) => {
            options.user_and_password(user.clone(), password.expose_secret().to_owned())
        }
    })
}

fn note(told: &watch::Sender<Link>, event: &Event) {
    told.send_modify(|link| match event {
        Event::Connected => *link = Link { up: true, gaps: link.gaps + 1, trouble: String::new() },
        Event::Disconnected | Event::Closed => {
            (link.up, link.trouble) = (false, "the connection was lost".to_owned());
        }
        // Some of what came was not taken in time.
        Event::SlowConsumer(_) => link.gaps += 1,
        Event::ServerError(_) | Event::ClientError(_) => link.trouble = event.to_string(),
        Event::LameDuckMode | Event::Draining => {}
    });
}

impl Mouth for NatsMouth {
    async fn ready(&mut self) {
        let _ = self.link.wait_for(|link| link.up).await; // an error says that the client is gone: then saying fails
    }

    async fn say(&mut self, _: Node, text: String) -> Result<(), BusError> {
        let refused = |why: String| BusError::Nats(NatsTrouble::Refused(why));
        self.client.publish(SUBJECT, text.into()).await.map_err(|error| refused(error.to_string()))?;
        self.client.flush().await.map_err(|error| refused(error.to_string()))
    }
}

impl Ear for NatsEar {
    async fn hear(&mut self) -> Result<Heard, BusError> {
        loop {
            let link = self.link.borrow_and_update().clone();
            if link.gaps != self.gaps {
                (self.gaps, self.up) = (link.gaps, link.up);
                return Ok(Heard::Gap);
            }
            if !link.up && std::mem::replace(&mut self.up, false) {
                return Err(BusError::Nats(NatsTrouble::Away(link.trouble)));
            }
            tokio::select! {
                message = self.messages.next() => match message {
                    Some(message) => {
                        if let Some(parcel) = parcel(self.own, &message.payload) {
                            return Ok(Heard::Parcel(Box::new(parcel)));
                        }
                    }
                    None => return Err(BusError::Nats(NatsTrouble::Away("the connection was closed".to_owned()))),
                },
                changed = self.link.changed() => {
                    if changed.is_err() {
                        return Err(BusError::Nats(NatsTrouble::Away("the client has ended".to_owned())));
                    }
                }
            }
        }
    }
}

/// Another server's, where it is one.
fn parcel(own: Node, payload: &[u8]) -> Option<Parcel> {
    if payload.len() > LONGEST {
        return None;
    }
    serde_json::from_slice(payload).ok().filter(|parcel: &Parcel| parcel.node != own)
}
