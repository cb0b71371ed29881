//! Tickets: the right to open one socket, once, within 30 s.
//!
//! A browser's WebSocket carries no header, and an address is written into logs: so its first message carries this.
//! It refuses a second use. Invariant: what is kept is bounded, per participant and in all.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use secrecy::SecretString;

use super::SessionClaims;
use crate::clock::Clock;
use crate::random;

const LIVES_MS: u64 = 30_000;
const AT_ONCE: usize = 20_000;
const EACH: usize = 16;

/// Every ticket that was not used yet.
#[derive(Default)]
pub struct Tickets {
    open: Mutex<HashMap<String, Open>>,
    clock: Clock,
}

struct Open {
    claims: SessionClaims,
    expires_at: u64,
}

impl Tickets {
    /// None yet.
    pub fn new(clock: Clock) -> Self {
        Self { open: Mutex::default(), clock }
    }

    /// A ticket for this participant; `None` when they or all together hold too many.
    pub fn issue(&self, claims: SessionClaims) -> Option<SecretString> {
        let now = self.clock.unix_ms();
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.retain(|_, ticket| ticket.expires_at > now);
        let theirs = open.values().filter(|ticket| ticket.claims.participant == claims.participant).count();
        if open.len() >= AT_ONCE || theirs >= EACH {
            return None;
        }
        let ticket = random::text::<24>();
        open.insert(ticket.clone(), Open { claims, expires_at: now + LIVES_MS });
        Some(ticket.into())
    }

    /// Whose ticket this is; it is spent.
    pub fn redeem(&self, ticket: &str) -> Option<SessionClaims> {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner).remove(ticket)?;
        (open.expires_at > self.clock.unix_ms()).then_some(open.claims)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use returnfeed_protocol::{Layer, ParticipantId, Role, SessionId};
    use secrecy::ExposeSecret as _;

    use super::*;

    fn claims(n: u8) -> SessionClaims {
        SessionClaims {
            participant: ParticipantId::from_parts(1, [n; 10]),
            session: SessionId::from_parts(1, [1; 10]),
            role: Role::Camera,
            max_layer: Layer::High,
            expires_at: u64::MAX,
        }
    }

    #[test]
    fn a_ticket_opens_once() {
        let tickets = Tickets::new(Clock::default());
        let ticket = tickets.issue(claims(1)).unwrap();
        assert_eq!(tickets.redeem(ticket.expose_secret()), Some(claims(1)));
        assert_eq!(tickets.redeem(ticket.expose_secret()), None);
    }

    #[test]
    fn a_ticket_is_worth_nothing_after_thirty_seconds() {
        let clock = Clock::default();
        let tickets = Tickets::new(clock.clone());
        let ticket = tickets.issue(claims(1)).unwrap();
        clock.advance(Duration::from_millis(LIVES_MS));
        assert_eq!(tickets.redeem(ticket.expose_secret()), None);
    }

    #[test]
    fn one_participant_who_asks_without_end_takes_nothing_from_another() {
        let clock = Clock::default();
        let tickets = Tickets::new(clock.clone());
        let issued = (0..EACH * 2).filter(|_| tickets.issue(claims(1)).is_some()).count();
        assert_eq!(issued, EACH);
        assert!(tickets.issue(claims(2)).is_some());
        clock.advance(Duration::from_millis(LIVES_MS));
        assert!(tickets.issue(claims(1)).is_some(), "what expired makes room");
    }
}
