//! This machine's clock, held against whatever else can tell the time here; what that was is said.
//!
//! It refuses to ask strangers: a server that nobody named is not asked. Tokens, one-time passwords and certificates go
//! by this clock, so do the capture times in the picture.

use std::time::Duration;

use super::{Finding, Peer, asking, cause};
use crate::config::Config;
use crate::store::Stands;

const CHECK: &str = "clock";
/// HTTP tells whole seconds, and the answer is under way for a while.
const APART_S: u64 = 30;
const WAIT: Duration = Duration::from_secs(3);
const CURE: &str =
    "have it set by the network (timedatectl set-ntp true): tokens, certificates and delays go by it";

/// Each comparison that can be made at `now`, in Unix ms.
pub(super) async fn look(config: &Config, peer: &Peer, stands: Option<&Stands>, now: u64) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Some(stands) = stands {
        findings.extend(
            stands.server_clock.map(|theirs| compared(now, theirs, "the clock of the database's server")),
        );
        findings.extend(stands.written_at.and_then(|written| not_before(now, written)));
    }
    let peer = peer.0.clone().or_else(|| config.clock_peer.clone());
    if let Some(url) = peer {
        findings.push(match date_of(&url).await {
            Ok(theirs) => compared(now, theirs, &format!("the Date that {url} says")),
            Err(why) => Finding::look(
                CHECK,
                format!("{url} does not tell the time ({why})"),
                "name another clock_peer",
            ),
        });
    }
    if findings.is_empty() {
        findings.push(match is_kept_in_step() {
            Some(true) => Finding::ok(CHECK, "this machine keeps it in step with the network, as systemd-timesyncd says"),
            Some(false) | None => Finding::look(
                CHECK,
                "there is nothing here to compare it with",
                "name a server that tells the time: clock_peer = \"https://YOUR-OTHER-SERVER/\", or --clock-from",
            ),
        });
    }
    findings
}

fn compared(ours: u64, theirs: u64, whose: &str) -> Finding {
    let apart = ours.abs_diff(theirs) / 1000;
    if apart <= APART_S {
        return Finding::ok(CHECK, format!("within {APART_S} s of {whose}"));
    }
    let way = if ours > theirs { "ahead of" } else { "behind" };
    Finding::broken(CHECK, format!("{} {way} {whose}", spoken(apart)), CURE)
}

/// What was written cannot be in the future: found where the clock was set back, or lost its battery.
fn not_before(now: u64, written: u64) -> Option<Finding> {
    let ahead = written.saturating_sub(now) / 1000;
    (ahead > APART_S).then(|| {
        Finding::broken(
            CHECK,
            format!("{} behind the last time at which the server wrote here", spoken(ahead)),
            CURE,
        )
    })
}

fn spoken(seconds: u64) -> String {
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7_200 => format!("{} min", seconds / 60),
        7_200..172_800 => format!("{} h", seconds / 3_600),
        _ => format!("{} days", seconds / 86_400),
    }
}

/// The `Date` of an answer (RFC 9110 6.6.1), in Unix ms.
async fn date_of(url: &str) -> Result<u64, String> {
    let client = asking::client(WAIT)?;
    let answer = client.head(url).send().await.map_err(cause)?;
    let date =
        answer.headers().get("date").and_then(|date| date.to_str().ok()).ok_or("no Date in its answer")?;
    let date = chrono::DateTime::parse_from_rfc2822(date).map_err(cause)?;
    u64::try_from(date.timestamp_millis()).map_err(cause)
}

/// systemd-timesyncd touches this file once it has the time from the network; other programs leave it away.
fn is_kept_in_step() -> Option<bool> {
    std::fs::exists("/run/systemd/timesync/synchronized").ok()
}

#[cfg(test)]
mod tests {
    use super::super::Verdict;
    use super::*;

    #[test]
    fn a_clock_an_hour_off_is_said_with_what_it_was_compared_with() {
        let now = 1_800_000_000_000;
        let hour = 3_600_000;
        for (theirs, words) in
            [(now + hour, "60 min behind the Date"), (now - hour, "60 min ahead of the Date")]
        {
            let finding = compared(now, theirs, "the Date that https://peer.example says");
            assert_eq!(finding.verdict, Verdict::Broken);
            assert!(finding.to_string().contains(words), "{finding}");
        }
        assert_eq!(compared(now, now + 20_000, "x").verdict, Verdict::Ok);
        assert!(not_before(now, now - hour).is_none() && not_before(now, now + 5_000).is_none());
        assert!(not_before(now, now + hour).unwrap().says.contains("60 min behind the last time"));
    }
}
