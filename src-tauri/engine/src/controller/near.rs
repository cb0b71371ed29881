//! Which operators' pages are heard on the local network, whatever the cloud knows of them.
//!
//! A page's number is the relay's: one that was started anew gives the same numbers to others. So it refuses to believe
//! a number alone: what is heard there counts for whom the relay introduced by it.

use std::collections::{BTreeMap, BTreeSet};

use returnfeed_protocol::{OperatorPresence, PageNumber, ParticipantId};

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Near {
    introduced: BTreeMap<PageNumber, ParticipantId>,
    proven: BTreeSet<PageNumber>,
    /// The cloud says that they went.
    departed: BTreeSet<PageNumber>,
}

impl Near {
    /// The relay introduces a page of this operator.
    pub(super) fn introduce(&mut self, page: PageNumber, who: ParticipantId) {
        self.introduced.insert(page, who);
    }

    /// A page is heard, or not any more; whether the cloud said meanwhile that it went, so that now it has.
    pub(super) fn set_proven(&mut self, page: PageNumber, proven: bool) -> bool {
        if proven {
            self.proven.insert(page);
            return false;
        }
        self.proven.remove(&page);
        let departed = self.departed.remove(&page);
        if departed {
            self.introduced.remove(&page);
        }
        departed
    }

    /// The cloud says that a page went; whether it is heard all the same.
    pub(super) fn stays(&mut self, page: PageNumber) -> bool {
        let stays = self.proven.contains(&page);
        if stays {
            self.departed.insert(page);
        } else {
            self.introduced.remove(&page);
        }
        stays
    }

    /// The cloud tells who is there from the beginning.
    pub(super) fn handle_welcome(&mut self) {
        self.departed.clear();
    }

    /// Whether what is heard by that number is said by this operator's page.
    pub(super) fn is_of(&self, page: PageNumber, presence: &OperatorPresence) -> bool {
        self.introduced.get(&page) == Some(&presence.participant)
    }

    /// Whether this operator's page is heard.
    pub(super) fn hears(&self, page: PageNumber, presence: &OperatorPresence) -> bool {
        self.proven.contains(&page) && self.is_of(page, presence)
    }
}
