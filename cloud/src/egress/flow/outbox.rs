//! Datagrams on their way out of one connection, one behind the other in one piece of memory.

/// What is kept of the memory once everything went out: more than a picture takes.
const KEPT: usize = 16 * 1024;

/// Datagrams, in order.
#[derive(Default)]
pub(super) struct Outbox {
    pub(super) bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Outbox {
    /// Where the next datagram begins.
    pub(super) fn begin(&self) -> usize {
        self.bytes.len()
    }

    /// The datagram that was written is whole.
    pub(super) fn end(&mut self) {
        self.ends.push(self.bytes.len());
    }

    /// The datagram that was begun there is not sent.
    pub(super) fn undo(&mut self, begin: usize) {
        self.bytes.truncate(begin);
    }

    /// Hands out everything.
    pub(super) fn drain(&mut self, mut take: impl FnMut(&[u8])) {
        let mut begin = 0;
        for end in self.ends.drain(..) {
            self.bytes.get(begin..end).into_iter().for_each(&mut take);
            begin = end;
        }
        self.bytes.clear();
        self.bytes.shrink_to(KEPT);
    }
}
