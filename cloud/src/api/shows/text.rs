//! A show as a request carries it.

use aws_lc_rs::digest::{SHA256, digest};
use axum::extract::{FromRequest, Request};
use axum::http::header;
use returnfeed_protocol::{Show, ShowDigest};

use super::refusal;
use crate::api::body::Text;
use crate::api::problem::ApiProblem;
use crate::app::App;
use crate::store::ShowText;

/// The text of a show, checked and otherwise untouched. Its machine is not known yet.
#[derive(Debug)]
pub(super) struct ShowBody(pub(super) ShowText);

impl FromRequest<App> for ShowBody {
    type Rejection = ApiProblem;

    async fn from_request(request: Request, app: &App) -> Result<Self, ApiProblem> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        let kind = kind.and_then(|kind| kind.split(';').next()).unwrap_or_default().trim();
        if !kind.eq_ignore_ascii_case("application/json") {
            return Err(refusal::content_type());
        }
        let Text(text) = Text::from_request(request, app).await?;
        let show = Show::parse(&text).map_err(|error| refusal::unusable(&error))?;
        let mut bytes = [0; 32];
        bytes.copy_from_slice(digest(&SHA256, text.as_bytes()).as_ref());
        let digest = ShowDigest::from_bytes(bytes);
        Ok(Self(ShowText { digest, text, name: show.name, machine: String::new() }))
    }
}
