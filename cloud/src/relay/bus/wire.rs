//! What a bus is made of: a mouth that says parcels to all other servers, and an ear that hears theirs.
//!
//! Both run until they are dropped. It refuses to repeat: a parcel that was not said is lost, and what it said is so
//! again at the next roll.

use std::time::{Duration, Instant};

use tokio::sync::mpsc;

use super::outgoing::Outgoing;
use super::parcel::{Node, Parcel};
use super::{Arrived, BusError};
use crate::clock::run_us;

/// Between two attempts to reach what carries the words.
pub(super) const AGAIN: Duration = Duration::from_millis(500);
/// Bytes of a parcel: a word of 99 cameras has some twenty thousand.
pub(super) const LONGEST: usize = 512 * 1_024;

/// What comes of listening.
pub(super) enum Heard {
    /// Another server's.
    Parcel(Box<Parcel>),
    /// The connection is there again: what was said meanwhile was not heard.
    Gap,
}

/// The way out. It has a connection of its own or shares one that cannot stand still: what waits to be said delays
/// nothing that is heard.
pub(super) trait Mouth: Send {
    /// Waits while it is known that nobody could be reached: what is to be said is chosen after that.
    fn ready(&mut self) -> impl Future<Output = ()> + Send;

    /// Says one parcel, which is `text`.
    fn say(&mut self, node: Node, text: String) -> impl Future<Output = Result<(), BusError>> + Send;
}

/// The way in.
pub(super) trait Ear: Send {
    /// What is heard next. After an error the next call tries to hear again.
    fn hear(&mut self) -> impl Future<Output = Result<Heard, BusError>> + Send;
}

/// Until it is dropped, or nobody takes what is heard.
pub(super) async fn run(
    mouth: impl Mouth,
    ear: impl Ear,
    outgoing: &Outgoing,
    node: Node,
    heard: mpsc::Sender<Arrived>,
) {
    tokio::join!(say(mouth, outgoing, node), hear(ear, heard));
}

async fn say(mut mouth: impl Mouth, outgoing: &Outgoing, node: Node) {
    let mut away = false;
    loop {
        mouth.ready().await;
        let (session, far) = outgoing.next().await;
        let parcel = Parcel { node, sent_us: run_us(Instant::now()), session, far };
        let Ok(text) = serde_json::to_string(&parcel) else { continue };
        match mouth.say(node, text).await {
            Ok(()) => away = false,
            Err(error) => {
                if !std::mem::replace(&mut away, true) {
                    tracing::warn!(%error, "the other servers hear nothing of this one");
                }
                tokio::time::sleep(AGAIN).await;
            }
        }
    }
}

async fn hear(mut ear: impl Ear, heard: mpsc::Sender<Arrived>) {
    let mut away = false;
    loop {
        let arrived = match ear.hear().await {
            Ok(Heard::Parcel(parcel)) => Arrived::Parcel(parcel, Instant::now()),
            Ok(Heard::Gap) => {
                if std::mem::replace(&mut away, false) {
                    tracing::info!("this server hears the others again");
                }
                Arrived::Gap
            }
            Err(error) => {
                if !std::mem::replace(&mut away, true) {
                    tracing::warn!(%error, "this server hears nothing of the others: their cameras become unknown here");
                }
                tokio::time::sleep(AGAIN).await;
                continue;
            }
        };
        if heard.send(arrived).await.is_err() {
            return;
        }
    }
}
