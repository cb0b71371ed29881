//! Connections at once, of one address.
//!
//! Invariant: a seat that is dropped is free again, and an address without one is not remembered.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

/// Who sits.
pub(crate) struct Seats {
    each: usize,
    taken: Mutex<HashMap<IpAddr, usize>>,
}

/// One connection's place.
pub(crate) struct Seat {
    seats: Arc<Seats>,
    address: IpAddr,
}

impl Seats {
    /// None taken; each address may have this many.
    pub(crate) fn new(each: usize) -> Arc<Self> {
        Arc::new(Self { each, taken: Mutex::default() })
    }

    /// A place for this address, if it has one left.
    pub(crate) fn take(self: &Arc<Self>, address: IpAddr) -> Option<Seat> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let of_address = taken.get(&address).copied().unwrap_or_default();
        if of_address >= self.each {
            return None;
        }
        taken.insert(address, of_address + 1);
        Some(Seat { seats: Arc::clone(self), address })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.seats.taken.lock().unwrap_or_else(PoisonError::into_inner);
        match taken.get_mut(&self.address) {
            Some(count) if *count > 1 => *count -= 1,
            Some(_) | None => {
                taken.remove(&self.address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_takes_all_its_seats_leaves_those_of_others() {
        let seats = Seats::new(2);
        let [ada, bob] = ["192.0.2.1", "192.0.2.2"].map(|address| address.parse().unwrap());
        let first = seats.take(ada).unwrap();
        let _second = seats.take(ada).unwrap();
        assert!(seats.take(ada).is_none());
        let bobs = seats.take(bob).unwrap();
        drop(first);
        assert!(seats.take(ada).is_some());
        drop(bobs);
        assert!(!seats.taken.lock().unwrap().contains_key(&bob));
    }
}
