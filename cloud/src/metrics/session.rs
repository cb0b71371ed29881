//! One session: its figures for Prometheus, its last ten minutes for its director, and whoever reads along.

use std::sync::Arc;
use std::time::Instant;

use returnfeed_protocol::{QualitySecond, QualitySwitch, QualityToPage};
use tokio::sync::broadcast;

use super::audience::Audience;
use super::history::{self, History};
use super::pushes::Pushes;
use crate::media::{PushQuality, ViewerQuality};

/// What a page may be behind before it is told everything anew.
const NEWS: usize = 64;

/// One session.
pub(super) struct Session {
    pub(super) audience: Audience,
    pub(super) pushes: Pushes,
    history: History,
    news: broadcast::Sender<Arc<QualityToPage>>,
}

/// What was until now, and what comes.
pub(crate) struct Reading {
    pub(crate) seconds: Vec<QualitySecond>,
    pub(crate) switches: Vec<QualitySwitch>,
    /// Ends with the session, or with the server.
    pub(crate) news: broadcast::Receiver<Arc<QualityToPage>>,
}

impl Session {
    /// Nothing seen yet.
    pub(super) fn new(own_labels: usize) -> Self {
        let (news, _) = broadcast::channel(NEWS);
        let audience = Audience::new(own_labels);
        Self { audience, pushes: Pushes::default(), history: History::default(), news }
    }

    /// These pushes run now.
    pub(super) fn handle_pushes(&mut self, running: &[PushQuality]) {
        self.pushes.handle(running);
    }

    /// A second has passed; these watch and these push.
    pub(super) fn handle_second(
        &mut self,
        viewers: Vec<ViewerQuality>,
        pushes: Vec<PushQuality>,
        now: Instant,
        at_ms: u64,
    ) {
        self.pushes.handle(&pushes);
        self.audience.handle_second(&viewers, now);
        let second = self.history.handle_second(&viewers, pushes, at_ms);
        let (viewers, more) = history::listed(viewers, now);
        self.tell(QualityToPage::Second { second, viewers, more });
    }

    /// A viewer's layer changed, or the reason for it.
    pub(super) fn handle_switch(&mut self, switch: QualitySwitch) {
        if let Some(from) = switch.from.filter(|from| *from != switch.to) {
            self.audience.handle_switch(from, switch.to);
        }
        self.history.handle_switch(switch.clone());
        self.tell(QualityToPage::Switched { switch });
    }

    /// Everything from the beginning of what is remembered.
    pub(super) fn read(&self) -> Reading {
        let (seconds, switches) = (self.history.seconds(), self.history.switches());
        Reading { seconds, switches, news: self.news.subscribe() }
    }

    /// How many read along.
    pub(super) fn readers(&self) -> usize {
        self.news.receiver_count()
    }

    fn tell(&self, news: QualityToPage) {
        // Nobody reads along: nobody needs to know.
        let _ = self.news.send(Arc::new(news));
    }
}
