//! When which viewer wants to be woken.
//!
//! A deadline moves with each packet, nearly always to later: an entry stays where it is until its time has come, and
//! is then put where the deadline went. So neither a packet nor a look at the clock costs a look at every viewer.
//! Invariant: nobody has an entry later than its deadline.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::time::Instant;

use returnfeed_protocol::ViewerId;

/// The alarms of all viewers of a shard.
#[derive(Default)]
pub(super) struct Alarms {
    /// With entries that have been replaced by earlier ones.
    queue: BinaryHeap<Reverse<(Instant, ViewerId)>>,
    set: HashMap<ViewerId, Instant>,
}

impl Alarms {
    /// This viewer wants to be woken at `deadline`, and not before, whatever it wanted until now.
    pub(super) fn set(&mut self, id: ViewerId, deadline: Instant) {
        if self.set.get(&id).is_none_or(|at| deadline < *at) {
            self.set.insert(id, deadline);
            self.queue.push(Reverse((deadline, id)));
        }
    }

    /// This viewer is gone, and its entries with it: one may be far in the future.
    pub(super) fn forget(&mut self, id: ViewerId) {
        self.set.remove(&id);
        self.queue.retain(|Reverse((_, of))| *of != id);
    }

    /// When to ask who is due.
    pub(super) fn next(&self) -> Option<Instant> {
        self.queue.peek().map(|Reverse((at, _))| *at)
    }

    /// Those whose deadline has come; `deadline_of` says where it is now.
    pub(super) fn due(
        &mut self,
        now: Instant,
        deadline_of: impl Fn(ViewerId) -> Option<Instant>,
    ) -> Vec<ViewerId> {
        let mut due = Vec::new();
        while let Some(&Reverse((at, id))) = self.queue.peek()
            && at <= now
        {
            self.queue.pop();
            if self.set.get(&id) != Some(&at) {
                continue;
            }
            self.set.remove(&id);
            match deadline_of(id) {
                Some(deadline) if deadline <= now => due.push(id),
                Some(deadline) => self.set(id, deadline),
                None => {}
            }
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn id(n: u64) -> ViewerId {
        ViewerId::from_parts(n, [0; 10])
    }

    #[test]
    fn whoever_is_due_is_woken_once_and_nobody_before_the_deadline_it_has_now() {
        let begin = Instant::now();
        let at = |ms| begin + Duration::from_millis(ms);
        let mut alarms = Alarms::default();
        let mut deadlines = HashMap::from([(id(1), at(10)), (id(2), at(20)), (id(3), at(30))]);
        deadlines.iter().for_each(|(id, deadline)| alarms.set(*id, *deadline));
        // One moves to later, one to earlier.
        for (viewer, deadline) in [(id(1), at(40)), (id(3), at(5))] {
            deadlines.insert(viewer, deadline);
            alarms.set(viewer, deadline);
        }
        let mut woken = Vec::new();
        while let Some(now) = alarms.next() {
            for id in alarms.due(now, |id| deadlines.get(&id).copied()) {
                woken.push((id, now));
            }
        }
        assert_eq!(woken, [(id(3), at(5)), (id(2), at(20)), (id(1), at(40))]);
    }

    #[test]
    fn who_is_gone_is_not_woken() {
        let begin = Instant::now();
        let mut alarms = Alarms::default();
        alarms.set(id(1), begin);
        alarms.forget(id(1));
        assert_eq!(alarms.next(), None);
        assert_eq!(alarms.due(begin, |_| Some(begin)), []);
    }
}
