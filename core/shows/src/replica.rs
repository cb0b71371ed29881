//! One show on one machine.
//!
//! The caller writes what [`writes`](crate::writes) says after every mutation, and before it asks the cloud: what was sent
//! must be known to have been sent. Invariant: `ours` is replaced by the cloud's text only where it is itself a version of
//! the cloud, or where a person chose so.

use returnfeed_protocol::ShowDigest;

use crate::ask::{Answer, Ask, Condition, Head, History};
use crate::note::{Base, Doc, Note, Second};

/// Texts sent and never answered that are remembered; past it the worst is a question too many.
const UNANSWERED: usize = 64;

/// A show.
#[derive(Debug, Clone)]
pub struct Replica {
    ours: Option<Doc>,
    note: Note,
    seen: Seen,
    /// A version's text that was asked for.
    fetched: Option<(u64, Doc)>,
}

/// What was heard of the cloud since the last doubt.
#[derive(Debug, Clone)]
enum Seen {
    /// Nothing that still holds.
    Nothing,
    /// It has never had the show, or remembers it no more.
    Absent,
    /// It stands there.
    Head(Head),
    /// It stands there and came there so.
    History(History),
}

/// Where a show stands on this machine, in words for the screen; whether the cloud can be reached is said apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Here is what the cloud does not have yet.
    SavedHere,
    /// The cloud had the same when it was last asked.
    Synced,
    /// Two machines edited it: a person must choose.
    TwoVersions,
}

/// What a person chooses of two versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// This machine's; the other stays in the cloud's history.
    Ours,
    /// The cloud's. To keep ours as a show of its own, make that show first.
    Theirs,
}

/// There is no question to answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoQuestion;

/// What comes next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Poll {
    /// Ask the cloud, once everything is written.
    Ask(Ask),
    /// Nothing: it is settled.
    Settled,
    /// Nothing: a person must choose.
    Person,
    /// Nothing while the show is on air: the cloud has another version.
    OnAir,
    /// Nothing: it is deleted here and there, remove every trace.
    Forget,
}

/// What a look at both sides says.
enum Look {
    Settled,
    Ask(Ask),
    Person,
    /// Both sides have the same: this is what ours continues.
    Agree(Base),
    /// Ours continues this, whatever was known before.
    Continue(Base),
    /// Replace ours by the cloud's.
    Take(Head),
    /// Delete ours: others deleted what we had not touched.
    Drop(Head),
    /// Keep both.
    KeepBoth(Head),
    Forget,
}

impl Replica {
    /// From what lay on the disk.
    pub fn load(doc: Option<Doc>, note: Option<Note>) -> Self {
        let mut note = note.unwrap_or_default();
        let ours = match doc {
            // The removal that a deletion's note announced.
            Some(_) if note.deleted => None,
            Some(doc) => Some(doc),
            None => {
                if !note.deleted {
                    // A text that vanished is no deletion: the cloud gives it back.
                    note = Note::default();
                }
                None
            }
        };
        Self { ours, note, seen: Seen::Nothing, fetched: None }
    }

    /// A show that is new on this machine.
    pub fn create(doc: Doc) -> Self {
        Self::load(Some(doc), None)
    }

    /// A show that the cloud has and this machine does not.
    pub fn absent() -> Self {
        Self::load(None, None)
    }

    /// This machine's text; `None`: it has none.
    pub fn ours(&self) -> Option<&Doc> {
        self.ours.as_ref()
    }

    /// What is to be written beside it.
    pub fn note(&self) -> &Note {
        &self.note
    }

    /// The other version, while a person must choose.
    pub fn second(&self) -> Option<&Second> {
        self.note.second.as_ref()
    }

    /// Where it stands.
    pub fn state(&self) -> State {
        if self.note.second.is_some() {
            State::TwoVersions
        } else if self.is_clean() {
            State::Synced
        } else {
            State::SavedHere
        }
    }

    /// A person changed it.
    pub fn edit(&mut self, doc: Doc) {
        self.ours = Some(doc);
        self.note.deleted = false;
    }

    /// A person deleted it, whichever versions there were.
    pub fn delete(&mut self) {
        if let Some(second) = self.note.second.take() {
            self.note.base = Some(Base { version: second.version, digest: Some(second.doc.digest) });
        }
        self.ours = None;
        self.note.deleted = true;
    }

    /// A person chose.
    ///
    /// # Errors
    /// When there are not two versions.
    pub fn choose(&mut self, choice: Choice) -> Result<(), NoQuestion> {
        let second = self.note.second.take().ok_or(NoQuestion)?;
        self.continues(Base { version: second.version, digest: Some(second.doc.digest) });
        if choice == Choice::Theirs {
            self.ours = Some(second.doc);
        }
        Ok(())
    }

    /// Where the cloud stands, as its list says; `None`: the list does not have it.
    pub fn handle_head(&mut self, head: Option<Head>) {
        self.seen = head.map_or(Seen::Absent, Seen::Head);
    }

    /// What the cloud answered to what [`Self::poll`] asked.
    pub fn handle_answer(&mut self, ask: &Ask, answer: Answer) {
        match (ask, answer) {
            (Ask::Put { doc, .. }, Answer::Done(head)) => {
                let (version, digest) = (head.version, Some(doc.digest));
                self.continues(Base { version, digest });
                self.seen = Seen::Head(Head { version, digest });
            }
            (Ask::Delete { .. }, Answer::Done(head)) => {
                self.continues(head.base());
                self.seen = Seen::Head(head);
            }
            (Ask::History, Answer::History(history)) => self.seen = Seen::History(history),
            (Ask::History, Answer::Absent) => self.seen = Seen::Absent,
            (Ask::Version(version), Answer::Text(doc)) => self.fetched = Some((*version, doc)),
            // The cloud moved on, or nobody knows: look again.
            (_, _) => self.seen = Seen::Nothing,
        }
    }

    /// What comes next. `on_air`: this show is, and nothing of it may change under the director's hands.
    pub fn poll(&mut self, on_air: bool) -> Poll {
        loop {
            match self.look() {
                Look::Settled => return Poll::Settled,
                Look::Person => return Poll::Person,
                Look::Forget => return Poll::Forget,
                Look::Ask(ask) => {
                    if let Ask::Put { doc, .. } = &ask {
                        self.remember(doc.digest);
                    }
                    return Poll::Ask(ask);
                }
                Look::Agree(base) => {
                    self.note.second = None;
                    self.continues(base);
                }
                Look::Continue(base) => {
                    if base.digest.is_none() {
                        self.note.second = None; // its own machine deleted it
                    }
                    self.continues(base);
                }
                Look::Take(_) | Look::Drop(_) | Look::KeepBoth(_) if on_air => return Poll::OnAir,
                Look::Drop(head) => {
                    self.ours = None;
                    self.note.deleted = true;
                    self.continues(head.base());
                }
                Look::Take(head) => match self.take_fetched(head) {
                    Ok(doc) => {
                        self.continues(head.base());
                        self.note.deleted = false;
                        self.note.second = None;
                        self.ours = Some(doc);
                    }
                    Err(ask) => return Poll::Ask(ask),
                },
                Look::KeepBoth(head) => match self.take_fetched(head) {
                    Ok(doc) => self.note.second = Some(Second { version: head.version, doc }),
                    Err(ask) => return Poll::Ask(ask),
                },
            }
        }
    }

    /// Both sides, without changing either.
    fn look(&self) -> Look {
        let (head, history) = match &self.seen {
            Seen::Nothing => return Look::Ask(Ask::History),
            // Its memory begins anew, so nothing that was agreed with it holds.
            Seen::Absent => {
                return match &self.ours {
                    Some(doc) => Look::Ask(Ask::Put { doc: doc.clone(), condition: Condition::Absent }),
                    None => Look::Forget,
                };
            }
            Seen::Head(head) => (*head, None),
            Seen::History(history) => (history.head, Some(history)),
        };
        let ours = self.digest();
        if self.note.base == Some(head.base()) && self.note.second.is_none() {
            return match &self.ours {
                Some(_) if ours == head.digest => Look::Settled,
                Some(doc) => Look::Ask(Ask::Put { doc: doc.clone(), condition: condition(head) }),
                None => delete_there(head),
            };
        }
        if self.second().is_some_and(|second| second.is_news_to(head)) {
            return Look::Person;
        }
        if ours == head.digest && (ours.is_some() || self.note.deleted) {
            return Look::Agree(head.base());
        }
        if ours.is_none() && !self.note.deleted {
            return if head.digest.is_some() { Look::Take(head) } else { Look::Forget };
        }
        let Some(history) = history else { return Look::Ask(Ask::History) };
        if let Some(own) = self.own_version(history) {
            return Look::Continue(own);
        }
        let untouched = self.is_clean() && self.is_continued_by(history);
        match (ours, head.digest) {
            (None, None) => Look::Forget,
            // A deletion does not outweigh an edit, wherever which of them happened.
            (None, Some(_)) => Look::Take(head),
            (Some(_), None) if untouched => Look::Drop(head),
            (Some(_), None) => Look::Continue(head.base()),
            (Some(_), Some(_)) if untouched => Look::Take(head),
            (Some(_), Some(_)) => Look::KeepBoth(head),
        }
    }

    /// The newest version that this machine sent without hearing that it was saved.
    fn own_version(&self, history: &History) -> Option<Base> {
        let since = self.note.base.map_or(0, |base| base.version);
        let own = history
            .past
            .iter()
            .filter(|past| past.version > since && self.note.unanswered.contains(&past.digest));
        own.max_by_key(|past| past.version)
            .map(|past| Base { version: past.version, digest: Some(past.digest) })
    }

    /// Whether the cloud's version grew out of what ours continues; a cloud that came back from a backup does not
    /// know it.
    fn is_continued_by(&self, history: &History) -> bool {
        let Some(base) = self.note.base else { return false };
        let Some(digest) = base.digest else { return base.version < history.head.version };
        let oldest = history.past.iter().map(|past| past.version).min();
        let is_it = history.past.iter().any(|past| past.version == base.version && past.digest == digest);
        is_it || (base.version < history.head.version && oldest.is_some_and(|oldest| oldest > base.version))
    }

    fn take_fetched(&mut self, head: Head) -> Result<Doc, Ask> {
        match self.fetched.take() {
            Some((version, doc)) if version == head.version && Some(doc.digest) == head.digest => Ok(doc),
            Some(_) | None => Err(Ask::Version(head.version)),
        }
    }

    fn digest(&self) -> Option<ShowDigest> {
        self.ours.as_ref().map(|doc| doc.digest)
    }

    fn is_clean(&self) -> bool {
        self.note.base.is_some_and(|base| base.digest == self.digest())
    }

    fn continues(&mut self, base: Base) {
        self.note.base = Some(base);
        self.note.unanswered.clear();
    }

    fn remember(&mut self, digest: ShowDigest) {
        if !self.note.unanswered.contains(&digest) {
            if self.note.unanswered.len() >= UNANSWERED {
                self.note.unanswered.remove(0);
            }
            self.note.unanswered.push(digest);
        }
    }
}

fn delete_there(head: Head) -> Look {
    match head.digest {
        Some(digest) => Look::Ask(Ask::Delete { version: head.version, digest }),
        None => Look::Forget,
    }
}

fn condition(head: Head) -> Condition {
    match head.digest {
        Some(digest) => Condition::At { version: head.version, digest },
        None => Condition::Absent,
    }
}

#[cfg(test)]
mod tests;
