//! A page's conversation where its WebSocket is refused: server-sent events out, POST in.

mod open;
mod say;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use crate::api::routes::Routes;
use crate::relay::Page;

pub(super) fn routes() -> Routes {
    Routes::new().merge(open::route()).merge(say::route())
}

/// Every event stream that is open, by the id that its page was told. A stream is held by its response alone: when
/// that ends, its page is gone.
#[derive(Default)]
pub struct Streams {
    open: Mutex<HashMap<String, Weak<Page>>>,
}

impl Streams {
    fn add(&self, id: &str, page: &Arc<Page>) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.retain(|_, page| page.strong_count() > 0);
        open.insert(id.to_owned(), Arc::downgrade(page));
    }

    fn find(&self, id: &str) -> Option<Arc<Page>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).get(id).and_then(Weak::upgrade)
    }
}
