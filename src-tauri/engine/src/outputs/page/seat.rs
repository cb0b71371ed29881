//! One operator's page of ours, on its WebSocket: the words of a page of the cloud (`docs/protocol.md`), as few as there
//! are to say.
//!
//! Refuses whoever shows no pass first. Invariant: a page that is not heard for [`SILENCE`] is gone.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use axum::extract::ws::{Message, WebSocket};
use returnfeed_protocol::{Acknowledgement, CameraNumber, CloudToPage, PageNumber, PageToCloud};

use super::pass::{self, Guest, NoPass};
use super::{App, PageEvent};
use crate::clock::{run_us, wall_us};

/// Who says nothing for so long after they came is nobody.
const HELLO: Duration = Duration::from_secs(5);
/// A page confirms a word each second.
const SILENCE: Duration = Duration::from_secs(10);
/// A page that does not read for so long is gone.
const SLOW: Duration = Duration::from_secs(5);
/// What a page may say in one second, as to the cloud.
const MESSAGES_PER_SECOND: u32 = 50;

/// Pages of ours have numbers that the relay does not give: those are below 2^52. JavaScript counts to 2^53.
const FIRST: u64 = 1 << 52;
static NEXT: AtomicU64 = AtomicU64::new(FIRST);

/// Whether this machine serves that page itself.
pub(crate) fn is_own(page: PageNumber) -> bool {
    page.0 >= FIRST
}

/// From its hello until it goes.
pub(super) async fn converse(mut socket: WebSocket, app: App) {
    let (guest, camera) = match hello(&mut socket, &app).await {
        Some(Ok(guest)) => guest,
        Some(Err(refusal)) => return refuse(&mut socket, refusal).await,
        None => return,
    };
    let page = PageNumber(NEXT.fetch_add(1, Ordering::Relaxed));
    let here = |camera| PageEvent::Here { page, participant: guest.participant, camera };
    if app.seen.send(here(camera)).await.is_ok() {
        let seat = Seat { page, guest, camera };
        follow(&mut socket, &app, seat).await;
        // At the end nobody listens any more.
        let _ended = app.seen.send(PageEvent::Gone { page }).await;
    }
}

async fn hello(socket: &mut WebSocket, app: &App) -> Option<Result<(Guest, Option<CameraNumber>), NoPass>> {
    let Ok(Some(Ok(Message::Text(text)))) = tokio::time::timeout(HELLO, socket.recv()).await else {
        return None;
    };
    let PageToCloud::Hello { ticket, camera, .. } = serde_json::from_str(&text).ok()? else { return None };
    let token = ticket.as_ref().map(|ticket| ticket.expose()).unwrap_or_default();
    let guest = match &*app.guests.borrow() {
        Some(guests) => pass::read(token, &guests.keys, guests.session, now()),
        None => Err(NoPass::NoKeys),
    };
    Some(guest.map(|guest| (guest, camera)))
}

/// Whose socket it is, and the lamp that it follows.
struct Seat {
    page: PageNumber,
    guest: Guest,
    camera: Option<CameraNumber>,
}

impl Seat {
    /// What a page says, as news for the director; nothing where it is none.
    fn hear(&mut self, said: PageToCloud) -> Option<PageEvent> {
        let page = self.page;
        match said {
            PageToCloud::Follow { camera } => {
                self.camera = Some(camera);
                Some(PageEvent::Here { page, participant: self.guest.participant, camera: self.camera })
            }
            // What it shows of another camera was said before it chose, or is not its to confirm.
            PageToCloud::Shown { epoch, seq, camera, tally } if self.camera == Some(camera) => {
                Some(PageEvent::Shown(Acknowledgement { page, camera, epoch, seq, tally }))
            }
            // All else is said to a cloud.
            PageToCloud::Shown { .. }
            | PageToCloud::Hello { .. }
            | PageToCloud::Ping { .. }
            | PageToCloud::Readiness { .. }
            | PageToCloud::Signal { .. }
            | PageToCloud::Answer { .. }
            | PageToCloud::LanOffer { .. }
            | PageToCloud::Delay { .. } => None,
        }
    }
}

async fn follow(socket: &mut WebSocket, app: &App, mut seat: Seat) {
    let mut newest = app.newest.clone();
    newest.mark_changed();
    let mut heard = Instant::now();
    let (mut second, mut in_second) = (heard, 0_u32);
    loop {
        tokio::select! {
            biased;
            changed = newest.changed() => {
                if changed.is_err() {
                    return drop(socket.send(Message::Close(None)).await);
                }
                let word = newest.borrow_and_update().clone();
                let Some((state, at)) = word else { continue };
                let age_ms = u64::try_from(at.elapsed().as_millis()).unwrap_or(u64::MAX);
                if !say(socket, &CloudToPage::Tally { age_ms, run_us: Some(run_us()), state }).await {
                    return;
                }
                if now() >= seat.guest.expires {
                    return refuse(socket, NoPass::Expired).await;
                }
            }
            said = socket.recv() => {
                let Some(Ok(said)) = said else { return };
                heard = Instant::now();
                if heard.saturating_duration_since(second) >= Duration::from_secs(1) {
                    (second, in_second) = (heard, 0);
                }
                in_second = in_second.saturating_add(1);
                let Message::Text(text) = said else { continue };
                if in_second > MESSAGES_PER_SECOND {
                    continue;
                }
                let event = match serde_json::from_str(&text) {
                    Ok(PageToCloud::Ping { n }) => {
                        if !say(socket, &pong(n)).await {
                            return;
                        }
                        continue;
                    }
                    Ok(said) => seat.hear(said),
                    Err(_) => None,
                };
                let Some(event) = event else { continue };
                if app.seen.send(event).await.is_err() {
                    return;
                }
            }
            () = tokio::time::sleep_until((heard + SILENCE).into()) => return,
        }
    }
}

/// Dates our words; there is no picture whose capture times could be wrong.
fn pong(n: u64) -> CloudToPage {
    CloudToPage::Pong { n, unix_us: wall_us(), run_us: Some(run_us()), capture_error_us: None }
}

async fn refuse(socket: &mut WebSocket, refusal: NoPass) {
    say(socket, &CloudToPage::Bye { problem: refusal.problem() }).await;
    // It has been told; a page that is gone needs no goodbye.
    let _gone = socket.send(Message::Close(None)).await;
}

/// Whether it was taken in time.
async fn say(socket: &mut WebSocket, message: &CloudToPage) -> bool {
    let Ok(text) = serde_json::to_string(message) else { return false };
    matches!(tokio::time::timeout(SLOW, socket.send(Message::text(text))).await, Ok(Ok(())))
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

#[cfg(test)]
mod tests {
    use returnfeed_protocol::{Epoch, ParticipantId, Tally, TallySequence};

    use super::*;

    fn camera(number: u16) -> CameraNumber {
        number.try_into().unwrap()
    }

    #[test]
    fn a_page_confirms_the_lamp_that_it_follows_and_no_other() {
        let participant = ParticipantId::from_parts(7, [7; 10]);
        let page = PageNumber(FIRST);
        let mut seat = Seat { page, guest: Guest { participant, expires: 0 }, camera: None };
        let shown = |number| PageToCloud::Shown {
            epoch: Epoch(1),
            seq: TallySequence(2),
            camera: camera(number),
            tally: Tally::Program,
        };
        assert_eq!(seat.hear(shown(1)), None, "it has chosen none");
        let here = PageEvent::Here { page, participant, camera: Some(camera(1)) };
        assert_eq!(seat.hear(PageToCloud::Follow { camera: camera(1) }), Some(here));
        assert!(matches!(seat.hear(shown(1)), Some(PageEvent::Shown(one)) if one.camera == camera(1)));
        assert_eq!(seat.hear(shown(2)), None, "of another camera");
        assert_eq!(seat.hear(PageToCloud::Ping { n: 1 }), None);
    }
}
