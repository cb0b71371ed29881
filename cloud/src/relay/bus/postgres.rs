//! The bus over PostgreSQL's notices.
//!
//! A parcel is a notice, or several where it is longer than one may be. A database that is away costs what was to be
//! said meanwhile: it is there again by the next roll. Refuses parcels that are not whole.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use tokio::sync::mpsc;

use super::Incoming;
use super::outgoing::Outgoing;
use super::parcel::{Node, Parcel};
use crate::clock::unix_us;
use crate::store::{DatabaseUrl, Hearer, LONGEST_NOTICE, Noticed, Sayer, StoreError, notices};

/// Between two attempts to reach the database.
const AGAIN: Duration = Duration::from_millis(500);
/// A part's own words before its text, at most.
const HEAD: usize = 64;
/// Bytes of a parcel: a word of 99 cameras has some twenty thousand.
const LONGEST: usize = 512 * 1_024;

/// What goes over the wire to a room.
pub(in crate::relay) enum Arrived {
    /// A parcel of another server, as it came.
    Parcel(Box<Parcel>, Instant),
    /// Something may have been missed.
    Gap,
}

pub(super) struct Wire {
    sayer: Sayer,
    hearer: Hearer,
}

impl Wire {
    pub(super) async fn connect(database: &DatabaseUrl) -> Result<Self, StoreError> {
        let (sayer, hearer) = notices(database).await?;
        Ok(Self { sayer, hearer })
    }

    /// Until it is dropped, or nobody takes what is heard.
    pub(super) async fn run(self, outgoing: &Outgoing, node: Node, heard: mpsc::Sender<Arrived>) {
        let Self { sayer, hearer } = self;
        tokio::join!(say(&sayer, outgoing, node), hear(hearer, node, heard));
    }
}

async fn say(sayer: &Sayer, outgoing: &Outgoing, node: Node) {
    let (mut number, mut away) = (0_u64, false);
    loop {
        let (session, far) = outgoing.next().await;
        let parcel = Parcel { node, sent_us: unix_us(), session, far };
        let Ok(text) = serde_json::to_string(&parcel) else { continue };
        number = number.wrapping_add(1);
        let said = async {
            for part in parts(node, number, &text) {
                sayer.say(&part).await?;
            }
            Ok::<_, StoreError>(())
        };
        match said.await {
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

async fn hear(mut hearer: Hearer, node: Node, heard: mpsc::Sender<Arrived>) {
    let (mut parts, mut away) = (Parts::default(), false);
    loop {
        let arrived = match hearer.hear().await {
            Ok(Noticed::Text(text)) => match parts.take(node, &text) {
                Some(parcel) => Arrived::Parcel(Box::new(parcel), Instant::now()),
                None => continue,
            },
            Ok(Noticed::Gap) => {
                tracing::info!("this server hears the others again");
                (parts, away) = (Parts::default(), false);
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

/// `node number place/count text`.
fn parts(node: Node, number: u64, text: &str) -> Vec<String> {
    let most = LONGEST_NOTICE - HEAD;
    let (mut pieces, mut rest) = (Vec::new(), text);
    while rest.len() > most {
        let (piece, behind) = rest.split_at(rest.floor_char_boundary(most));
        pieces.push(piece);
        rest = behind;
    }
    pieces.push(rest);
    let count = pieces.len();
    let head = |place| format!("{:x} {number} {place}/{count}", node.0);
    pieces.into_iter().enumerate().map(|(place, piece)| format!("{} {piece}", head(place))).collect()
}

/// What is there of each server's parcel that is not whole yet. One server says its parts one after another.
#[derive(Default)]
struct Parts(HashMap<Node, Begun>);

struct Begun {
    number: u64,
    next: usize,
    text: String,
}

impl Parts {
    /// The parcel, where this was its last part; nothing of our own.
    fn take(&mut self, own: Node, notice: &str) -> Option<Parcel> {
        let mut words = notice.splitn(4, ' ');
        let node = Node(u64::from_str_radix(words.next()?, 16).ok()?);
        let number = words.next()?.parse().ok()?;
        let (place, count) = words.next()?.split_once('/')?;
        let (place, count): (usize, usize) = (place.parse().ok()?, count.parse().ok()?);
        let text = words.next()?;
        if node == own {
            return None;
        }
        if place == 0 {
            self.0.insert(node, Begun { number, next: 0, text: String::new() });
        }
        let begun = self.0.get_mut(&node)?;
        if begun.number != number || begun.next != place || begun.text.len() + text.len() > LONGEST {
            self.0.remove(&node);
            return None;
        }
        begun.next += 1;
        begun.text.push_str(text);
        if begun.next < count {
            return None;
        }
        let whole = self.0.remove(&node)?;
        let parcel: Parcel = serde_json::from_str(&whole.text).ok()?;
        Some(parcel).filter(|parcel| parcel.node == node)
    }
}

impl Incoming {
    /// What arrives next; none once the wire has ended.
    pub(in crate::relay) async fn next(&mut self) -> Option<Arrived> {
        self.arrived.recv().await
    }
}

#[cfg(test)]
mod tests {
    use returnfeed_protocol::{CameraLamp, Epoch, SessionId, Tally, TallyReason, TallySequence, TallyState};

    use super::super::parcel::Far;
    use super::*;

    const ONE: Node = Node(0xfedc_ba98_7654_3210);
    const TWO: Node = Node(2);

    /// A word of as many cameras as there can be, with names in Hangul.
    fn long(node: Node) -> Parcel {
        let lamp = |number: u16| CameraLamp {
            camera: number.try_into().unwrap(),
            name: "카메라".repeat(10),
            tally: Tally::Program,
            reason: TallyReason::NotInUse,
        };
        let cameras = (1..=99).map(lamp).collect();
        let state = TallyState { epoch: Epoch(1), seq: TallySequence(1), cameras };
        Parcel { node, sent_us: 5, session: SessionId::from_parts(1, [1; 10]), far: Far::Word { state } }
    }

    #[test]
    fn a_long_parcel_is_several_notices_and_one_parcel_again() {
        let text = serde_json::to_string(&long(ONE)).unwrap();
        let notices = parts(ONE, u64::MAX, &text);
        assert!(notices.len() > 1 && notices.iter().all(|notice| notice.len() <= LONGEST_NOTICE));
        let mut there = Parts::default();
        let taken: Vec<_> = notices.iter().filter_map(|notice| there.take(TWO, notice)).collect();
        assert_eq!(taken, [long(ONE)]);
        let own: Vec<_> = notices.iter().filter_map(|notice| there.take(ONE, notice)).collect();
        assert_eq!(own, [], "its own words");
    }

    #[test]
    fn what_is_not_whole_or_not_ours_is_no_parcel() {
        let notices = parts(ONE, 1, &serde_json::to_string(&long(ONE)).unwrap());
        let mut there = Parts::default();
        let of = |there: &mut Parts, notices: &[&String]| {
            notices.iter().filter_map(|notice| there.take(TWO, notice)).count()
        };
        assert_eq!(of(&mut there, &[&notices[0], &notices[2]]), 0, "a part is missing");
        assert_eq!(of(&mut there, &[&notices[1], &notices[2]]), 0, "so is the first");
        let claimed = parts(Node(7), 1, &serde_json::to_string(&long(ONE)).unwrap());
        assert_eq!(of(&mut there, &claimed.iter().collect::<Vec<_>>()), 0, "another's name within");
        for nonsense in ["", "x", "1 1 1/0 ", "1 1 0/1 {}", "2 1 0/99999999999999999999 x", "1 1 5/6 x"] {
            assert_eq!(there.take(TWO, nonsense), None, "{nonsense}");
        }
        let whole: Vec<_> = notices.iter().collect();
        assert_eq!(of(&mut there, &whole), 1);
    }
}
