//! The last versions of a show, each with its text, and the way back to one.

mod list;
mod restore;
mod show;

use crate::api::routes::Routes;

pub(super) fn routes() -> Routes {
    Routes::new().merge(list::route()).merge(show::route()).merge(restore::route())
}
