//! Two machines and a cloud over random histories from committed seeds: edits, deletions, choices, connections cut
//! before the cloud heard and after it stored, machines that stop between any two writes, shows on air.
//!
//! After every write, each edit that was ever written down is in the cloud's history, on a disk, or was replaced,
//! deleted or not chosen by a person who saw it. At the end the connection holds, persons choose, and all three agree.
//! Nothing here reads a clock, so no clock that jumps can change an outcome.
//!
//! `RETURNFEED_CASES` multiplies the histories; a long run (`RETURNFEED_LONG`) has fifty times as many.

#![expect(clippy::disallowed_methods, reason = "how many histories is said by the environment")]
#![expect(clippy::unwrap_used, reason = "a helper that fails fails its test, with the line")]

use std::collections::{BTreeMap, BTreeSet};

use returnfeed_protocol::ShowDigest;
use returnfeed_shows::{
    Answer, Ask, Choice, Condition, Doc, Head, History, Note, Past, Poll, Replica, State, Write, writes,
};

const STEPS: usize = 60;
/// How many versions the cloud keeps here: few, so that it forgets.
const KEPT: usize = 3;

/// A show, by its number.
type Id = u8;

/// splitmix64: a history is one seed.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % sides
    }
}

/// The `n`th edit of all.
fn doc(n: u64) -> Doc {
    let mut digest = [0; 32];
    digest[..8].copy_from_slice(&n.to_be_bytes());
    Doc { text: n.to_string(), digest: ShowDigest::from_bytes(digest) }
}

/// The rules of the cloud, as docs/protocol.md has them.
#[derive(Default)]
struct Cloud {
    shows: BTreeMap<Id, Vec<Option<Doc>>>,
}

impl Cloud {
    fn head(&self, id: Id) -> Option<Head> {
        let versions = self.shows.get(&id)?;
        let digest = versions.last()?.as_ref().map(|doc| doc.digest);
        Some(Head { version: versions.len() as u64, digest })
    }

    fn kept(&self, id: Id) -> Vec<(u64, Doc)> {
        let all = self.shows.get(&id).into_iter().flatten().zip(1..);
        let mut texts: Vec<_> = all.filter_map(|(doc, version)| Some((version, doc.clone()?))).collect();
        texts.drain(..texts.len().saturating_sub(KEPT));
        texts
    }

    fn answer(&mut self, id: Id, ask: &Ask) -> Answer {
        let head = self.head(id);
        match ask {
            Ask::Put { doc, condition } => {
                let holds = match condition {
                    Condition::Absent => head.is_none_or(|head| head.digest.is_none()),
                    Condition::At { version, digest } => {
                        head == Some(Head { version: *version, digest: Some(*digest) })
                    }
                };
                if holds { self.push(id, Some(doc.clone())) } else { Answer::Changed }
            }
            Ask::Delete { version, digest } => {
                match head == Some(Head { version: *version, digest: Some(*digest) }) {
                    true => self.push(id, None),
                    false => Answer::Changed,
                }
            }
            Ask::History => head.map_or(Answer::Absent, |head| {
                let past = self.kept(id).into_iter();
                let past = past.map(|(version, doc)| Past { version, digest: doc.digest }).collect();
                Answer::History(History { head, past })
            }),
            Ask::Version(version) => {
                let found = self.kept(id).into_iter().find(|(each, _)| each == version);
                found.map_or(Answer::Absent, |(_, doc)| Answer::Text(doc))
            }
        }
    }

    fn push(&mut self, id: Id, doc: Option<Doc>) -> Answer {
        self.shows.entry(id).or_default().push(doc);
        Answer::Done(self.head(id).unwrap())
    }
}

/// What survives a machine that stops.
#[derive(Default, Clone)]
struct Disk {
    shows: BTreeMap<Id, Doc>,
    notes: BTreeMap<Id, Note>,
}

impl Disk {
    fn write(&mut self, id: Id, write: Write) {
        match write {
            Write::Show(Some(doc)) => drop(self.shows.insert(id, doc)),
            Write::Show(None) => drop(self.shows.remove(&id)),
            Write::Note(note) => drop(self.notes.insert(id, note)),
        }
    }
}

#[derive(Default)]
struct Machine {
    disk: Disk,
    running: BTreeMap<Id, Replica>,
}

/// The machine stopped.
struct Stopped;

impl Machine {
    fn start(&mut self) {
        let ids: BTreeSet<Id> = self.disk.shows.keys().chain(self.disk.notes.keys()).copied().collect();
        let load =
            |id: &Id| Replica::load(self.disk.shows.get(id).cloned(), self.disk.notes.get(id).cloned());
        self.running = ids.iter().map(|id| (*id, load(id))).collect();
    }

    /// Writes what changed; may stop after any part of it.
    fn write(&mut self, id: Id, world: &mut World) -> Result<(), Stopped> {
        let replica = &self.running[&id];
        let empty = Note::default();
        let (doc, note) = (self.disk.shows.get(&id), self.disk.notes.get(&id).unwrap_or(&empty));
        let order = writes((doc, note), (replica.ours(), replica.note()));
        for write in order {
            if world.stops() {
                return Err(Stopped);
            }
            self.disk.write(id, write);
        }
        Ok(())
    }

    /// One show, until nothing is left to do or the connection is cut.
    fn sync(&mut self, id: Id, world: &mut World) -> Result<(), Stopped> {
        let on_air = !world.is_calm && world.dice.roll(6) == 0;
        let head = world.cloud.head(id);
        if head.is_none() && !self.running.contains_key(&id) {
            return Ok(());
        }
        self.running.entry(id).or_insert_with(Replica::absent).handle_head(head);
        for _ in 0..30 {
            let poll = self.running.get_mut(&id).unwrap().poll(on_air);
            self.write(id, world)?;
            match poll {
                Poll::Ask(ask) => {
                    let answer = world.ask(id, &ask);
                    let replica = self.running.get_mut(&id).unwrap();
                    if world.stops() {
                        return Err(Stopped);
                    }
                    replica.handle_answer(&ask, answer.clone());
                    self.write(id, world)?;
                    if answer == Answer::Lost {
                        return Ok(());
                    }
                }
                Poll::Forget => {
                    self.running.remove(&id);
                    self.disk.shows.remove(&id);
                    self.disk.notes.remove(&id);
                    return Ok(());
                }
                Poll::Settled | Poll::Person | Poll::OnAir => return Ok(()),
            }
        }
        panic!("{}: no end in sight of show {id}", world.seed)
    }
}

struct World {
    seed: u64,
    dice: Dice,
    cloud: Cloud,
    /// Every text that the cloud ever stored.
    stored: BTreeSet<ShowDigest>,
    /// Edits that must not be lost.
    owed: BTreeSet<ShowDigest>,
    edits: u64,
    next_id: Id,
    /// Nothing fails any more.
    is_calm: bool,
}

impl World {
    fn stops(&mut self) -> bool {
        !self.is_calm && self.dice.roll(12) == 0
    }

    /// The connection: cut before the cloud heard, after it did, or not at all. A third machine may have come first.
    fn ask(&mut self, id: Id, ask: &Ask) -> Answer {
        if !self.is_calm && self.cloud.head(id).is_some() && self.dice.roll(12) == 0 {
            let made = (self.dice.roll(4) > 0).then(|| self.edit());
            self.stored.extend(made.as_ref().map(|doc| doc.digest));
            self.cloud.push(id, made);
        }
        let cut = if self.is_calm { 9 } else { self.dice.roll(10) };
        if cut == 0 {
            return Answer::Lost;
        }
        let answer = self.cloud.answer(id, ask);
        if let (Ask::Put { doc, .. }, Answer::Done(_)) = (ask, &answer) {
            self.stored.insert(doc.digest);
        }
        if cut == 1 { Answer::Lost } else { answer }
    }

    fn edit(&mut self) -> Doc {
        self.edits += 1;
        doc(self.edits)
    }

    /// A person on one machine does something to one show.
    fn person(&mut self, machine: &mut Machine) -> Result<(), Stopped> {
        let ids: Vec<Id> = machine.running.keys().copied().collect();
        let known = ids.get(self.dice.roll(ids.len().max(1) as u64) as usize).copied();
        let have = |id: &Id| machine.running[id].ours().is_some();
        match (self.dice.roll(10), known.filter(have)) {
            (0, _) | (_, None) => {
                self.next_id += 1;
                self.create(machine, self.next_id)
            }
            (1, Some(id)) => {
                let replica = machine.running.get_mut(&id).unwrap();
                let seen = [replica.ours().cloned(), replica.second().map(|second| second.doc.clone())];
                replica.delete();
                // Given up even where the machine stops in the middle: the person asked for it.
                self.given_up(seen.into_iter().flatten().map(|doc| doc.digest));
                machine.write(id, self)
            }
            (2..=4, Some(id)) => self.choose(machine, id),
            (_, Some(id)) => {
                let made = self.edit();
                let replica = machine.running.get_mut(&id).unwrap();
                let replaced = replica.ours().map(|doc| doc.digest);
                replica.edit(made.clone());
                // It was before the person's eyes.
                self.given_up(replaced);
                machine.write(id, self)?;
                self.owed.insert(made.digest);
                Ok(())
            }
        }
    }

    fn given_up(&mut self, digests: impl IntoIterator<Item = ShowDigest>) {
        for digest in digests {
            self.owed.remove(&digest);
        }
    }

    fn create(&mut self, machine: &mut Machine, id: Id) -> Result<(), Stopped> {
        let made = self.edit();
        machine.running.insert(id, Replica::create(made.clone()));
        machine.write(id, self)?;
        self.owed.insert(made.digest);
        Ok(())
    }

    fn choose(&mut self, machine: &mut Machine, id: Id) -> Result<(), Stopped> {
        let Some(second) = machine.running[&id].second().cloned() else { return Ok(()) };
        let ours = machine.running[&id].ours().cloned().unwrap();
        let (choice, copies) = [(Choice::Ours, false), (Choice::Theirs, false), (Choice::Theirs, true)]
            [self.dice.roll(3) as usize];
        if copies {
            self.next_id += 1;
            let copy = self.next_id;
            machine.running.insert(copy, Replica::create(ours.clone()));
            machine.write(copy, self)?;
        }
        machine.running.get_mut(&id).unwrap().choose(choice).unwrap();
        match (choice, copies) {
            (Choice::Theirs, false) => self.given_up([ours.digest]),
            (Choice::Theirs, true) => {}
            (Choice::Ours, _) => self.given_up([second.doc.digest]),
        }
        machine.write(id, self)
    }

    fn nothing_is_lost(&self, machines: &[Machine; 2]) {
        let on_disk: BTreeSet<ShowDigest> = machines
            .iter()
            .flat_map(|machine| {
                let seconds = machine.disk.notes.values().filter_map(|note| note.second.as_ref());
                machine.disk.shows.values().chain(seconds.map(|second| &second.doc))
            })
            .map(|doc| doc.digest)
            .collect();
        for owed in &self.owed {
            assert!(
                self.stored.contains(owed) || on_disk.contains(owed),
                "seed {}: edit {owed:?} is lost",
                self.seed
            );
        }
    }
}

fn history(seed: u64) -> World {
    let (dice, cloud) = (Dice(seed), Cloud::default());
    let (stored, owed) = (BTreeSet::new(), BTreeSet::new());
    let mut world = World { seed, dice, cloud, stored, owed, edits: 0, next_id: 0, is_calm: false };
    let mut machines = [Machine::default(), Machine::default()];
    for _ in 0..STEPS {
        let which = world.dice.roll(2) as usize;
        let machine = &mut machines[which];
        match world.dice.roll(3) {
            0 => world.person(machine),
            _ => {
                let id = 1 + world.dice.roll(u64::from(world.next_id.max(1))) as Id;
                machine.sync(id, &mut world)
            }
        }
        .unwrap_or_else(|Stopped| machine.start());
        world.nothing_is_lost(&machines);
    }
    settle(&mut world, &mut machines);
    world
}

/// The connection holds and every question is answered: all three come to agree.
fn settle(world: &mut World, machines: &mut [Machine; 2]) {
    world.is_calm = true;
    for _ in 0..4 {
        for machine in machines.iter_mut() {
            machine.start();
            for id in 1..=world.next_id {
                machine.sync(id, world).ok().unwrap();
                if machine.running.get(&id).is_some_and(|replica| replica.second().is_some()) {
                    world.choose(machine, id).ok().unwrap();
                    machine.sync(id, world).ok().unwrap();
                }
            }
        }
    }
    world.nothing_is_lost(machines);
    let there: BTreeMap<Id, Doc> = world
        .cloud
        .shows
        .iter()
        .filter_map(|(id, versions)| Some((*id, versions.last()?.clone()?)))
        .collect();
    for machine in machines {
        assert_eq!(machine.disk.shows, there, "seed {}", world.seed);
        assert!(
            machine.running.values().all(|replica| replica.state() == State::Synced),
            "seed {}",
            world.seed
        );
    }
}

#[test]
fn no_edit_of_two_machines_is_ever_lost_and_they_come_to_agree() {
    let factor = std::env::var("RETURNFEED_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(1);
    let base = if std::env::var_os("RETURNFEED_LONG").is_some() { 100_000 } else { 2_000 };
    let worlds: Vec<World> = (0..base * factor).map(history).collect();
    // The histories are about something.
    let edits: u64 = worlds.iter().map(|world| world.edits).sum();
    let stored: usize = worlds.iter().map(|world| world.stored.len()).sum();
    assert!(edits > 10 * worlds.len() as u64 && stored > 5 * worlds.len(), "{edits} edits, {stored} stored");
}
