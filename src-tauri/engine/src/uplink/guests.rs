//! Whom the cloud lets in, for a page that this machine serves itself: the keys that verify its tokens, and one operator's
//! pass for the code on the director's screen.
//!
//! Refuses to end anything: without them pages are judged by the keys of before.

use std::convert::Infallible;
use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use returnfeed_protocol::{InviteState, JoinRequest, PublicKeys, Role, SessionId};
use secrecy::SecretString;
use tokio::sync::watch;

use super::Failure;
use super::http::Http;

/// Keys are changed by a host's hand, and the new one signs at once.
const EACH: Duration = Duration::from_secs(300);
/// After a call that failed.
const AGAIN: Duration = Duration::from_secs(10);
/// A pass that is good for less than this is changed: half of its day.
const LEFT: Duration = Duration::from_secs(43_200);
/// As whom the director finds it among those who joined.
const NAME: &str = "LAN";

/// As far as the cloud has told.
#[derive(Clone)]
pub struct Guests {
    /// Of which session.
    pub session: SessionId,
    /// What verifies its tokens; none: it has not been reached.
    pub keys: PublicKeys,
    /// For whoever scans the code; none: the session has no open invitation for operators.
    pub pass: Option<Pass>,
}

/// A camera operator's session token.
#[derive(Clone)]
pub struct Pass {
    /// It opens the session as one.
    pub token: SecretString,
    /// Unix time.
    pub until: Duration,
}

impl fmt::Debug for Guests {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Guests({}, {} keys, a pass: {})", self.session, self.keys.keys.len(), self.pass.is_some())
    }
}

impl Guests {
    /// Nothing is known but which session it is.
    pub fn of(session: SessionId) -> Self {
        Self { session, keys: PublicKeys::default(), pass: None }
    }
}

/// Asks again and again, where somebody wants to know.
pub(super) async fn keep(http: &Http, guests: Option<watch::Sender<Option<Guests>>>) -> Infallible {
    let Some(guests) = guests else { return std::future::pending().await };
    loop {
        let known = guests.borrow().clone().filter(|known| known.session == http.session());
        let wait = match ask(http, known.and_then(|known| known.pass)).await {
            Ok(told) => {
                guests.send_replace(Some(told));
                EACH
            }
            Err(failure) => {
                tracing::warn!(%failure, "operators are let in on this network by what the cloud said before");
                AGAIN
            }
        };
        tokio::time::sleep(wait).await;
    }
}

async fn ask(http: &Http, pass: Option<Pass>) -> Result<Guests, Failure> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let keys = http.keys().await?;
    let pass = match pass.filter(|pass| pass.until > now + LEFT) {
        Some(pass) => Some(pass),
        None => join(http).await?,
    };
    Ok(Guests { session: http.session(), keys, pass })
}

/// By an invitation that anybody may use for any camera, where there is one.
async fn join(http: &Http) -> Result<Option<Pass>, Failure> {
    let invites = http.invites().await?;
    let open = invites.into_iter().find(|one| {
        one.role == Role::Camera
            && one.camera.is_none()
            && one.state == InviteState::Open
            && one.terms.max_uses.is_none()
    });
    let Some(invite) = open else { return Ok(None) };
    let joined = http.join(&JoinRequest { code: invite.code, name: Some(NAME.to_owned()) }).await?;
    Ok(Some(Pass { token: joined.token.into(), until: Duration::from_millis(joined.expires_at) }))
}
