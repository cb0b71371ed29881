//! The bus over PostgreSQL's notices.
//!
//! A parcel is a notice, or several where it is longer than one may be. Refuses parcels that are not whole.

use std::collections::HashMap;

use super::BusError;
use super::parcel::{Node, Parcel};
use super::wire::{Ear, Heard, LONGEST, Mouth};
use crate::store::{DatabaseUrl, Hearer, LONGEST_NOTICE, Noticed, Sayer, StoreError, notices};

/// A part's own words before its text, at most.
const HEAD: usize = 64;

pub(super) struct NoticeMouth {
    sayer: Sayer,
    number: u64,
}

pub(super) struct NoticeEar {
    hearer: Hearer,
    own: Node,
    parts: Parts,
}

/// Begins to listen; what this server itself says is not heard.
pub(super) async fn connect(
    database: &DatabaseUrl,
    own: Node,
) -> Result<(NoticeMouth, NoticeEar), StoreError> {
    let (sayer, hearer) = notices(database).await?;
    Ok((NoticeMouth { sayer, number: 0 }, NoticeEar { hearer, own, parts: Parts::default() }))
}

impl Mouth for NoticeMouth {
    /// Whether the database is there shows when it is asked; what is lost meanwhile is there again by the next roll.
    async fn ready(&mut self) {}

    async fn say(&mut self, node: Node, text: String) -> Result<(), BusError> {
        self.number = self.number.wrapping_add(1);
        for part in parts(node, self.number, &text) {
            self.sayer.say(&part).await?;
        }
        Ok(())
    }
}

impl Ear for NoticeEar {
    async fn hear(&mut self) -> Result<Heard, BusError> {
        loop {
            match self.hearer.hear().await? {
                Noticed::Gap => {
                    self.parts = Parts::default();
                    return Ok(Heard::Gap);
                }
                Noticed::Text(text) => {
                    if let Some(parcel) = self.parts.take(self.own, &text) {
                        return Ok(Heard::Parcel(Box::new(parcel)));
                    }
                }
            }
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
        Parcel {
            node,
            sent_us: 5,
            session: Some(SessionId::from_parts(1, [1; 10])),
            far: Far::Word { state, said_us: None },
        }
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
