//! Everybody with a socket id of ours: callers that wait for the application, and open connections.
//!
//! Invariant: who is here is found by our socket id and by the caller's own, and has a timer.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::Instant;

use super::door::Question;
use super::events::ConnectionId;
use super::serving::Serving;
use super::timers::Timers;
use crate::random::Random;
use crate::receiving::Receiving;

/// One of them.
pub(super) struct Guest {
    pub(super) id: ConnectionId,
    pub(super) stage: Stage,
}

pub(super) enum Stage {
    /// Waits for the application.
    Asked { peer: SocketAddr, question: Question, until: Instant },
    /// Pushes.
    Open(Box<Receiving>),
    /// Is sent what it requested.
    Serving(Box<Serving>),
}

/// All of them.
#[derive(Default)]
pub(super) struct Guests {
    /// By our socket id.
    by_socket: HashMap<u32, Guest>,
    /// Our socket id, by the caller's address and its own.
    callers: HashMap<(SocketAddr, u32), u32>,
    serial: u32,
    pub(super) timers: Timers,
}

impl Guests {
    pub(super) fn count(&self) -> usize {
        self.by_socket.len()
    }

    /// A caller that waits until `until`.
    pub(super) fn enter(
        &mut self,
        peer: SocketAddr,
        question: Question,
        until: Instant,
        random: &mut Random,
    ) -> ConnectionId {
        let socket = loop {
            let socket = random.socket_id();
            if !self.by_socket.contains_key(&socket) {
                break socket;
            }
        };
        self.serial = self.serial.wrapping_add(1);
        let id = ConnectionId::new(self.serial, socket);
        self.callers.insert((peer, question.socket), socket);
        self.by_socket.insert(socket, Guest { id, stage: Stage::Asked { peer, question, until } });
        self.timers.wish(socket, until);
        id
    }

    /// The one who waits is let in.
    pub(super) fn open(&mut self, id: ConnectionId, stage: Stage) {
        match &stage {
            Stage::Asked { until, .. } => self.timers.wish(id.socket(), *until),
            Stage::Open(open) => self.timers.wish(id.socket(), open.poll_timeout()),
            Stage::Serving(serving) => self.timers.wish(id.socket(), serving.sending.poll_timeout()),
        }
        self.by_socket.insert(id.socket(), Guest { id, stage });
    }

    pub(super) fn get_mut(&mut self, socket: u32) -> Option<&mut Guest> {
        self.by_socket.get_mut(&socket)
    }

    /// The one who called from there with that socket id.
    pub(super) fn caller(&self, peer: SocketAddr, socket: u32) -> Option<&Guest> {
        self.by_socket.get(self.callers.get(&(peer, socket))?)
    }

    /// What one asked who still waits.
    pub(super) fn asked(&self, id: ConnectionId) -> Option<(SocketAddr, Question)> {
        match &self.known(id)?.stage {
            Stage::Asked { peer, question, .. } => Some((*peer, question.clone())),
            Stage::Open(_) | Stage::Serving(_) => None,
        }
    }

    pub(super) fn connection(&self, id: ConnectionId) -> Option<&Receiving> {
        match &self.known(id)?.stage {
            Stage::Open(open) => Some(open),
            Stage::Asked { .. } | Stage::Serving(_) => None,
        }
    }

    pub(super) fn connection_mut(&mut self, id: ConnectionId) -> Option<&mut Receiving> {
        let guest = self.by_socket.get_mut(&id.socket()).filter(|guest| guest.id == id)?;
        match &mut guest.stage {
            Stage::Open(open) => Some(open),
            Stage::Asked { .. } | Stage::Serving(_) => None,
        }
    }

    pub(super) fn serving_mut(&mut self, id: ConnectionId) -> Option<&mut Serving> {
        let guest = self.by_socket.get_mut(&id.socket()).filter(|guest| guest.id == id)?;
        match &mut guest.stage {
            Stage::Serving(serving) => Some(serving),
            Stage::Asked { .. } | Stage::Open(_) => None,
        }
    }

    /// Out.
    pub(super) fn forget(&mut self, id: ConnectionId) -> Option<Guest> {
        self.known(id)?;
        let guest = self.by_socket.remove(&id.socket())?;
        self.timers.forget(id.socket());
        let caller = match &guest.stage {
            Stage::Asked { peer, question, .. } => (*peer, question.socket),
            Stage::Open(open) => (open.peer, open.peer_socket()),
            Stage::Serving(serving) => (serving.peer, serving.peer_socket),
        };
        self.callers.remove(&caller);
        Some(guest)
    }

    fn known(&self, id: ConnectionId) -> Option<&Guest> {
        self.by_socket.get(&id.socket()).filter(|guest| guest.id == id)
    }
}
