//! The rules, one by one. What they add up to: `tests/model.rs`.

use super::*;
use crate::ask::Past;
use crate::note::{Write, writes};

fn doc(n: u8) -> Doc {
    Doc { text: n.to_string(), digest: ShowDigest::from_bytes([n; 32]) }
}

fn head(version: u64, n: u8) -> Head {
    Head { version, digest: Some(doc(n).digest) }
}

const fn gone(version: u64) -> Head {
    Head { version, digest: None }
}

fn history(head: Head, past: &[(u64, u8)]) -> Answer {
    let past = past.iter().map(|(version, n)| Past { version: *version, digest: doc(*n).digest });
    Answer::History(History { head, past: past.collect() })
}

/// A machine that has text `n` in common with the cloud at `version`.
fn synced(version: u64, n: u8) -> Replica {
    let mut replica = Replica::create(doc(n));
    replica.handle_head(Some(head(version, n)));
    assert_eq!(replica.poll(false), Poll::Settled);
    replica
}

fn answer(replica: &mut Replica, answer: Answer) {
    let Poll::Ask(ask) = replica.poll(false) else { panic!("nothing is asked: {replica:?}") };
    replica.handle_answer(&ask, answer);
}

fn put(n: u8, condition: Condition) -> Poll {
    Poll::Ask(Ask::Put { doc: doc(n), condition })
}

fn at(version: u64, n: u8) -> Condition {
    Condition::At { version, digest: doc(n).digest }
}

#[test]
fn a_new_show_is_saved_where_nothing_is_and_an_edit_where_it_was_read() {
    let mut replica = Replica::create(doc(1));
    assert_eq!(replica.state(), State::SavedHere);
    replica.handle_head(None);
    assert_eq!(replica.poll(false), put(1, Condition::Absent));
    answer(&mut replica, Answer::Done(head(1, 1)));
    assert_eq!((replica.poll(false), replica.state()), (Poll::Settled, State::Synced));
    replica.edit(doc(2));
    assert_eq!((replica.poll(false), replica.state()), (put(2, at(1, 1)), State::SavedHere));
}

#[test]
fn an_edit_that_was_saved_without_an_answer_is_found_and_no_question_is_asked() {
    let mut replica = synced(1, 1);
    replica.edit(doc(2));
    answer(&mut replica, Answer::Lost);
    replica.edit(doc(3));
    answer(&mut replica, history(head(2, 2), &[(1, 1), (2, 2)]));
    assert_eq!(replica.poll(false), put(3, at(2, 2)));
}

#[test]
fn an_edit_that_others_went_on_from_is_followed() {
    let mut replica = synced(1, 1);
    replica.edit(doc(2));
    answer(&mut replica, Answer::Lost);
    answer(&mut replica, history(head(3, 9), &[(1, 1), (2, 2), (3, 9)]));
    assert_eq!(replica.poll(false), Poll::Ask(Ask::Version(3)));
    answer(&mut replica, Answer::Text(doc(9)));
    assert_eq!((replica.poll(false), replica.ours()), (Poll::Settled, Some(&doc(9))));
}

fn two_versions() -> Replica {
    let mut replica = synced(1, 1);
    replica.edit(doc(2));
    replica.handle_head(Some(head(2, 9)));
    answer(&mut replica, history(head(2, 9), &[(1, 1), (2, 9)]));
    answer(&mut replica, Answer::Text(doc(9)));
    assert_eq!((replica.poll(false), replica.state()), (Poll::Person, State::TwoVersions));
    replica
}

#[test]
fn two_edits_are_both_kept_and_the_person_s_choice_is_saved_over_what_they_saw() {
    let mut ours = two_versions();
    assert_eq!((ours.ours(), &ours.second().unwrap().doc), (Some(&doc(2)), &doc(9)));
    ours.choose(Choice::Ours).unwrap();
    assert_eq!(ours.poll(false), put(2, at(2, 9)));
    let mut theirs = two_versions();
    theirs.choose(Choice::Theirs).unwrap();
    assert_eq!((theirs.poll(false), theirs.ours()), (Poll::Settled, Some(&doc(9))));
    assert_eq!(theirs.choose(Choice::Ours), Err(NoQuestion));
}

#[test]
fn a_third_version_takes_the_place_of_the_second_before_the_person_chose() {
    let mut replica = two_versions();
    replica.handle_head(Some(head(3, 10)));
    answer(&mut replica, history(head(3, 10), &[(1, 1), (2, 9), (3, 10)]));
    answer(&mut replica, Answer::Text(doc(10)));
    assert_eq!((replica.poll(false), &replica.second().unwrap().doc), (Poll::Person, &doc(10)));
}

#[test]
fn a_deletion_does_not_outweigh_an_edit_whichever_side_deleted() {
    let mut here = synced(1, 1);
    here.delete();
    here.handle_head(Some(head(2, 9)));
    answer(&mut here, history(head(2, 9), &[(1, 1), (2, 9)]));
    answer(&mut here, Answer::Text(doc(9)));
    assert_eq!((here.poll(false), here.ours()), (Poll::Settled, Some(&doc(9))));
    let mut there = synced(1, 1);
    there.edit(doc(2));
    there.handle_head(Some(gone(2)));
    answer(&mut there, history(gone(2), &[(1, 1)]));
    assert_eq!(there.poll(false), put(2, Condition::Absent));
}

#[test]
fn what_nobody_edited_is_deleted_everywhere_and_forgotten() {
    let mut here = synced(1, 1);
    here.delete();
    assert_eq!(here.poll(false), Poll::Ask(Ask::Delete { version: 1, digest: doc(1).digest }));
    answer(&mut here, Answer::Done(gone(2)));
    assert_eq!(here.poll(false), Poll::Forget);
    let mut there = synced(1, 1);
    there.handle_head(Some(gone(2)));
    answer(&mut there, history(gone(2), &[(1, 1)]));
    assert_eq!((there.poll(false), there.ours()), (Poll::Forget, None));
}

#[test]
fn on_air_nothing_changes_under_the_director_s_hands_and_what_is_edited_is_saved() {
    let mut replica = synced(1, 1);
    replica.handle_head(Some(head(2, 9)));
    answer(&mut replica, history(head(2, 9), &[(1, 1), (2, 9)]));
    assert_eq!((replica.poll(true), replica.ours()), (Poll::OnAir, Some(&doc(1))));
    replica.edit(doc(2));
    assert_eq!((replica.poll(true), replica.second()), (Poll::OnAir, None));
    let mut replica = synced(1, 1);
    replica.edit(doc(2));
    assert_eq!(replica.poll(true), put(2, at(1, 1)));
}

#[test]
fn a_cloud_that_came_back_from_a_backup_takes_nothing_away() {
    // It stood at 9 and knows up to 7: what is here is not an old version of it.
    let mut replica = synced(9, 1);
    replica.handle_head(Some(head(7, 9)));
    answer(&mut replica, history(head(7, 9), &[(6, 8), (7, 9)]));
    answer(&mut replica, Answer::Text(doc(9)));
    assert_eq!((replica.poll(false), replica.ours()), (Poll::Person, Some(&doc(1))));
    // And where it has counted on since.
    let mut replica = synced(9, 1);
    replica.handle_head(Some(head(10, 9)));
    answer(&mut replica, history(head(10, 9), &[(7, 7), (8, 8), (9, 8), (10, 9)]));
    answer(&mut replica, Answer::Text(doc(9)));
    assert_eq!(replica.poll(false), Poll::Person);
    let mut replica = synced(9, 1);
    replica.handle_head(None);
    assert_eq!(replica.poll(false), put(1, Condition::Absent));
}

#[test]
fn a_text_that_vanished_from_the_disk_comes_back_and_is_no_deletion() {
    let before = synced(1, 1);
    let mut replica = Replica::load(None, Some(before.note().clone()));
    replica.handle_head(Some(head(1, 1)));
    answer(&mut replica, Answer::Text(doc(1)));
    assert_eq!((replica.poll(false), replica.ours()), (Poll::Settled, Some(&doc(1))));
}

#[test]
fn a_new_text_is_written_before_its_note_and_a_deletion_s_note_before_the_removal() {
    let (old, new) = (Note::default(), Note { deleted: true, ..Note::default() });
    assert_eq!(
        writes((Some(&doc(1)), &old), (Some(&doc(2)), &new)),
        [Write::Show(Some(doc(2))), Write::Note(new.clone())]
    );
    assert_eq!(writes((Some(&doc(1)), &old), (None, &new)), [Write::Note(new), Write::Show(None)]);
    assert_eq!(writes((Some(&doc(1)), &old), (Some(&doc(1)), &old)), []);
}
