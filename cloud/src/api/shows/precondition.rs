//! `If-Match` and `If-None-Match` of a request that changes a show (RFC 9110, 13.1).
//!
//! It refuses a change without either: two machines would overwrite each other. A weak tag matches nothing.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, header};

use super::refusal;
use crate::api::problem::ApiProblem;
use crate::app::App;
use crate::store::Precondition;

/// Where the show must stand.
#[derive(Debug)]
pub(super) struct Only(pub(super) Precondition);

impl FromRequestParts<App> for Only {
    type Rejection = ApiProblem;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, ApiProblem> {
        read(&parts.headers).map(Self).ok_or_else(refusal::condition_missing)
    }
}

fn read(headers: &HeaderMap) -> Option<Precondition> {
    if let Some(tags) = listed(headers, &header::IF_MATCH) {
        return Some(match tags.iter().any(|tag| tag == "*") {
            true => Precondition::Present,
            false => Precondition::Matches(tags),
        });
    }
    (listed(headers, &header::IF_NONE_MATCH)? == ["*"]).then_some(Precondition::Absent)
}

/// The tags of a list; ours hold no comma.
pub(super) fn listed(headers: &HeaderMap, name: &HeaderName) -> Option<Vec<String>> {
    let value = headers.get(name)?.to_str().ok()?;
    Some(value.split(',').map(|tag| tag.trim().to_owned()).filter(|tag| !tag.is_empty()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn said(name: HeaderName, value: &'static str) -> Option<Precondition> {
        read(&HeaderMap::from_iter([(name, HeaderValue::from_static(value))]))
    }

    #[test]
    fn each_form_of_a_condition_is_read_and_none_is_none() {
        let matches =
            |tags: &[&str]| Some(Precondition::Matches(tags.iter().map(|&tag| tag.into()).collect()));
        assert_eq!(said(header::IF_MATCH, "\"7-ab\""), matches(&["\"7-ab\""]));
        assert_eq!(said(header::IF_MATCH, "\"7-ab\" , \"8-cd\""), matches(&["\"7-ab\"", "\"8-cd\""]));
        assert_eq!(said(header::IF_MATCH, "W/\"7-ab\""), matches(&["W/\"7-ab\""]));
        assert_eq!(said(header::IF_MATCH, "*"), Some(Precondition::Present));
        assert_eq!(said(header::IF_NONE_MATCH, "*"), Some(Precondition::Absent));
        assert_eq!(said(header::IF_NONE_MATCH, "\"7-ab\""), None);
        assert_eq!(read(&HeaderMap::new()), None);
    }
}
