//! What is said of operators, in sentences. Pure.

use returnfeed_protocol::{CameraNumber, CueAnswer, CueSheet, CueText, LanPath, Signal, Tally};
use returnfeed_tally::Concern;

use crate::gui::{Confirmation, LampState, Need, Operator};

/// Who gave no name is told apart by the end of the id.
pub(super) fn named(who: &Operator) -> String {
    if !who.name.is_empty() {
        return who.name.clone();
    }
    let id = who.participant.to_string();
    let from = id.char_indices().nth_back(3).map_or(0, |(at, _)| at);
    format!("Operator …{}", &id[from..])
}

pub(super) fn word(tally: Tally) -> &'static str {
    match tally {
        Tally::Program => "RED",
        Tally::Preview => "GREEN",
        Tally::Idle => "idle",
        Tally::Unknown => "unknown",
    }
}

fn placed(who: &Operator, camera: Option<CameraNumber>) -> String {
    let camera = camera.map_or("no camera".to_owned(), |camera| format!("camera {camera}"));
    format!("{} ({camera})", named(who))
}

pub(super) fn lamp(who: &str, camera: CameraNumber, state: LampState) -> String {
    match state {
        LampState::Shown { tally, took: Some(took) } => {
            format!("{who} on camera {camera} sees {} after {} ms.", word(tally), took.as_millis())
        }
        LampState::Shown { tally, took: None } => format!("{who} on camera {camera} sees {}.", word(tally)),
        LampState::Missing { tally } => {
            format!("{who} on camera {camera} has NOT confirmed {}: ask by voice.", word(tally))
        }
        LampState::Unknown => {
            format!("{who} on camera {camera} sees unknown: the page is hidden or cut off.")
        }
    }
}

/// A line for each camera.
pub(super) fn confirmations(cameras: &[Confirmation]) -> String {
    let names = |who: &[Operator]| who.iter().map(named).collect::<Vec<_>>().join(", ");
    let line = |one: &Confirmation| {
        let times = [(" the last after", one.last), (" p95", one.p95)].map(|(what, time)| {
            time.map_or(String::new(), |time| format!(",{what} {} ms", time.as_millis()))
        });
        let faults = [("NOT confirmed by", &one.missing), ("unknown on", &one.unknown)].map(|(what, who)| {
            if who.is_empty() { String::new() } else { format!("; {what} {}", names(who)) }
        });
        format!(
            "Camera {} {}: {} confirmed{}{}.",
            one.camera,
            word(one.tally),
            one.confirmed,
            times.concat(),
            faults.concat()
        )
    };
    cameras.iter().map(line).collect::<Vec<_>>().join("\n")
}

pub(super) fn answered(
    who: &Operator,
    camera: Option<CameraNumber>,
    text: &CueText,
    answer: CueAnswer,
) -> String {
    let answer = match answer {
        CueAnswer::Read => "has read",
        CueAnswer::Ready => "is READY for",
        CueAnswer::Cannot => "CANNOT do",
    };
    format!("{} {answer} \"{}\".", placed(who, camera), text.as_str())
}

pub(super) fn signal(who: &Operator, camera: Option<CameraNumber>, signal: Option<Signal>) -> String {
    let said = match signal {
        Some(Signal::Hand) => "raises a hand",
        Some(Signal::Problem) => "has a PROBLEM",
        None => "takes it back: all is well",
    };
    format!("{} {said}.", placed(who, camera))
}

pub(super) fn attention(need: &Need) -> String {
    format!("{}: {}.", placed(&need.who, need.camera), concerns(need))
}

/// Those who need attention, a line each, and who is ready.
pub(super) fn readiness(needs: &[Need]) -> String {
    if needs.is_empty() {
        return "No operator is here.".to_owned();
    }
    let (ready, needy): (Vec<_>, Vec<_>) = needs.iter().partition(|need| need.concerns.is_empty());
    let mut lines: Vec<_> = needy.into_iter().map(attention).collect();
    if !ready.is_empty() {
        let names: Vec<_> = ready.iter().map(|need| placed(&need.who, need.camera)).collect();
        lines.push(format!("Ready: {}.", names.join(", ")));
    }
    lines.extend([LanPath::Proven, LanPath::Unreachable].into_iter().filter_map(|path| near(needs, path)));
    lines.join("\n")
}

/// Who stands so to us on the local network.
fn near(needs: &[Need], path: LanPath) -> Option<String> {
    let is_so = |need: &&Need| need.readiness.and_then(|phone| phone.lan) == Some(path);
    let names: Vec<_> = needs.iter().filter(is_so).map(|need| placed(&need.who, need.camera)).collect();
    let says = match path {
        LanPath::Proven => "LAN path proven",
        LanPath::Unreachable => "LAN path not reachable (mobile data, Wi-Fi isolation)",
        LanPath::Trying | LanPath::Closed => return None,
    };
    (!names.is_empty()).then(|| format!("{says}: {}.", names.join(", ")))
}

pub(super) fn cues(sheet: &CueSheet) -> String {
    let cue = |cue: &returnfeed_protocol::Cue| {
        let to = cue.to.map_or("all".to_owned(), |camera| format!("camera {camera}"));
        format!(" To {to}: \"{}\".", cue.text.as_str())
    };
    let silent = if sheet.silent { "Every phone is silent." } else { "Phones may sound." };
    format!("{silent}{}", sheet.cues.iter().map(cue).collect::<String>())
}

fn concerns(need: &Need) -> String {
    if need.concerns.is_empty() {
        return "ready".to_owned();
    }
    let words =
        need.concerns.iter().map(|concern| match (concern, need.readiness.and_then(|one| one.battery)) {
            (Concern::BatteryLow, Some(battery)) => format!("battery {} %", battery.percent),
            (concern, _) => concern_words(*concern).to_owned(),
        });
    words.collect::<Vec<_>>().join("; ")
}

fn concern_words(concern: Concern) -> &'static str {
    match concern {
        Concern::Problem => "has a PROBLEM",
        Concern::NotConfirmed => "has NOT confirmed the lamp",
        Concern::ShowsUnknown => "sees unknown",
        Concern::NoCamera => "has chosen no camera",
        Concern::Hidden => "the page is hidden",
        Concern::SoundUnarmed => "sound waits for a tap",
        Concern::VibrationUnarmed => "vibration waits for a tap",
        Concern::SightAlone => "RED is sight alone",
        Concern::BatteryLow => "battery low",
        Concern::ScreenMayGoDark => "the screen may go dark",
        Concern::Hand => "raises a hand",
        Concern::NoPicture => "no picture",
        Concern::PictureBreaksUp => "the picture breaks up",
        Concern::SoundUnsure => "a silent switch may mute the tone",
        Concern::SecondWay => "hears by the second way",
        Concern::NotSaid => "has not said what the phone can do",
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use returnfeed_protocol::{PageNumber, ParticipantId};

    use super::*;

    fn ada() -> Operator {
        Operator { participant: ParticipantId::from_parts(1, [0xab; 10]), name: "Ada".into() }
    }

    fn need(name: &str, concerns: &[Concern]) -> Need {
        let who = Operator { name: name.into(), ..ada() };
        let camera = Some(2.try_into().unwrap());
        Need { page: PageNumber(1), who, camera, concerns: concerns.to_vec(), readiness: None }
    }

    #[test]
    fn a_lamp_that_is_not_confirmed_is_said_with_who_to_ask() {
        let camera = 2.try_into().unwrap();
        let took = Some(Duration::from_millis(74));
        let shown = LampState::Shown { tally: Tally::Program, took };
        assert_eq!(lamp("Ada", camera, shown), "Ada on camera 2 sees RED after 74 ms.");
        let missing = LampState::Missing { tally: Tally::Program };
        assert_eq!(lamp("Ada", camera, missing), "Ada on camera 2 has NOT confirmed RED: ask by voice.");
        let one = Confirmation {
            camera,
            tally: Tally::Program,
            confirmed: 1,
            last: took,
            p95: None,
            missing: vec![ada()],
            unknown: Vec::new(),
        };
        assert_eq!(
            confirmations(&[one]),
            "Camera 2 RED: 1 confirmed, the last after 74 ms; NOT confirmed by Ada."
        );
    }

    #[test]
    fn those_who_need_attention_are_a_line_each_and_the_ready_are_one() {
        let needs = [need("Ada", &[Concern::Problem, Concern::SoundUnarmed]), need("Bo", &[]), need("", &[])];
        assert_eq!(
            readiness(&needs),
            "Ada (camera 2): has a PROBLEM; sound waits for a tap.\nReady: Bo (camera 2), Operator …abab (camera 2)."
        );
        assert_eq!(readiness(&[]), "No operator is here.");
    }
}
