//! Whether all is well before a show: one line each, with what to do.
//!
//! Refuses to guess: what is not known is said to be unknown. The way to the cloud is `way`'s.

use std::path::Path;
use std::time::{Duration, SystemTime};

use tokio::net::UdpSocket;

use super::machine::gigabytes_free;
use super::power::{self, Battery};
use super::room::{Done, Room};
use super::way;
use crate::gui::RecordingState;
use crate::sentence::Sentence;
use crate::view::{Account, CheckIs, CheckLine, CheckOf, SourceDoes, Spoken, View};

/// The cloud's SRT port where nothing else was said.
const SRT_PORT: u16 = 8890;
/// How long an answer may take.
const ANSWER: Duration = Duration::from_secs(3);
/// A clock further off than this misleads whoever reads two logs side by side.
const CLOCKS_APART: Duration = Duration::from_secs(2);
/// An SRT induction (handshake version 4, caller): a listener answers it with a cookie and keeps nothing.
const INDUCTION: [u8; 64] = induction();

impl Room {
    /// Looks at everything. What is known is said at once; what must be asked follows.
    pub(super) fn check(&mut self) {
        let lines = {
            let view = self.view.borrow();
            vec![
                sources(&view),
                encoder(&view),
                cloud(&view),
                line(CheckOf::Srt, CheckIs::Running, ""),
                way::line_of(&view),
                line(CheckOf::Clock, CheckIs::Running, ""),
                disk(&view, &self.folders.documents),
                power(power::battery().as_ref()),
                phones(&view),
            ]
        };
        self.draw(|view| view.check = Some(lines));
        self.measure_way();
        let Some((cloud, _)) = self.cloud_address() else {
            self.checked(line(CheckOf::Srt, CheckIs::Unknown, Sentence::no_address_known()));
            return self.checked(line(CheckOf::Clock, CheckIs::Unknown, Sentence::no_address_known()));
        };
        let host = cloud.host().to_owned();
        // Where the programme goes there now, nothing proves it better; and the port may be another one.
        if self.view.borrow().pushes.iter().any(|push| push.connected) {
            self.checked(line(CheckOf::Srt, CheckIs::Good, host));
        } else {
            self.tasks.spawn(async move { Done::Checked(srt(&host).await) });
        }
        let account = self.account.clone();
        self.tasks.spawn(async move {
            let date = match account {
                Some(account) => account.server_time().await,
                None => None,
            };
            Done::Checked(clock(date))
        });
    }

    /// One more line is known.
    pub(super) fn checked(&mut self, new: CheckLine) {
        self.draw(|view| {
            for one in view.check.iter_mut().flatten().filter(|one| one.what == new.what) {
                *one = new.clone();
            }
        });
    }
}

pub(super) fn line(what: CheckOf, is: CheckIs, says: impl Into<Spoken>) -> CheckLine {
    CheckLine { what, is, says: says.into() }
}

fn sources(view: &View) -> CheckLine {
    let silent: Vec<&str> = view
        .sources
        .iter()
        .filter(|one| one.state != SourceDoes::Live)
        .map(|one| one.label.as_str())
        .collect();
    match (view.sources.len(), silent.len()) {
        (0, _) => line(CheckOf::Sources, CheckIs::Broken, Sentence::sources_none()),
        (all, 0) => line(CheckOf::Sources, CheckIs::Good, Sentence::sources_send(all)),
        _ => line(CheckOf::Sources, CheckIs::Broken, Sentence::sources_silent(silent.join(", "))),
    }
}

fn encoder(view: &View) -> CheckLine {
    match (&view.encoder, &view.broken) {
        (Some(encoder), _) => line(CheckOf::Encoder, CheckIs::Good, encoder.clone()),
        (None, Some(why)) => line(CheckOf::Encoder, CheckIs::Broken, why.clone()),
        (None, None) => line(CheckOf::Encoder, CheckIs::Unknown, Sentence::encoder_unproven()),
    }
}

fn cloud(view: &View) -> CheckLine {
    match (&view.account, &view.cloud.trouble) {
        (_, Some(why)) => line(CheckOf::Cloud, CheckIs::Broken, why.clone()),
        (Account::In { email, .. }, None) => line(CheckOf::Cloud, CheckIs::Good, email.clone()),
        (Account::Out | Account::Browser, None) => {
            line(CheckOf::Cloud, CheckIs::Broken, Sentence::nobody_signed_in())
        }
    }
}

fn phones(view: &View) -> CheckLine {
    let needy: Vec<&str> =
        view.operators.iter().filter(|one| !one.concerns.is_empty()).map(|one| one.name.as_str()).collect();
    match (view.operators.len(), needy.len()) {
        (0, _) => line(CheckOf::Phones, CheckIs::Unknown, Sentence::phones_none()),
        (all, 0) => line(CheckOf::Phones, CheckIs::Good, Sentence::phones_ready(all)),
        _ => line(CheckOf::Phones, CheckIs::Look, needy.join(", ")),
    }
}

async fn srt(host: &str) -> CheckLine {
    let asked = async {
        let socket = UdpSocket::bind(if host.contains(':') { "[::]:0" } else { "0.0.0.0:0" }).await?;
        socket.connect((host, SRT_PORT)).await?;
        // One packet may be lost.
        let mut answer = [0; 1_500];
        for _ in 0..3 {
            socket.send(&INDUCTION).await?;
            if let Ok(read) = tokio::time::timeout(ANSWER / 3, socket.recv(&mut answer)).await {
                return read.map(|_| true);
            }
        }
        Ok::<_, std::io::Error>(false)
    };
    match asked.await {
        Ok(true) => line(CheckOf::Srt, CheckIs::Good, format!("{host}:{SRT_PORT}")),
        Ok(false) => line(CheckOf::Srt, CheckIs::Broken, Sentence::udp_silent(host, SRT_PORT)),
        Err(error) => line(CheckOf::Srt, CheckIs::Broken, format!("{host}, UDP {SRT_PORT}: {error}")),
    }
}

fn clock(theirs: Option<SystemTime>) -> CheckLine {
    let Some(theirs) = theirs else {
        return line(CheckOf::Clock, CheckIs::Unknown, Sentence::clock_unknown());
    };
    let now = SystemTime::now();
    let apart = now.duration_since(theirs).or_else(|_| theirs.duration_since(now)).unwrap_or_default();
    // The cloud says whole seconds.
    match apart <= CLOCKS_APART {
        true => line(CheckOf::Clock, CheckIs::Good, Sentence::clock_apart(apart.as_secs())),
        false => line(CheckOf::Clock, CheckIs::Look, Sentence::clock_wrong(apart.as_secs())),
    }
}

/// Where recordings go.
fn disk(view: &View, recordings: &Path) -> CheckLine {
    if let RecordingState::Stopped { reason } = &view.recording {
        return line(CheckOf::Disk, CheckIs::Look, reason.clone());
    }
    // The folder is made with the first recording.
    match gigabytes_free(recordings) {
        Some(whole) => {
            // An hour of the high layer is half a gigabyte.
            let is = if whole >= 5 { CheckIs::Good } else { CheckIs::Look };
            line(CheckOf::Disk, is, Sentence::disk_free(whole))
        }
        None => line(CheckOf::Disk, CheckIs::Unknown, recordings.display().to_string()),
    }
}

/// A show does not end with a battery.
fn power(battery: Option<&Battery>) -> CheckLine {
    match battery {
        None => line(CheckOf::Power, CheckIs::Good, Sentence::power_mains()),
        Some(battery) => line(CheckOf::Power, CheckIs::Look, battery.sentence()),
    }
}

/// draft-sharabayko-srt-01, 3.2 and 3.2.1: control packet, type 0, version 4, extension field 2, request 1.
const fn induction() -> [u8; 64] {
    let mut packet = [0; 64];
    packet[0] = 0x80;
    packet[19] = 4; // version
    packet[23] = 2; // extension field: what version 4 says for a datagram
    packet[30] = 0x05; // 1500: MTU
    packet[31] = 0xdc;
    packet[34] = 0x20; // 8192: flow window
    packet[39] = 1; // induction
    packet[43] = 1; // our socket id
    packet
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_yet_is_not_said_to_be_good() {
        let view = View::default();
        assert_eq!(encoder(&view).is, CheckIs::Unknown);
        assert_eq!((sources(&view).is, cloud(&view).is), (CheckIs::Broken, CheckIs::Broken));
        assert_eq!(clock(None).is, CheckIs::Unknown);
    }

    #[test]
    fn room_on_the_disk_is_known_before_a_recording_has_made_its_folder() {
        let folder = tempfile::tempdir().unwrap();
        let said = disk(&View::default(), &folder.path().join("not/yet"));
        assert!(said.is != CheckIs::Unknown && said.says.text.ends_with(" GB"), "{said:?}");
    }

    #[test]
    fn clocks_that_are_apart_are_worth_a_look() {
        assert_eq!(clock(Some(SystemTime::now())).is, CheckIs::Good);
        assert_eq!(clock(Some(SystemTime::now() + Duration::from_secs(90))).is, CheckIs::Look);
    }
}
