//! Why there is no picture, as HTTP says it.

use axum::http::StatusCode;

use crate::api::problem::ApiProblem;
use crate::media::{JoinRefusal, SelectRefusal};

pub(super) fn viewer_not_found() -> ApiProblem {
    let detail = "It has ended, or it is another participant's. Ask for the picture again.";
    ApiProblem::new(StatusCode::NOT_FOUND, "viewer_not_found", "There is no such viewer session", detail)
}

pub(super) fn content_type(expected: &str) -> ApiProblem {
    let detail = format!("Send it as Content-Type: {expected}.");
    ApiProblem::new(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "content_type_wrong",
        "The body is of another type",
        detail,
    )
}

impl From<JoinRefusal> for ApiProblem {
    fn from(refusal: JoinRefusal) -> Self {
        let (status, code, title) = match refusal {
            JoinRefusal::SdpInvalid(_) => {
                (StatusCode::BAD_REQUEST, "sdp_invalid", "The SDP offer cannot be used")
            }
            JoinRefusal::H264Missing => {
                (StatusCode::NOT_ACCEPTABLE, "h264_missing", "This browser cannot play the picture")
            }
            JoinRefusal::NoPublisher => (StatusCode::CONFLICT, "no_publisher", "There is no picture yet"),
            JoinRefusal::NoLayerForRole { .. } => {
                (StatusCode::CONFLICT, "layer_absent", "There is no picture for this role now")
            }
            JoinRefusal::Full | JoinRefusal::Stopping => {
                (StatusCode::SERVICE_UNAVAILABLE, "server_full", "The server takes no more viewers now")
            }
        };
        let problem = Self::new(status, code, title, format!("{refusal}."));
        match refusal {
            JoinRefusal::NoPublisher | JoinRefusal::NoLayerForRole { .. } => problem.retry_after(2),
            JoinRefusal::Full | JoinRefusal::Stopping => problem.retry_after(10),
            JoinRefusal::SdpInvalid(_) | JoinRefusal::H264Missing => problem,
        }
    }
}

impl From<SelectRefusal> for ApiProblem {
    fn from(refusal: SelectRefusal) -> Self {
        let detail = format!("{refusal}; the present layer goes on.");
        match refusal {
            SelectRefusal::NotFound => viewer_not_found(),
            SelectRefusal::Absent(_) => {
                Self::new(StatusCode::CONFLICT, "layer_absent", "This layer does not arrive now", detail)
            }
        }
    }
}
