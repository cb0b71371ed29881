//! The window against a model, and its corners.

#![expect(clippy::disallowed_methods, reason = "any instant will do as the beginning of virtual time")]

use super::*;
use proptest::prelude::*;

const MS: Duration = Duration::from_millis(1);

fn content(n: u32, now: Instant) -> Content {
    Content::Message { bytes: n.to_be_bytes().to_vec().into(), arrived: now }
}

fn drain(window: &mut Window) -> (Vec<u32>, u64) {
    let (mut messages, mut lost) = (Vec::new(), 0);
    while let Some(popped) = window.pop() {
        match popped {
            Popped::Message { bytes, .. } => {
                messages.push(u32::from_be_bytes(bytes[..4].try_into().unwrap()))
            }
            Popped::Lost(count) => lost += count,
        }
    }
    (messages, lost)
}

#[test]
fn what_is_next_leaves_at_once_and_what_is_behind_a_gap_waits() {
    let now = Instant::now();
    let first = Seq::new(0x7fff_ffff);
    let mut window = Window::new(first);
    window.fill(first, content(0, now), now, now);
    assert_eq!(drain(&mut window), (vec![0], 0));
    assert_eq!(window.fill(first.plus(2), content(2, now), now, now).found_missing, 1);
    assert_eq!(drain(&mut window), (vec![], 0));
    let filled = window.fill(first.plus(1), content(1, now), now + 3 * MS, now);
    assert_eq!(filled.late, Some(3 * MS));
    assert_eq!(drain(&mut window), (vec![1, 2], 0));
    assert_eq!(window.next(), first.plus(3));
    assert_eq!(window.place(first), Place::Passed);
}

#[test]
fn the_hold_ends_and_the_stream_goes_on() {
    let now = Instant::now();
    let mut window = Window::new(Seq::new(0));
    window.fill(Seq::new(3), content(3, now), now, now);
    window.give_up(now + 399 * MS, 400 * MS);
    assert_eq!(drain(&mut window), (vec![], 0));
    window.give_up(now + 400 * MS, 400 * MS);
    assert_eq!(drain(&mut window), (vec![3], 3));
    assert_eq!(window.next_ask(), None);
}

#[test]
fn one_stray_packet_changes_nothing_and_two_that_agree_move_the_window() {
    let now = Instant::now();
    let mut window = Window::new(Seq::new(0));
    window.fill(Seq::new(1), content(1, now), now, now);
    assert_eq!(window.place(Seq::new(50_000)), Place::Beyond);
    assert!(!window.jump(Seq::new(50_000)));
    assert!(!window.jump(Seq::new(900_000)), "they do not agree");
    assert!(window.jump(Seq::new(900_001)));
    assert_eq!(drain(&mut window), (vec![1], 900_000 - 1));
    assert_eq!(window.next(), Seq::new(900_000));
    assert_eq!(window.place(Seq::new(900_001)), Place::Free);
}

#[test]
fn a_drop_request_gives_up_what_is_missing_and_keeps_what_is_there() {
    let now = Instant::now();
    let mut window = Window::new(Seq::new(10));
    window.fill(Seq::new(12), content(12, now), now, now);
    window.drop_range(Seq::new(5), Seq::new(13));
    assert_eq!(drain(&mut window), (vec![12], 3));
    assert_eq!(window.next(), Seq::new(14));
    window.drop_range(Seq::new(0), Seq::new(0x3fff_ffff));
    window.drop_range(Seq::new(20), Seq::new(15));
    assert_eq!(drain(&mut window), (vec![], 0));
}

#[test]
fn each_missing_packet_is_asked_for_when_due_and_in_runs() {
    let now = Instant::now();
    let mut window = Window::new(Seq::new(0));
    window.fill(Seq::new(2), content(2, now), now, now);
    window.fill(Seq::new(4), content(4, now), now, now + 5 * MS);
    let again = |_, found| found + 30 * MS;
    assert_eq!(window.due_asks(now, again), [(Seq::new(0), Seq::new(1))]);
    assert_eq!(window.next_ask(), Some(now + 5 * MS));
    assert_eq!(window.due_asks(now + 5 * MS, again), [(Seq::new(3), Seq::new(3))]);
    assert_eq!(window.next_ask(), Some(now + 30 * MS));
}

proptest! {
    /// Whatever comes, in whatever order: handed up once, in order, and together with the lost ones complete.
    #[test]
    fn order_holds_and_nothing_is_counted_twice(
        first in prop_oneof![Just(0x7fff_fff0_u32), 0..0x7fff_ffff_u32],
        steps in proptest::collection::vec((0_u32..60, 0_u8..8), 1..200),
    ) {
        let mut now = Instant::now();
        let first = Seq::new(first);
        let mut window = Window::new(first);
        let (mut handed, mut lost) = (Vec::new(), 0);
        for (n, kind) in steps {
            now += MS;
            let seq = first.plus(n);
            match kind {
                0 => window.give_up(now, 20 * MS),
                1 => window.drop_range(first.plus(n / 2), seq),
                2 => drop(window.expect(seq, now, now)),
                3 => drop(window.due_asks(now, |_, _| now + 10 * MS)),
                _ => if window.place(seq) == Place::Free {
                    window.fill(seq, content(n, now), now, now);
                }
            }
            let (messages, gone) = drain(&mut window);
            handed.extend(messages);
            lost += gone;
            prop_assert_eq!(handed.len() as u64 + lost, u64::from(window.next().after(first).unwrap()));
            prop_assert!(window.held() <= WINDOW as usize);
        }
        prop_assert!(handed.is_sorted_by(|a, b| a < b), "{:?}", handed);
    }
}
