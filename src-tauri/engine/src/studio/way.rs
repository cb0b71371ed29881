//! What the way to the cloud carries: as the programme itself measures it, or by a probe of ten seconds before there is one.
//!
//! Refuses to send anything beside a programme. Invariant: one probe at a time, for the session that the programme would go
//! to.

use std::sync::Arc;
use std::time::Duration;

use returnfeed_protocol::{Layer, ShowId, StreamProbe};
use returnfeed_srt::{CallerEnd, PathReport};

use super::check::line;
use super::cloud::Opened;
use super::room::{Done, Room};
use crate::gui::AirState;
use crate::push::probe::{self, BITS_PER_SECOND, LASTS};
use crate::push::{PushFailure, PushTarget};
use crate::sentence::Sentence;
use crate::sync::Offline;
use crate::uplink::{UplinkConfig, right_to_push};
use crate::view::{Account, CheckIs, CheckLine, CheckOf, View, Way};

/// A round trip that an operator notices in a cue and its answer.
const ROUND_TRIP_LOOK_MS: f64 = 150.0;

/// What a probe found.
pub(super) struct Measured {
    /// Where it went.
    server: String,
    found: PathReport,
}

impl Room {
    /// Sends a probe, where nothing else knows and there is somewhere to send it.
    pub(super) fn measure_way(&mut self) {
        if line_of(&self.view.borrow()).is != CheckIs::Running || self.measuring {
            return;
        }
        if let Some(uplink) = self.way() {
            return self.send_probe(uplink);
        }
        let (Some(account), Some((id, show))) = (self.account.clone(), &self.show) else { return };
        self.measuring = true;
        let (id, name) = (*id, show.name.clone());
        let known = self.settings.sessions.get(&id).copied();
        self.tasks.spawn(async move { Done::WayOpened(id, account.open_session(known, &name).await) });
    }

    pub(super) fn way_opened(&mut self, show: ShowId, opened: Result<Opened, Offline>) {
        self.measuring = false;
        match opened {
            Ok(opened) => {
                // Where another show is open now, this asks for that one's.
                self.keep_session(show, opened);
                self.measure_way();
            }
            Err(offline) => self.checked(line(CheckOf::Upload, CheckIs::Broken, offline.to_string())),
        }
    }

    fn send_probe(&mut self, uplink: Arc<UplinkConfig>) {
        self.measuring = true;
        self.tasks.spawn(async move { Done::Measured(send(&uplink).await) });
    }

    pub(super) fn way_measured(&mut self, result: Result<Measured, Sentence>) {
        self.measuring = false;
        let now = line_of(&self.view.borrow());
        // The programme went there meanwhile, and has ended the probe.
        if now.is != CheckIs::Running {
            return self.checked(now);
        }
        match result {
            Ok(Measured { server, found }) => {
                self.checked(line(CheckOf::Srt, CheckIs::Good, server));
                self.checked(judged(&found.into(), Some(BITS_PER_SECOND)));
            }
            Err(why) => self.checked(line(CheckOf::Upload, CheckIs::Broken, why)),
        }
    }
}

async fn send(uplink: &UplinkConfig) -> Result<Measured, Sentence> {
    let grant = right_to_push(uplink).await?.0;
    let (host, srt) = (uplink.cloud.host().to_owned(), grant.srt);
    let server = format!("{host}:{}", srt.port);
    let target = PushTarget {
        host,
        port: srt.port,
        stream_id: StreamProbe { session: uplink.session, key: grant.key }.to_string(),
        passphrase: srt.passphrase.into(),
        latency: Duration::from_millis(srt.latency_ms.into()),
    };
    let found = probe::measure(&target, LASTS).await.map_err(|failure| match failure {
        // A push of the session came, from elsewhere.
        PushFailure::End(CallerEnd::PeerClosed) => Sentence::way_occupied(),
        other => other.into(),
    })?;
    Ok(Measured { server, found })
}

/// What is known without a probe; running: one finds out.
pub(super) fn line_of(view: &View) -> CheckLine {
    let high = view.pushes.iter().find(|push| push.layer == Layer::High);
    if let Some(path) = high.and_then(|push| push.path.as_ref()) {
        return judged(path, None);
    }
    let unknown = |why| line(CheckOf::Upload, CheckIs::Unknown, why);
    match (&view.air, &view.account, &view.show) {
        (AirState::Off { .. }, Account::In { .. }, Some(_)) if !view.going => {
            line(CheckOf::Upload, CheckIs::Running, "")
        }
        (AirState::Off { .. }, Account::Out | Account::Browser, _) => unknown(Sentence::nobody_signed_in()),
        (AirState::Off { .. }, _, None) => unknown(Sentence::no_show_open()),
        _ => unknown(Sentence::way_soon()),
    }
}

/// How good that is, and what to do. What was sent is known of a probe alone: a programme sends as its picture wants.
fn judged(way: &Way, sent: Option<u64>) -> CheckLine {
    let (mbits, rtt, lost) =
        (millions(way.bits_per_second), format!("{:.0}", way.rtt_ms), way.lost_per_mille);
    let (is, says) = match sent {
        // A tenth may still be on its way, or be sent again.
        Some(sent) if way.bits_per_second < sent / 10 * 9 => {
            (CheckIs::Broken, Sentence::way_narrow(mbits, millions(sent)))
        }
        _ if lost > 100 => (CheckIs::Broken, Sentence::way_lossy(mbits, rtt, lost)),
        _ if lost > 20 => (CheckIs::Look, Sentence::way_lossy(mbits, rtt, lost)),
        _ if way.rtt_ms >= ROUND_TRIP_LOOK_MS => (CheckIs::Look, Sentence::way_long(mbits, rtt, lost)),
        _ => (CheckIs::Good, Sentence::way_measured(mbits, rtt, lost)),
    };
    line(CheckOf::Upload, is, says)
}

#[expect(clippy::cast_precision_loss, reason = "for a sentence")]
fn millions(bits: u64) -> String {
    format!("{:.1}", bits as f64 / 1_000_000.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gui::Door;

    fn way(rtt_ms: f64, lost_per_mille: u32, bits_per_second: u64) -> Way {
        Way { rtt_ms, lost_per_mille, repeated_per_mille: 0, bits_per_second }
    }

    #[test]
    fn what_is_not_known_yet_is_not_said_to_be_good() {
        let mut view = View::default();
        assert_eq!((line_of(&view).is, line_of(&view).says.code), (CheckIs::Unknown, "nobody_signed_in"));
        view.air = AirState::On { door: Some(Door::Operators) };
        assert_eq!((line_of(&view).is, line_of(&view).says.code), (CheckIs::Unknown, "way_soon"));
    }

    #[test]
    fn what_the_programme_itself_measured_is_said() {
        let mut view = View::default();
        view.pushes.push(crate::view::Push {
            layer: Layer::High,
            connected: true,
            trouble: None,
            arrives: true,
            path: Some(way(31.4, 2, 310_000)),
            paths: 1,
        });
        let said = line_of(&view);
        let expected = (CheckIs::Good, "0.3 Mbit/s, round trip 31 ms, lost 2 of 1000");
        assert_eq!((said.is, said.says.text.as_str()), expected, "a still picture needs little");
    }

    #[test]
    fn each_fault_of_a_way_is_said_with_its_figures_and_what_to_do() {
        let sent = Some(BITS_PER_SECOND);
        for (found, is, code) in [
            (way(31.4, 0, 1_499_000), CheckIs::Good, "way_measured"),
            (way(31.4, 21, 1_450_000), CheckIs::Look, "way_lossy"),
            (way(31.4, 200, 1_450_000), CheckIs::Broken, "way_lossy"),
            (way(180.0, 1, 1_499_000), CheckIs::Look, "way_long"),
            (way(31.4, 0, 800_000), CheckIs::Broken, "way_narrow"),
        ] {
            let said = judged(&found, sent);
            assert_eq!((said.is, said.says.code), (is, code), "{found:?}");
        }
        let narrow = judged(&way(31.4, 0, 800_000), sent).says.text;
        assert!(narrow.starts_with("only 0.8 of 1.5 Mbit/s arrive; "), "{narrow}");
    }
}
