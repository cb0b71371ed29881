//! One quality page's stream.
//!
//! It refuses to go on when the right to it has ended, which it asks each second. Invariant: a page that reads too slowly is told everything
//! anew, and holds up nobody.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::response::sse::Event;
use futures_util::{Stream, stream};
use returnfeed_protocol::{ParticipantId, Problem, QualityToPage, SessionSummary};
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_util::task::task_tracker::TaskTrackerToken;

use crate::api::problem::ApiProblem;
use crate::app::App;
use crate::auth::{AnyBearer, TokenError};
use crate::metrics::Reading;
use crate::relay::bye;

/// How long the database may take; a page can do without a name, and a right ends when it is seen to.
const PATIENCE: Duration = Duration::from_millis(200);
/// How often the bearer's right is looked at. It may end at another server, so nobody tells of it.
const LOOK: Duration = Duration::from_secs(1);

/// A page that listens.
pub(super) struct Listening {
    app: App,
    session: SessionSummary,
    reading: Reading,
    bearer: AnyBearer,
    look_at: Instant,
    begun: bool,
    over: bool,
    names: HashMap<ParticipantId, String>,
    _running: TaskTrackerToken,
}

impl Listening {
    /// A page that was told nothing yet, and whose bearer may see it now.
    pub(super) fn new(app: App, session: SessionSummary, reading: Reading, bearer: AnyBearer) -> Self {
        let running = app.sockets.token();
        let (names, look_at) = (HashMap::new(), Instant::now() + LOOK);
        Self { app, session, reading, bearer, look_at, begun: false, over: false, names, _running: running }
    }

    async fn next(&mut self) -> Option<QualityToPage> {
        if self.over {
            return None;
        }
        if !self.begun {
            self.begun = true;
            return Some(self.history().await);
        }
        loop {
            if Instant::now() >= self.look_at {
                if let Some(refusal) = self.refusal().await {
                    return Some(self.end(refusal));
                }
                self.look_at = Instant::now() + LOOK;
            }
            // No news yet: time to look again.
            let Ok(news) = timeout_at(self.look_at, self.reading.news.recv()).await else { continue };
            return Some(match news {
                Ok(news) => self.named(Arc::unwrap_or_clone(news)).await,
                Err(RecvError::Lagged(_)) => match self.app.metrics.read(self.session.id) {
                    Ok(reading) => {
                        self.reading = reading;
                        self.history().await
                    }
                    Err(_) => self.farewell().await,
                },
                Err(RecvError::Closed) => self.farewell().await,
            });
        }
    }

    /// Why the bearer may not read on; a database that does not answer takes nobody's right.
    async fn refusal(&self) -> Option<Problem> {
        if self.app.clock.unix_ms() >= super::until(&self.bearer) {
            return Some(ApiProblem::from(TokenError::Expired).into_problem());
        }
        let asked = super::still_visible(&self.app, self.session.id, self.bearer);
        let refusal = timeout(PATIENCE, asked).await.ok()?.err()?.into_problem();
        (refusal.status < 500).then_some(refusal)
    }

    async fn history(&mut self) -> QualityToPage {
        let seconds = std::mem::take(&mut self.reading.seconds);
        let mut switches = std::mem::take(&mut self.reading.switches);
        for switch in &mut switches {
            switch.name = self.name(switch.participant).await;
        }
        QualityToPage::History { session: self.session.clone(), seconds, switches }
    }

    async fn farewell(&mut self) -> QualityToPage {
        let session = timeout(PATIENCE, self.app.store.session(self.session.id)).await;
        let ended = matches!(session, Ok(Ok(Some(session))) if session.has_ended());
        self.end(if ended { bye::session_ended() } else { bye::stopping() })
    }

    fn end(&mut self, problem: Problem) -> QualityToPage {
        self.over = true;
        QualityToPage::Bye { problem }
    }

    async fn named(&mut self, mut news: QualityToPage) -> QualityToPage {
        match &mut news {
            QualityToPage::Second { viewers, .. } => {
                let here: Vec<_> = viewers.iter().map(|viewer| viewer.participant).collect();
                self.names.retain(|who, _| here.contains(who));
                for viewer in viewers {
                    viewer.name = self.name(viewer.participant).await;
                }
            }
            QualityToPage::Switched { switch } => switch.name = self.name(switch.participant).await,
            QualityToPage::History { .. } | QualityToPage::Bye { .. } => {}
        }
        news
    }

    /// As they named themselves; asked once for as long as they are listed.
    async fn name(&mut self, who: ParticipantId) -> String {
        if let Some(name) = self.names.get(&who) {
            return name.clone();
        }
        let Ok(Ok(known)) = timeout(PATIENCE, self.app.store.participant(who)).await else {
            return String::new();
        };
        let name = known.map(|participant| participant.name).unwrap_or_default();
        self.names.insert(who, name.clone());
        name
    }
}

/// What a page is told, as events.
pub(super) fn events(listening: Listening) -> impl Stream<Item = Result<Event, Infallible>> {
    stream::unfold(listening, |mut listening| async move {
        let told = listening.next().await?;
        let data = serde_json::to_string(&told).unwrap_or_default();
        Some((Ok(Event::default().data(data)), listening))
    })
}
