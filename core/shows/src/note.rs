//! What a machine writes down about one show, beside the show itself, and in which order.

use returnfeed_protocol::ShowDigest;
use serde::{Deserialize, Serialize};

use crate::ask::Head;

/// A show's text with its digest, which the caller computes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Doc {
    /// Byte for byte what is saved, sent and compared.
    pub text: String,
    /// SHA-256 of it.
    pub digest: ShowDigest,
}

/// A version of the cloud that ours is known to continue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Base {
    /// Counts from 1.
    pub version: u64,
    /// Of its text; `None`: it was deleted there.
    pub digest: Option<ShowDigest>,
}

/// The other version of a show that two machines edited.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Second {
    /// Where the cloud stood.
    pub version: u64,
    /// What it had.
    pub doc: Doc,
}

impl Second {
    /// Whether the cloud has nothing newer to ask about: it stands there still, or came back from a backup that is older.
    pub(crate) fn is_news_to(&self, head: Head) -> bool {
        self.version > head.version || (self.version == head.version && Some(self.doc.digest) == head.digest)
    }
}

/// Everything but the show itself; survives the program.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// A person deleted the show here, or took over that it was deleted.
    #[serde(default)]
    pub deleted: bool,
    /// What ours continues; absent: nothing that is known.
    #[serde(default)]
    pub base: Option<Base>,
    /// What was sent since and never answered: the cloud may have it.
    #[serde(default)]
    pub unanswered: Vec<ShowDigest>,
    /// A question to the person.
    #[serde(default)]
    pub second: Option<Second>,
}

/// Something to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Write {
    /// The show; `None`: remove it.
    Show(Option<Doc>),
    /// The note.
    Note(Note),
}

/// What a machine has of a show on its disk: the text and the note.
pub type OnDisk<'a> = (Option<&'a Doc>, &'a Note);

/// What to write, in this order, so that a crash after any of it loses nothing.
///
/// A new text goes before its note: a text that the note does not know yet is taken for an edit, finds itself in the
/// cloud and is settled. The other way round, the old text would be taken for an edit of the new version. A deletion's
/// note goes before the removal, which is made up for at the next start.
pub fn writes((doc, note): OnDisk<'_>, (now_doc, now_note): OnDisk<'_>) -> Vec<Write> {
    let show = (doc != now_doc).then(|| Write::Show(now_doc.cloned()));
    let note = (note != now_note).then(|| Write::Note(now_note.clone()));
    let order = if now_doc.is_some() { [show, note] } else { [note, show] };
    order.into_iter().flatten().collect()
}
