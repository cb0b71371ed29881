//! The disk: what survives a crash, a damaged file and a second director; and a cloud in memory.

use std::sync::Mutex;

use returnfeed_protocol::{ShowEntry, UserId};
use returnfeed_shows::Condition;
use tempfile::TempDir;

use super::*;

fn text(name: &str) -> String {
    Show::new(name).to_text().unwrap()
}

fn open(folder: &TempDir) -> (Library, Vec<Damage>) {
    Library::open(folder.path()).unwrap()
}

fn names(library: &Library) -> Vec<String> {
    library.list().into_iter().map(|one| one.name.unwrap()).collect()
}

fn file(folder: &TempDir, id: ShowId, kind: &str) -> std::path::PathBuf {
    folder.path().join(format!("{id}.{kind}"))
}

/// One show after another version, for one account.
#[derive(Default)]
struct Memory {
    shows: Mutex<BTreeMap<ShowId, Vec<Option<Doc>>>>,
    away: bool,
    user: u8,
}

impl Memory {
    fn head(versions: &[Option<Doc>]) -> Option<Head> {
        let digest = versions.last()?.as_ref().map(|doc| doc.digest);
        Some(Head { version: versions.len() as u64, digest })
    }
}

impl Cloud for Memory {
    async fn list(&self) -> Result<(UserId, Vec<ShowEntry>), Offline> {
        if self.away {
            return Err(Offline("nobody answers".into()));
        }
        let shows = self.shows.lock().unwrap();
        let entry = |(id, versions): (&ShowId, &Vec<Option<Doc>>)| {
            let head = Self::head(versions)?;
            let Head { version, digest } = head;
            Some(ShowEntry { id: *id, name: String::new(), version, digest, etag: None, updated_at: 0 })
        };
        Ok((UserId::from_parts(1, [self.user; 10]), shows.iter().filter_map(entry).collect()))
    }

    async fn ask(&self, id: ShowId, ask: &Ask) -> Result<Answer, Offline> {
        let mut shows = self.shows.lock().unwrap();
        let versions = shows.entry(id).or_default();
        let head = Self::head(versions);
        let pushed = match ask {
            Ask::Put { doc, condition } => {
                let holds = match condition {
                    Condition::Absent => head.is_none_or(|head| head.digest.is_none()),
                    Condition::At { version, digest } => {
                        head == Some(Head { version: *version, digest: Some(*digest) })
                    }
                };
                holds.then(|| Some(doc.clone()))
            }
            Ask::Delete { version, digest } => {
                (head == Some(Head { version: *version, digest: Some(*digest) })).then_some(None)
            }
            Ask::History => {
                let past = versions.iter().zip(1..).filter_map(|(doc, version)| {
                    Some(returnfeed_shows::Past { version, digest: doc.as_ref()?.digest })
                });
                let past = past.collect();
                return Ok(head.map_or(Answer::Absent, |head| {
                    Answer::History(returnfeed_shows::History { head, past })
                }));
            }
            Ask::Version(version) => {
                let found = versions.get(*version as usize - 1).cloned().flatten();
                return Ok(found.map_or(Answer::Absent, Answer::Text));
            }
        };
        let Some(pushed) = pushed else { return Ok(Answer::Changed) };
        versions.push(pushed);
        Ok(Answer::Done(Self::head(versions).unwrap()))
    }
}

#[test]
fn a_show_is_there_again_after_the_program_ended() {
    let folder = tempfile::tempdir().unwrap();
    let id = open(&folder).0.add(&text("저녁 예배")).unwrap();
    let (mut library, damage) = open(&folder);
    assert_eq!((names(&library), damage), (vec!["저녁 예배".to_owned()], Vec::new()));
    library.save(id, &text("Easter")).unwrap();
    library.delete(id).unwrap();
    assert!(names(&library).is_empty());
    drop(library);
    assert!(names(&open(&folder).0).is_empty(), "a deletion is remembered");
}

#[test]
fn a_second_director_is_told_and_what_is_no_show_is_not_written() {
    let folder = tempfile::tempdir().unwrap();
    let (mut library, _) = open(&folder);
    let said = Library::open(folder.path()).err().unwrap().to_string();
    assert!(said.contains("another director"), "{said}");
    let id = library.add(&text("Sunday")).unwrap();
    assert!(matches!(library.save(id, "{"), Err(LibraryError::Show(_))));
    assert_eq!(library.text(id).unwrap(), text("Sunday"));
}

#[test]
fn a_damaged_show_is_set_aside_and_its_twin_stands_in_for_it() {
    let folder = tempfile::tempdir().unwrap();
    let id = open(&folder).0.add(&text("Sunday")).unwrap();
    std::fs::write(file(&folder, id, "show.json"), "{\"returnfeed_show\":1,\"na").unwrap();
    let (library, damage) = open(&folder);
    assert_eq!(library.text(id).unwrap(), text("Sunday"));
    let damage = damage.first().unwrap();
    assert!(damage.mended && std::fs::read_to_string(&damage.aside).unwrap().ends_with("na"), "{damage:?}");
    drop(library);
    assert_eq!(open(&folder).1, Vec::new(), "it is mended");
    std::fs::write(file(&folder, id, "show.json"), "").unwrap();
    std::fs::write(file(&folder, id, "show.twin.json"), "").unwrap();
    std::fs::write(file(&folder, id, "note.json"), "!").unwrap();
    let (library, damage) = open(&folder);
    assert!(names(&library).is_empty() && damage.iter().any(|one| !one.mended), "{damage:?}");
}

#[test]
fn a_show_of_a_newer_program_is_kept_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let id = open(&folder).0.add(&text("Sunday")).unwrap();
    let newer = "{\"returnfeed_show\":2,\"name\":\"Sunday\"}";
    std::fs::write(file(&folder, id, "show.json"), newer).unwrap();
    let (library, damage) = open(&folder);
    assert_eq!((damage, library.text(id).unwrap()), (Vec::new(), newer));
    let said = library.list().first().unwrap().name.clone().unwrap_err().to_string();
    assert!(said.contains("update this program"), "{said}");
}

#[tokio::test]
async fn two_machines_keep_both_versions_and_the_person_chooses_seeing_what_differs() {
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let ((mut one, _), (mut two, _), cloud) = (open(&one), open(&two), Memory::default());
    let id = one.add(&text("Sunday")).unwrap();
    assert!(one.sync(&cloud, None).await.unwrap().to_string().ends_with("Sunday: synced\n"));
    two.sync(&cloud, None).await.unwrap();
    assert_eq!(two.text(id).unwrap(), text("Sunday"));
    one.save(id, &text("Easter")).unwrap();
    two.save(id, &text("Advent")).unwrap();
    one.sync(&cloud, None).await.unwrap();
    let waits = two.sync(&cloud, Some(id)).await.unwrap().to_string();
    assert!(waits.contains("waits until the show is off air"), "{waits}");
    let said = two.sync(&cloud, None).await.unwrap().to_string();
    assert!(said.ends_with("Advent: two versions\n"), "{said}");
    let differences = two.differences(id).unwrap();
    let first = differences.first().unwrap();
    assert_eq!((&first.ours, &first.theirs), (&Some("Advent".into()), &Some("Easter".into())));
    let copy = two.choose(id, Chosen::Both).unwrap().unwrap();
    assert_eq!(names(&two), ["Advent (2)", "Easter"]);
    assert!(matches!(two.choose(id, Chosen::Ours), Err(LibraryError::OneVersion(_))));
    two.sync(&cloud, None).await.unwrap();
    one.sync(&cloud, None).await.unwrap();
    assert_eq!((names(&one), one.text(copy).unwrap()), (names(&two), two.text(copy).unwrap()));
}

#[tokio::test]
async fn without_the_cloud_the_shows_are_saved_here_and_another_account_gets_none_of_them() {
    let folder = tempfile::tempdir().unwrap();
    let (mut library, _) = open(&folder);
    library.add(&text("Sunday")).unwrap();
    let away = Memory { away: true, ..Memory::default() };
    let said = library.sync(&away, None).await.unwrap().to_string();
    assert!(said.starts_with("offline: nobody answers\n") && said.contains("Sunday: saved here"), "{said}");
    library.sync(&Memory::default(), None).await.unwrap();
    let other = Memory { user: 7, ..Memory::default() };
    assert!(matches!(library.sync(&other, None).await, Err(LibraryError::OtherAccount)));
    assert!(other.shows.lock().unwrap().is_empty());
}
