//! The director's shows: saved here first, worked with offline, in step with the cloud when it is there.
//!
//! `folder` is the disk, `cloud` the calls; what is to be done is decided in `core/shows`. Refuses to hold a show back
//! from its director because of the cloud. Invariant: what [`Library::save`] returned from is on the disk.

mod cloud;
mod credential;
mod folder;
mod report;

use std::collections::BTreeMap;
use std::path::Path;

use returnfeed_protocol::{Show, ShowError, ShowId};
use returnfeed_shows::{
    Answer, Ask, Choice, Difference, Doc, Head, Note, Poll, Replica, State, differences, writes,
};

pub(crate) use cloud::Caller;
pub use cloud::{Cloud, CloudShows, Offline};
pub use credential::{AccountToken, Credential, Password, Refresh};
pub(crate) use folder::replace_file;
pub use folder::{Damage, Folder, FolderError};
pub use report::{Outcome, Report};

/// Questions and answers about one show in one go: past it another machine saves faster than we ask.
const ROUNDS: usize = 20;

/// The shows of one machine.
pub struct Library {
    folder: Folder,
    shows: BTreeMap<ShowId, Held>,
}

/// A show, and what the disk has of it.
struct Held {
    replica: Replica,
    doc: Option<Doc>,
    note: Note,
}

/// A show in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Which.
    pub id: ShowId,
    /// Its name; that it cannot be read where this program is too old for it.
    pub name: Result<String, ShowError>,
    /// Where it stands.
    pub state: State,
}

/// What a person chooses of two versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chosen {
    /// This machine's.
    Ours,
    /// The cloud's.
    Theirs,
    /// Both: the cloud's stays, this machine's becomes a show of its own.
    Both,
}

/// Why something cannot be done to a show.
#[derive(Debug, thiserror::Error)]
pub enum LibraryError {
    /// The disk.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The text.
    #[error("the show cannot be used: {0}")]
    Show(#[from] ShowError),
    /// There is none.
    #[error("there is no show {0}; list them with: returnfeed-director shows list")]
    Unknown(ShowId),
    /// Nothing to choose from.
    #[error("show {0} has one version only; there is nothing to choose")]
    OneVersion(ShowId),
    /// Another person's.
    #[error(
        "these shows are in step with another account of the cloud; sign in as that, or use another folder"
    )]
    OtherAccount,
}

impl Library {
    /// Opens the shows of a folder, and says what was damaged and how it was mended.
    ///
    /// # Errors
    /// When the folder cannot be used, or another director uses it.
    pub fn open(path: &Path) -> Result<(Self, Vec<Damage>), LibraryError> {
        let folder = Folder::open(path)?;
        let (mut shows, mut damage) = (BTreeMap::new(), Vec::new());
        for id in folder.ids()? {
            let (doc, note, damaged) = folder.read(id)?;
            damage.extend(damaged);
            let replica = Replica::load(doc.clone(), note.clone());
            shows.insert(id, Held { replica, doc, note: note.unwrap_or_default() });
        }
        let mut library = Self { folder, shows };
        for id in library.shows.keys().copied().collect::<Vec<_>>() {
            library.write(id)?;
        }
        Ok((library, damage))
    }

    /// Every show, by its name.
    pub fn list(&self) -> Vec<Listed> {
        let listed = self.shows.iter().filter_map(|(id, held)| {
            let name = Show::parse(&held.replica.ours()?.text).map(|show| show.name);
            Some(Listed { id: *id, name, state: held.replica.state() })
        });
        let mut all: Vec<Listed> = listed.collect();
        all.sort_by_key(|one| (one.name.clone().unwrap_or_default(), one.id));
        all
    }

    /// A show's text.
    ///
    /// # Errors
    /// When there is no such show.
    pub fn text(&self, id: ShowId) -> Result<&str, LibraryError> {
        let held = self.shows.get(&id).ok_or(LibraryError::Unknown(id))?;
        held.replica.ours().map(|doc| doc.text.as_str()).ok_or(LibraryError::Unknown(id))
    }

    /// A new show.
    ///
    /// # Errors
    /// When it is none, or cannot be written.
    pub fn add(&mut self, text: &str) -> Result<ShowId, LibraryError> {
        Show::parse(text)?;
        let id = new_id();
        let held = Held { replica: Replica::create(doc(text)), doc: None, note: Note::default() };
        self.shows.insert(id, held);
        self.write(id)?;
        Ok(id)
    }

    /// A new text for a show.
    ///
    /// # Errors
    /// When it is none, or cannot be written: then the one before stays.
    pub fn save(&mut self, id: ShowId, text: &str) -> Result<(), LibraryError> {
        Show::parse(text)?;
        self.change(id, |replica| {
            replica.edit(doc(text));
            Ok(())
        })
    }

    /// Deletes a show, here now and elsewhere when the cloud is there.
    ///
    /// # Errors
    /// When there is none, or the disk does not take it.
    pub fn delete(&mut self, id: ShowId) -> Result<(), LibraryError> {
        self.change(id, |replica| {
            replica.delete();
            Ok(())
        })
    }

    /// What differs between the two versions of a show; empty where there is one.
    ///
    /// # Errors
    /// When there is no such show.
    pub fn differences(&self, id: ShowId) -> Result<Vec<Difference>, LibraryError> {
        let held = self.shows.get(&id).ok_or(LibraryError::Unknown(id))?;
        let (Some(ours), Some(second)) = (held.replica.ours(), held.replica.second()) else {
            return Ok(Vec::new());
        };
        let value = |doc: &Doc| serde_json::from_str(&doc.text).unwrap_or_default();
        Ok(differences(&value(ours), &value(&second.doc)))
    }

    /// A person chose; the id of the show that ours became, where both are kept.
    ///
    /// # Errors
    /// When there are not two versions, or the disk does not take it: then there are still two.
    pub fn choose(&mut self, id: ShowId, chosen: Chosen) -> Result<Option<ShowId>, LibraryError> {
        let held = self.shows.get(&id).ok_or(LibraryError::Unknown(id))?;
        if held.replica.second().is_none() {
            return Err(LibraryError::OneVersion(id));
        }
        // Made first, so that whatever happens then it is there.
        let copy = match chosen {
            Chosen::Both => Some(self.add(&renamed(self.text(id)?)?)?),
            Chosen::Ours | Chosen::Theirs => None,
        };
        let choice = if chosen == Chosen::Ours { Choice::Ours } else { Choice::Theirs };
        self.change(id, |replica| replica.choose(choice).map_err(|_| LibraryError::OneVersion(id)))?;
        Ok(copy)
    }

    /// Brings the shows in step with the cloud. Of the one on air nothing changes here.
    ///
    /// # Errors
    /// When the disk does not take something, or the account is another than before.
    pub async fn sync(&mut self, cloud: &impl Cloud, on_air: Option<ShowId>) -> Result<Report, LibraryError> {
        let listed = match cloud.list().await {
            Ok((user, listed)) if self.folder.belongs_to(user)? => listed,
            Ok(_) => return Err(LibraryError::OtherAccount),
            Err(offline) => return Ok(Report::offline(offline, self.list())),
        };
        let heads: BTreeMap<ShowId, Head> = listed
            .iter()
            .map(|entry| (entry.id, Head { version: entry.version, digest: entry.digest }))
            .collect();
        let ids: Vec<ShowId> = self.shows.keys().chain(heads.keys()).copied().collect();
        let mut report = Report::default();
        for id in ids {
            if report.has(id) {
                continue;
            }
            let outcome = self.sync_one(cloud, id, heads.get(&id).copied(), on_air == Some(id)).await?;
            let name = self.text(id).ok().and_then(|text| Show::parse(text).ok()).map(|show| show.name);
            report.add(id, name, outcome);
        }
        Ok(report)
    }

    async fn sync_one(
        &mut self,
        cloud: &impl Cloud,
        id: ShowId,
        head: Option<Head>,
        on_air: bool,
    ) -> Result<Outcome, LibraryError> {
        let absent = || Held { replica: Replica::absent(), doc: None, note: Note::default() };
        self.shows.entry(id).or_insert_with(absent).replica.handle_head(head);
        for _ in 0..ROUNDS {
            let poll = self.held(id)?.replica.poll(on_air);
            self.write(id)?;
            let ask = match poll {
                Poll::Ask(ask) => ask,
                Poll::Settled => return Ok(Outcome::Synced),
                Poll::Person => return Ok(Outcome::TwoVersions),
                Poll::OnAir => return Ok(Outcome::Waits),
                Poll::Forget => {
                    self.folder.forget(id)?;
                    self.shows.remove(&id);
                    return Ok(Outcome::Deleted);
                }
            };
            let answer = match cloud.ask(id, &ask).await {
                Ok(answer) => answer,
                Err(offline) => {
                    self.hear(id, &ask, Answer::Lost)?;
                    return Ok(Outcome::SavedHere(offline.to_string()));
                }
            };
            self.hear(id, &ask, answer)?;
        }
        Ok(Outcome::SavedHere("other machines save it faster than this one asks; it is tried again".into()))
    }

    fn hear(&mut self, id: ShowId, ask: &Ask, answer: Answer) -> Result<(), LibraryError> {
        self.held(id)?.replica.handle_answer(ask, answer);
        self.write(id)
    }

    fn held(&mut self, id: ShowId) -> Result<&mut Held, LibraryError> {
        self.shows.get_mut(&id).ok_or(LibraryError::Unknown(id))
    }

    /// A change that is undone where it cannot be written.
    fn change(
        &mut self,
        id: ShowId,
        change: impl FnOnce(&mut Replica) -> Result<(), LibraryError>,
    ) -> Result<(), LibraryError> {
        let held = self.held(id)?;
        let before = held.replica.clone();
        change(&mut held.replica)?;
        let written = self.write(id);
        if written.is_err() {
            self.held(id)?.replica = before;
        }
        written
    }

    /// Writes what changed, in the order that loses nothing.
    fn write(&mut self, id: ShowId) -> Result<(), LibraryError> {
        let Some(held) = self.shows.get_mut(&id) else { return Ok(()) };
        let now = (held.replica.ours(), held.replica.note());
        for write in writes((held.doc.as_ref(), &held.note), now) {
            self.folder.write(id, &write)?;
        }
        held.doc = held.replica.ours().cloned();
        held.note = held.replica.note().clone();
        Ok(())
    }
}

/// The digest that the cloud computes too.
fn doc(text: &str) -> Doc {
    Doc { text: text.to_owned(), digest: folder::digest(text) }
}

fn new_id() -> ShowId {
    let mut random = [0; 10];
    aws_lc_rs::rand::fill(&mut random).expect("the system has randomness");
    ShowId::from_parts(crate::clock::wall_us() / 1_000, random)
}

/// The same show under another name.
fn renamed(text: &str) -> Result<String, ShowError> {
    let mut show = Show::parse(text)?;
    let kept: String = show.name.chars().take(returnfeed_protocol::SHOW_NAME_LONGEST - 4).collect();
    show.name = format!("{kept} (2)");
    show.to_text()
}

#[cfg(test)]
mod tests;
