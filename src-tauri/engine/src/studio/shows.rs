//! The documents: which is open, what was changed, what the cloud has of them.

use std::path::PathBuf;
use std::sync::Arc;

use returnfeed_protocol::{Show, ShowId};
use returnfeed_shows::State;
use tokio::sync::Mutex;

use super::Begin;
use super::room::{Done, Room};
use crate::sentence::Sentence;
use crate::sync::{Chosen, CloudShows, Library, LibraryError, Listed, Report};
use crate::view::{Conflict, DifferenceView, Keep, ListedShow, OpenShow, SyncState};

/// Changes of the open show that can be taken back.
const UNDO: usize = 50;

impl Room {
    /// Opens the folder; where it cannot be used, the window says why and works with a show that is not kept.
    pub(super) fn open_library(&mut self) {
        match Library::open(&self.folders.data.join("shows")) {
            Ok((library, damage)) => {
                for one in damage {
                    let aside = one.aside.display();
                    self.refuse(match one.mended {
                        true => Sentence::show_mended(&one.why, aside),
                        false => Sentence::show_set_aside(&one.why, aside),
                    });
                }
                self.library = Some(Arc::new(Mutex::new(library)));
            }
            Err(error) => self.refuse(error.to_string()),
        }
    }

    /// The show that was on air when the run before was killed; else the one that was open last, or the first there is.
    pub(super) fn begin(&mut self, begin: Begin) {
        self.list_shows();
        self.draw_cloud();
        self.draw_outputs();
        let left = self.on_air.read().filter(|_| begin == Begin::Again);
        if let Some(left) = left {
            let document = self.with(|library| Ok(Show::parse(library.text(left.id)?)?));
            self.take(left.id, document.unwrap_or_else(|| left.show.clone()));
            return self.come_back(left);
        }
        // What is on air in another window of this folder is not ours to forget.
        if self.library.is_some() {
            self.on_air.forget();
        }
        self.open_last();
    }

    fn open_last(&mut self) {
        let ids: Vec<ShowId> = self.view.borrow().shows.iter().map(|show| show.id).collect();
        let last = self.settings.show.filter(|id| ids.contains(id)).or_else(|| ids.first().copied());
        if let Some(id) = last {
            self.open_show(id);
        }
    }

    /// Does something with the library now; while a sync holds it, says so.
    fn with<T>(&self, what: impl FnOnce(&mut Library) -> Result<T, LibraryError>) -> Option<T> {
        let Some(library) = &self.library else {
            self.refuse(Sentence::shows_folder_unusable());
            return None;
        };
        let Ok(mut library) = library.try_lock() else {
            self.refuse(Sentence::busy());
            return None;
        };
        match what(&mut library) {
            Ok(done) => Some(done),
            Err(error) => {
                self.refuse(error.to_string());
                None
            }
        }
    }

    /// Whether a sync or a save has the shows at this moment.
    pub(super) fn shows_are_held(&self) -> bool {
        self.library.as_ref().is_some_and(|library| library.try_lock().is_err())
    }

    pub(super) fn list_shows(&self) {
        let Some(library) = &self.library else { return };
        // While a sync holds it, its end lists them.
        let Ok(library) = library.try_lock() else { return };
        let shows = library.list().into_iter().map(listed).collect();
        self.draw(|view| view.shows = shows);
    }

    pub(super) fn open_show(&mut self, id: ShowId) {
        if self.is_on_air() {
            return self.refuse(Sentence::show_while_on_air());
        }
        let opened = self.with(|library| Ok(Show::parse(library.text(id)?)?));
        if let Some(show) = opened {
            self.before.clear();
            self.settings.show = Some(id);
            self.keep_settings();
            self.take(id, show);
            self.start_engine();
        }
    }

    /// This is the open show now.
    fn take(&mut self, id: ShowId, show: Show) {
        let name = show.name.clone();
        let open = OpenShow { id, show: show.clone(), trouble: None, waits: false };
        let changed = self.show.as_ref().is_none_or(|(open, _)| *open != id);
        self.show = Some((id, show));
        let can_undo = !self.before.is_empty();
        self.draw(|view| {
            let waits = view.show.as_ref().is_some_and(|open| open.id == id && open.waits);
            view.show = Some(OpenShow { waits, ..open });
            view.can_undo = can_undo;
            if changed {
                view.session = None;
            }
            if let Some(listed) = view.shows.iter_mut().find(|one| one.id == id) {
                listed.name = Some(name);
            }
        });
    }

    pub(super) fn new_show(&mut self, show: &Show) {
        let text = match show.to_text() {
            Ok(text) => text,
            Err(error) => return self.refuse(error.to_string()),
        };
        if let Some(id) = self.with(|library| library.add(&text)) {
            self.list_shows();
            self.open_show(id);
        }
    }

    pub(super) fn import(&mut self, text: &str) {
        match Show::parse(text) {
            Ok(show) => self.new_show(&show),
            Err(error) => self.refuse(error.to_string()),
        }
    }

    pub(super) fn export(&mut self, id: ShowId) {
        let read = |library: &mut Library| {
            let text = library.text(id)?.to_owned();
            Ok((Show::parse(&text)?.name, text))
        };
        let Some((name, text)) = self.with(read) else { return };
        let path = self.folders.documents.join(format!("{}.returnfeed.json", file_name(&name)));
        let written =
            std::fs::create_dir_all(&self.folders.documents).and_then(|()| std::fs::write(&path, text));
        match written {
            Ok(()) => self.draw(|view| view.tell(path.display().to_string())),
            Err(error) => self.refuse(Sentence::not_written(path.display(), error)),
        }
    }

    pub(super) fn duplicate(&mut self, id: ShowId) {
        let Some(mut show) = self.with(|library| Ok(Show::parse(library.text(id)?)?)) else { return };
        let kept: String = show.name.chars().take(returnfeed_protocol::SHOW_NAME_LONGEST - 4).collect();
        show.name = format!("{kept} (2)");
        self.new_show(&show);
    }

    pub(super) fn delete(&mut self, id: ShowId) {
        let is_open = self.show.as_ref().is_some_and(|(open, _)| *open == id);
        if is_open && self.is_on_air() {
            return self.refuse(Sentence::delete_while_on_air());
        }
        if self.with(|library| library.delete(id)).is_some() {
            self.list_shows();
            if is_open {
                self.show = None;
                self.draw(|view| view.show = None);
                self.open_last();
                self.start_engine();
            }
            self.sync();
        }
    }

    /// The open show becomes this; the engine runs it as soon as that stops nothing that is on air.
    pub(super) fn save(&mut self, show: Show) {
        let Some((id, present)) = self.show.clone() else {
            return self.new_show(&show);
        };
        if present == show {
            return;
        }
        if let Err(error) = show.check() {
            return self.refuse(error.to_string());
        }
        self.before.push(present);
        if self.before.len() > UNDO {
            self.before.remove(0);
        }
        self.become_show(id, show);
    }

    pub(super) fn undo(&mut self) {
        if let (Some((id, _)), Some(before)) = (self.show.clone(), self.before.pop()) {
            self.become_show(id, before);
        }
    }

    fn become_show(&mut self, id: ShowId, show: Show) {
        let restart = self.show.as_ref().is_none_or(|(_, present)| runs_differently(present, &show));
        let text = show.to_text();
        self.take(id, show);
        match (text, self.library.clone()) {
            (Ok(text), Some(library)) => {
                self.tasks.spawn(async move { Done::Saved(library.lock().await.save(id, &text)) });
            }
            (Err(error), _) => self.refuse(error.to_string()),
            (Ok(_), None) => {}
        }
        if restart {
            self.restart_when_off_air();
        }
    }

    pub(super) fn sync(&mut self) {
        let (Some(library), Some(account)) = (self.library.clone(), self.account.clone()) else { return };
        let Some((cloud, trust)) = self.cloud_address() else { return };
        let on_air = self.show.as_ref().map(|(id, _)| *id).filter(|_| self.is_on_air());
        let Ok(cloud) = CloudShows::new(cloud, &trust, account, &machine()) else { return };
        self.tasks.spawn(async move { Done::Synced(library.lock().await.sync(&cloud, on_air).await) });
    }

    pub(super) fn synced(&mut self, report: Result<Report, LibraryError>) {
        self.list_shows();
        match report {
            Ok(report) => self.draw(|view| view.cloud.trouble = report.offline.map(Into::into)),
            Err(error) => self.refuse(error.to_string()),
        }
        // A newer version from elsewhere is taken up at once, unless it is on air.
        if let Some((id, present)) = self.show.clone()
            && !self.is_on_air()
            && let Some(library) = self.library.clone()
            && let Ok(library) = library.try_lock()
            && let Ok(Ok(newer)) = library.text(id).map(Show::parse)
            && newer != present
        {
            drop(library);
            self.before.clear();
            self.take(id, newer);
            self.start_engine();
        }
    }

    pub(super) fn compare(&mut self, id: Option<ShowId>) {
        let Some(id) = id else { return self.draw(|view| view.conflict = None) };
        if self.is_on_air() {
            return self.refuse(Sentence::compare_while_on_air());
        }
        if let Some(found) = self.with(|library| library.differences(id)) {
            let differences = found.iter().map(DifferenceView::of).collect();
            self.draw(|view| view.conflict = Some(Conflict { id, differences }));
        }
    }

    pub(super) fn choose(&mut self, id: ShowId, keep: Keep) {
        let chosen = match keep {
            Keep::Ours => Chosen::Ours,
            Keep::Theirs => Chosen::Theirs,
            Keep::Both => Chosen::Both,
        };
        if self.with(|library| library.choose(id, chosen)).is_some() {
            self.draw(|view| view.conflict = None);
            self.list_shows();
            if self.show.as_ref().is_some_and(|(open, _)| *open == id) {
                self.open_show(id);
            }
            self.sync();
        }
    }
}

/// Whether the engine must be started anew for the difference; names of keys and the show's own are only drawn.
fn runs_differently(one: &Show, other: &Show) -> bool {
    let engine = |show: &Show| Show { name: String::new(), keys: Default::default(), ..show.clone() };
    engine(one) != engine(other)
}

fn listed(one: Listed) -> ListedShow {
    let sync = match one.state {
        State::Synced => SyncState::Synced,
        State::SavedHere => SyncState::SavedHere,
        State::TwoVersions => SyncState::TwoVersions,
    };
    let (name, trouble) = match one.name {
        Ok(name) => (Some(name), None),
        Err(error) => (None, Some(error.to_string().into())),
    };
    ListedShow { id: one.id, name, sync, trouble }
}

/// A name that every disk takes.
fn file_name(name: &str) -> String {
    let kept =
        |c: char| if c.is_alphanumeric() || matches!(c, ' ' | '-' | '_' | '(' | ')') { c } else { '_' };
    let name: String = name.chars().map(kept).collect();
    if name.trim().is_empty() { "show".to_owned() } else { name.trim().to_owned() }
}

/// What this machine calls itself beside the versions that it saves.
fn machine() -> String {
    let file = std::fs::read_to_string(PathBuf::from("/etc/hostname")).ok();
    let said = std::env::var("COMPUTERNAME").or_else(|_| std::env::var("HOSTNAME")).ok();
    file.or(said).map_or_else(|| "director".to_owned(), |name| name.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_becomes_a_file_that_every_disk_takes() {
        assert_eq!(file_name("Sunday: 10/11 <live>"), "Sunday_ 10_11 _live_");
        assert_eq!(file_name("주일 예배"), "주일 예배");
        assert_eq!(file_name("  "), "show");
    }

    #[test]
    fn a_renamed_show_or_a_changed_key_is_no_reason_to_open_the_sources_again() {
        let show = Show::new("one");
        let mut other = Show::new("two");
        other.keys.insert("cut".into(), "KeyX".into());
        assert!(!runs_differently(&show, &other));
        other.green = returnfeed_protocol::show::ShowGreen::EveryOther;
        assert!(runs_differently(&show, &other));
    }
}
