//! Who has which camera number, where several want one.
//!
//! It refuses to take a number from somebody who is there: that is the director's word, or the holder's own. Invariant:
//! a question belongs to one asker and one number, and is gone with either.

use std::collections::BTreeMap;

use returnfeed_protocol::{CameraNumber, ParticipantId, Wish};

/// Somebody else who has the number that is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// Who.
    pub participant: ParticipantId,
    /// As they are called; may be empty.
    pub name: String,
    /// Whether a page of theirs is connected.
    pub here: bool,
}

/// What becomes of a wish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The number is theirs, beside whoever keeps it; these lose it.
    Granted(Vec<ParticipantId>),
    /// Nothing changes; these have it.
    Taken(Vec<String>),
    /// Those who have it, and the director, are asked.
    Ask,
}

/// Judges a wish for a number that these others have. Who has gone away keeps a number only until somebody wants it.
pub fn judge(wish: Option<Wish>, holders: &[Holder]) -> Verdict {
    let here: Vec<&Holder> = holders.iter().filter(|holder| holder.here).collect();
    match wish {
        _ if here.is_empty() => Verdict::Granted(holders.iter().map(|holder| holder.participant).collect()),
        Some(Wish::Beside) => Verdict::Granted(Vec::new()),
        Some(Wish::TakeOver) => Verdict::Ask,
        None => Verdict::Taken(here.into_iter().map(|holder| holder.name.clone()).collect()),
    }
}

/// Questions that nobody has decided yet.
#[derive(Debug, Default)]
pub struct Questions(BTreeMap<ParticipantId, CameraNumber>);

impl Questions {
    /// Somebody asks for a number; a question that they asked before is gone.
    pub fn ask(&mut self, who: ParticipantId, camera: CameraNumber) {
        self.0.insert(who, camera);
    }

    /// It is decided, or not wanted any more; the number that it was about.
    pub fn settle(&mut self, who: ParticipantId) -> Option<CameraNumber> {
        self.0.remove(&who)
    }

    /// The number that somebody asked for.
    pub fn of(&self, who: ParticipantId) -> Option<CameraNumber> {
        self.0.get(&who).copied()
    }

    /// Who asks for a number.
    pub fn about(&self, camera: CameraNumber) -> impl Iterator<Item = ParticipantId> {
        self.0.iter().filter(move |(_, wanted)| **wanted == camera).map(|(who, _)| *who)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn who(n: u8) -> ParticipantId {
        ParticipantId::from_parts(u64::from(n), [n; 10])
    }

    fn holder(n: u8, here: bool) -> Holder {
        Holder { participant: who(n), name: format!("operator {n}"), here }
    }

    #[test]
    fn a_number_that_nobody_has_needs_no_question() {
        for wish in [None, Some(Wish::Beside), Some(Wish::TakeOver)] {
            assert_eq!(judge(wish, &[]), Verdict::Granted(Vec::new()));
        }
    }

    #[test]
    fn who_has_gone_away_loses_the_number_to_whoever_wants_it() {
        assert_eq!(
            judge(None, &[holder(1, false), holder(2, false)]),
            Verdict::Granted(vec![who(1), who(2)])
        );
    }

    #[test]
    fn who_is_there_is_named_joined_or_asked_and_never_loses_it_by_a_wish() {
        let holders = [holder(1, true), holder(2, false)];
        assert_eq!(judge(None, &holders), Verdict::Taken(vec!["operator 1".to_owned()]));
        assert_eq!(judge(Some(Wish::Beside), &holders), Verdict::Granted(Vec::new()));
        assert_eq!(judge(Some(Wish::TakeOver), &holders), Verdict::Ask);
    }

    #[test]
    fn an_asker_has_one_question() {
        let (three, four) = (3.try_into().unwrap(), 4.try_into().unwrap());
        let mut questions = Questions::default();
        questions.ask(who(1), three);
        questions.ask(who(2), three);
        questions.ask(who(1), four);
        assert_eq!(questions.about(three).collect::<Vec<_>>(), [who(2)]);
        assert_eq!(questions.settle(who(1)), Some(four));
        assert_eq!((questions.of(who(1)), questions.of(who(2))), (None, Some(three)));
    }
}
