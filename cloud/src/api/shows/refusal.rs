//! Why a show is not given or not changed.

use axum::http::StatusCode;
use returnfeed_protocol::{ShowEntry, ShowError};

use crate::api::problem::ApiProblem;
use crate::api::routes::Refusal;
use crate::store::SHOWS_MOST;

/// Of whatever is conditional.
pub(super) const OF_A_CHANGE: [Refusal; 3] =
    [super::NOT_FOUND, Refusal(412, "show_changed"), Refusal(428, "if_match_missing")];

pub(super) fn not_found() -> ApiProblem {
    let detail = "It was deleted, or it is another account's. Its versions may still be there.";
    ApiProblem::new(StatusCode::NOT_FOUND, "show_not_found", "There is no such show", detail)
}

pub(super) fn version_not_found() -> ApiProblem {
    let detail = "The last 50 versions of a show are kept; ask for the list of them.";
    ApiProblem::new(StatusCode::NOT_FOUND, "version_not_found", "There is no such version", detail)
}

pub(super) fn condition_missing() -> ApiProblem {
    let detail =
        "Send If-Match with the ETag of the show as you know it, or If-None-Match: * where it is new.";
    let title = "The request does not say which version it changes";
    ApiProblem::new(StatusCode::PRECONDITION_REQUIRED, "if_match_missing", title, detail)
}

pub(super) fn changed(stands: Option<&ShowEntry>) -> ApiProblem {
    let detail = match stands.map(|entry| (entry.version, entry.digest)) {
        Some((version, Some(_))) => {
            format!("It is at version {version}. Read it, and choose which one to keep.")
        }
        Some((_, None)) => "It was deleted. Send If-None-Match: * to have it again.".to_owned(),
        None => "It is not there. Send If-None-Match: * to make it.".to_owned(),
    };
    ApiProblem::new(StatusCode::PRECONDITION_FAILED, "show_changed", "The show was changed elsewhere", detail)
}

pub(super) fn too_many() -> ApiProblem {
    let detail = format!("An account keeps {SHOWS_MOST} shows. Export one to a file and delete it here.");
    ApiProblem::new(StatusCode::CONFLICT, "too_many_shows", "There are too many shows", detail)
}

pub(super) fn unusable(error: &ShowError) -> ApiProblem {
    ApiProblem::invalid(format!("The show cannot be saved: {error}."))
}

pub(super) fn content_type() -> ApiProblem {
    let title = "The body must be application/json";
    let detail = "Send the show as application/json.";
    ApiProblem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "content_type_wrong", title, detail)
}
