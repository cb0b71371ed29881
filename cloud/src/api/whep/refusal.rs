//! Why there is no picture, as HTTP says it.

use axum::http::StatusCode;

use returnfeed_protocol::UnknownWord;

use super::fragment::BadFragment;
use crate::api::problem::ApiProblem;
use crate::api::routes::Refusal;
use crate::media::{IceRefusal, JoinRefusal, SelectRefusal};

/// Why an offer gives no picture.
pub(super) const OF_AN_OFFER: [Refusal; 13] = [
    Refusal(400, "sdp_invalid"),
    Refusal(403, "not_receiving"),
    Refusal(404, "session_not_found"),
    Refusal(406, "h264_missing"),
    Refusal(409, "layer_absent"),
    Refusal(409, "no_publisher"),
    Refusal(422, "invalid_input"),
    Refusal(429, "too_many_attempts"),
    Refusal(429, "too_many_unfinished"),
    Refusal(429, "too_many_viewer_sessions"),
    Refusal(503, "server_full"),
    Refusal(503, "server_stopping"),
    Refusal(503, "session_full"),
];

/// Why an SDP fragment changes nothing.
pub(super) const OF_A_FRAGMENT: [Refusal; 5] = [
    Refusal(400, "sdpfrag_invalid"),
    Refusal(409, "ice_restart_failed"),
    Refusal(412, "if_match_wrong"),
    Refusal(422, "sdpfrag_unusable"),
    Refusal(428, "if_match_missing"),
];

pub(super) fn viewer_not_found() -> ApiProblem {
    let detail = "It has ended, or it is another participant's. Ask for the picture again.";
    ApiProblem::new(StatusCode::NOT_FOUND, "viewer_not_found", "There is no such viewer session", detail)
}

pub(super) fn if_match_missing() -> ApiProblem {
    let detail = "Send If-Match with the ETag of the ICE session, or with * to restart it.";
    let title = "The request does not say which ICE session it is for";
    ApiProblem::new(StatusCode::PRECONDITION_REQUIRED, "if_match_missing", title, detail)
}

pub(super) fn media_unknown() -> ApiProblem {
    let detail =
        "mediaId is the index of the video section in the SDP; leave it out. The present layer goes on.";
    ApiProblem::new(StatusCode::UNPROCESSABLE_ENTITY, "media_unknown", "There is no such video", detail)
}

pub(super) fn layer_unknown(unknown: &UnknownWord) -> ApiProblem {
    let detail = format!("{unknown}, as the event \"layers\" says; the present layer goes on.");
    ApiProblem::new(StatusCode::UNPROCESSABLE_ENTITY, "layer_unknown", "There is no such layer", detail)
}

pub(super) fn event_unknown(name: &str) -> ApiProblem {
    let name: String = name.chars().take(40).collect();
    let detail = format!("\"{name}\" is not one of those that the Link header of the viewer session lists.");
    ApiProblem::new(StatusCode::UNPROCESSABLE_ENTITY, "event_unknown", "There is no such event", detail)
}

pub(super) fn event_stream_not_found() -> ApiProblem {
    let detail = "It has ended. Make another one while the viewer session runs.";
    ApiProblem::new(StatusCode::NOT_FOUND, "event_stream_not_found", "There is no such event stream", detail)
}

pub(super) fn too_many_event_streams() -> ApiProblem {
    let detail = "End one of this viewer session's event streams (DELETE) before you make another.";
    let title = "This viewer session has as many event streams as it may";
    ApiProblem::new(StatusCode::CONFLICT, "too_many_event_streams", title, detail)
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
            JoinRefusal::TooManyOfParticipant => (
                StatusCode::TOO_MANY_REQUESTS,
                "too_many_viewer_sessions",
                "You have too many viewer sessions",
            ),
            JoinRefusal::TooManyUnfinished => (
                StatusCode::TOO_MANY_REQUESTS,
                "too_many_unfinished",
                "Too many viewer sessions never connect",
            ),
            JoinRefusal::SessionFull => {
                (StatusCode::SERVICE_UNAVAILABLE, "session_full", "The session takes no more viewers now")
            }
            JoinRefusal::Full | JoinRefusal::Stopping => {
                (StatusCode::SERVICE_UNAVAILABLE, "server_full", "The server takes no more viewers now")
            }
        };
        let problem = Self::new(status, code, title, format!("{refusal}."));
        match refusal {
            JoinRefusal::NoPublisher | JoinRefusal::NoLayerForRole { .. } => problem.retry_after(2),
            JoinRefusal::TooManyOfParticipant | JoinRefusal::TooManyUnfinished => problem.retry_after(5),
            JoinRefusal::SessionFull | JoinRefusal::Full | JoinRefusal::Stopping => problem.retry_after(10),
            JoinRefusal::SdpInvalid(_) | JoinRefusal::H264Missing => problem,
        }
    }
}

impl From<BadFragment> for ApiProblem {
    fn from(bad: BadFragment) -> Self {
        let (status, code) = match bad {
            BadFragment::NotSdp(_) => (StatusCode::BAD_REQUEST, "sdpfrag_invalid"),
            BadFragment::NoIce | BadFragment::HalfCredentials | BadFragment::OutOfBounds => {
                (StatusCode::UNPROCESSABLE_ENTITY, "sdpfrag_unusable")
            }
        };
        Self::new(status, code, "The SDP fragment cannot be used", format!("{bad}; the ICE session goes on."))
    }
}

impl From<IceRefusal> for ApiProblem {
    fn from(refusal: IceRefusal) -> Self {
        let detail = format!(
            "{refusal}; it goes on as it was. To begin it anew, send If-Match: * and new credentials."
        );
        match refusal {
            IceRefusal::NotFound => viewer_not_found(),
            IceRefusal::OtherSession => {
                let title = "The request is for another ICE session";
                Self::new(StatusCode::PRECONDITION_FAILED, "if_match_wrong", title, detail)
            }
            IceRefusal::NotNow => {
                let title = "The ICE session was not restarted";
                Self::new(StatusCode::CONFLICT, "ice_restart_failed", title, detail)
            }
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
