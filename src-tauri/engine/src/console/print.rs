//! One clear line for each change, for people or for machines.
//!
//! Refuses to repeat what did not change. Invariant: a JSON line is one whole notice.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write;

use returnfeed_protocol::{CameraLamp, Delay, IngestState, Layer, OperatorPresence, PageNumber, Tally};
use returnfeed_srt::Verdict;

use super::crew::{self, named, word};
use super::programme;
use crate::gui::{CloudState, Gui, Notice, PushState, SourceState, SwitcherState};
use crate::inputs::Mapped;
use crate::lan::LanState;
use crate::outputs::OutputState;
use crate::sources::LampEcho;

/// For whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Sentences.
    Plain,
    /// Sentences with the lamps in their colours.
    Colour,
    /// JSON lines.
    Json,
}

/// Prints notices to `out`.
pub struct Print<W> {
    out: W,
    style: Style,
    /// The newest sentence about each thing: a failure that repeats is said once.
    said: BTreeMap<String, String>,
    /// How each layer's way to the cloud was last said to be.
    paths: BTreeMap<Layer, Verdict>,
    /// The delay that was last said of each operator.
    delays: BTreeMap<PageNumber, Option<Delay>>,
}

impl<W: Write> Print<W> {
    /// A printer.
    pub fn new(out: W, style: Style) -> Self {
        Self { out, style, said: BTreeMap::new(), paths: BTreeMap::new(), delays: BTreeMap::new() }
    }
}

impl<W> Print<W> {
    fn is_new(&mut self, notice: &Notice, line: &str) -> bool {
        let thing = match (self.style, notice) {
            (Style::Json, _) => return true,
            (_, Notice::Status) => {
                self.said.clear();
                self.paths.clear();
                return true;
            }
            // Calling again is no news in between.
            (_, Notice::Push { state: PushState::Connecting, .. }) => return false,
            (_, Notice::Delay { page, delay, .. }) => {
                let is_news = is_news(self.delays.get(page).copied().flatten(), *delay);
                if is_news {
                    self.delays.insert(*page, *delay);
                }
                return is_news;
            }
            // The numbers waver; what is news is whether anything is lost.
            (_, Notice::Path { layer, report }) => {
                return self.paths.insert(*layer, report.verdict()) != Some(report.verdict());
            }
            (_, Notice::Cloud { .. }) => "cloud".to_owned(),
            (_, Notice::Push { layer, .. }) => layer.to_string(),
            (_, Notice::Switcher { switcher, .. }) => format!("switcher {switcher}"),
            (_, Notice::Lan { .. }) => "local network".to_owned(),
            (_, Notice::Output { output, .. }) => format!("output {output}"),
            _ => return true,
        };
        self.said.insert(thing, line.to_owned()).as_deref() != Some(line)
    }
}

impl<W: Write + Send + 'static> Gui for Print<W> {
    fn show(&mut self, notice: Notice) {
        let line = match self.style {
            Style::Json => serde_json::to_string(&notice).unwrap_or_else(|error| error.to_string()),
            Style::Plain => sentence(&notice, false),
            Style::Colour => sentence(&notice, true),
        };
        if !self.is_new(&notice, &line) || line.is_empty() {
            return;
        }
        // Nobody listens any more: the show goes on.
        let _closed = writeln!(self.out, "{line}").and_then(|()| self.out.flush());
    }
}

fn sentence(notice: &Notice, colour: bool) -> String {
    match notice {
        Notice::Encoder { chosen, .. } => format!("Encoding with {chosen}."),
        Notice::EncoderFailed { reason } => {
            format!("The encoder failed ({reason}); the next one takes over.")
        }
        Notice::Source { source, label, state } => match state {
            SourceState::Starting => format!("Source {source} ({label}) is being opened."),
            SourceState::Live => format!("Source {source} ({label}) is live."),
            SourceState::Frozen => format!("Source {source} ({label}) is frozen: no frame arrives."),
            SourceState::Lost { reason } => format!("Source {source} ({label}) is lost: {reason}."),
        },
        Notice::SourceLamp { lamp: None, .. } => String::new(),
        Notice::SourceLamp { source, lamp: Some(LampEcho::Confirmed) } => {
            format!("Source {source} says that it shows its lamp.")
        }
        Notice::SourceLamp { source, lamp: Some(LampEcho::NotConfirmed) } => {
            format!("Source {source} has NOT confirmed its lamp: look at the camera.")
        }
        // The lamps say it; and what follows says it.
        Notice::Buses { .. } | Notice::OnAir { .. } | Notice::Status => String::new(),
        Notice::Switcher { switcher, state } => match state {
            SwitcherState::Heard { software } => format!("Tally comes from {switcher} ({software})."),
            SwitcherState::Lost { reason, .. } => format!("No tally from {switcher}: {reason}."),
        },
        Notice::Mapping { switcher, inputs } => mapping(switcher, inputs),
        Notice::Lamps { cameras } => lamps(cameras, colour),
        Notice::Output { output, state } => match state {
            OutputState::Open { readers: None } => format!("Our lamps are told on {output}."),
            OutputState::Open { readers: Some(1) } => format!("Our lamps are told on {output}; one listens."),
            OutputState::Open { readers: Some(readers) } => {
                format!("Our lamps are told on {output}; {readers} listen.")
            }
            OutputState::Page { readers, links, has_pass } => {
                let link = links.first().map_or("", String::as_str);
                let pass = if *has_pass {
                    ""
                } else {
                    ", for whoever has a pass: the cloud has given none to hand out"
                };
                format!("Operators' own page is on {link} ({readers} open{pass}).")
            }
            OutputState::Telling => format!("Our lamps are told to {output}."),
            OutputState::Failed { reason, .. } => format!("Our lamps are not told on {output}: {reason}."),
        },
        Notice::Lan { state } => match state {
            LanState::Open { port } => {
                format!("Operators on this network hear us without the cloud, too (UDP {port}).")
            }
            LanState::Failed { reason, .. } => format!("No tally on the local network: {reason}."),
        },
        Notice::Push { layer, state } => match state {
            PushState::Connecting => String::new(),
            PushState::Connected { .. } => format!("Pushing the {layer} layer."),
            PushState::Failed { reason, .. } => format!("The {layer} layer is not pushed: {reason}."),
        },
        Notice::Path { layer, report } => format!("The {layer} layer's way to the cloud: {report}."),
        Notice::Ingest { layer, ingest } => match ingest {
            IngestState::Receiving { problems } => {
                let lacks = problems.iter().map(|problem| format!(" But {}.", problem.detail));
                format!("The cloud receives the {layer} layer.{}", lacks.collect::<String>())
            }
            IngestState::Absent => format!("The cloud receives no {layer} layer."),
            IngestState::Refused { problem } => {
                let detail = problem.detail.trim_end_matches('.');
                format!("The cloud refuses the {layer} layer. {}: {detail}.", problem.title)
            }
        },
        Notice::Cloud { state } => match state {
            CloudState::Connected { session, .. } => format!("In session \"{session}\"."),
            CloudState::Absent { reason, .. } => format!("No cloud, switching goes on: {reason}."),
        },
        Notice::Presence { operators, viewers } => presence(operators, *viewers),
        Notice::Lamp { who, camera, state, .. } => crew::lamp(&named(who), *camera, *state),
        Notice::Confirmations { cameras } => crew::confirmations(cameras),
        Notice::Answered { who, camera, text, answer } => crew::answered(who, *camera, text, *answer),
        Notice::Signal { who, camera, signal } => crew::signal(who, *camera, *signal),
        Notice::Attention { need } => crew::attention(need),
        Notice::Readiness { needs } => crew::readiness(needs),
        Notice::Cues { sheet } => crew::cues(sheet),
        Notice::Delay { who, delay, .. } => format!("{} sees the picture {}.", named(who), late(*delay)),
        Notice::Transition { .. } | Notice::Undo { .. } => String::new(),
        Notice::Black { black: true } => "The programme goes black.".to_owned(),
        Notice::Black { black: false } => "The programme comes back from black.".to_owned(),
        Notice::Key { state } => programme::key(state),
        Notice::Audio { settings } => programme::audio(settings),
        Notice::Mode { mode } => programme::mode(mode),
        Notice::Air { state } => programme::air(state),
        Notice::Monitor { state } => programme::monitor(state),
        Notice::Recording { state } => programme::recording(state),
        Notice::Log { state } => programme::log(state),
        Notice::Refused { reason } => format!("Not done: {reason}."),
        Notice::Ended { reason } if reason.is_empty() => "Ended.".to_owned(),
        Notice::Ended { reason } => format!("Ended: {}.", reason.trim_end_matches('.')),
    }
}

fn late(delay: Option<Delay>) -> String {
    delay.map_or("with a delay that is not known".to_owned(), |Delay { ms, error_ms }| {
        format!("{ms} ms ± {error_ms} late")
    })
}

/// The first, the last, and one that a person would notice: each page says its delay every 5 s.
fn is_news(before: Option<Delay>, now: Option<Delay>) -> bool {
    match (before, now) {
        (Some(before), Some(now)) => before.ms.abs_diff(now.ms) > (before.ms / 2).max(20),
        (before, now) => before.is_some() != now.is_some(),
    }
}

fn lamps(cameras: &[CameraLamp], colour: bool) -> String {
    let mut line = String::new();
    for lamp in cameras {
        let (begin, end) = match lamp.tally {
            Tally::Program if colour => ("\x1b[1;97;41m ", " \x1b[0m"),
            Tally::Preview if colour => ("\x1b[1;30;42m ", " \x1b[0m"),
            Tally::Program | Tally::Preview | Tally::Idle | Tally::Unknown => ("", ""),
        };
        let gap = if line.is_empty() { "" } else { "   " };
        // Writing to a string does not fail.
        let _ok = write!(line, "{gap}{begin}camera {} {}{end}", lamp.camera, word(lamp.tally));
    }
    line
}

/// What feeds a camera first; inputs that feed none are counted.
fn mapping(switcher: &str, inputs: &[Mapped]) -> String {
    let named = |input: &Mapped| match input.index {
        Some(index) if input.input != index.to_string() => format!("{index} \"{}\"", input.input),
        Some(_) | None => format!("\"{}\"", input.input),
    };
    let fed = inputs.iter().filter(|input| !input.cameras.is_empty()).map(|input| {
        let cameras: Vec<_> = input.cameras.iter().map(ToString::to_string).collect();
        format!("{} is camera {}", named(input), cameras.join(" and "))
    });
    let mut parts: Vec<String> = fed.collect();
    let others = inputs.iter().filter(|input| input.cameras.is_empty()).count();
    if others > 0 {
        parts.push(format!("{others} more feed no camera"));
    }
    if parts.is_empty() {
        return format!("{switcher} has no inputs.");
    }
    format!("{switcher}: {}.", parts.join(", "))
}

fn presence(operators: &[OperatorPresence], viewers: u32) -> String {
    let people: Vec<String> = operators
        .iter()
        .map(|operator| {
            let name = if operator.name.is_empty() { "someone" } else { &operator.name };
            match operator.camera {
                Some(camera) => {
                    let shows = operator.shows.map_or("nothing yet", word);
                    let late = operator.delay.map(|delay| format!(", {}", late(Some(delay))));
                    format!("{name} (camera {camera}, sees {shows}{})", late.unwrap_or_default())
                }
                None => format!("{name} (no camera chosen)"),
            }
        })
        .collect();
    let operators = if people.is_empty() { "none".to_owned() } else { people.join(", ") };
    format!("Operators: {operators}. Viewers: {viewers}.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gui::Operator;
    use crate::sources::SourceNumber;
    use returnfeed_protocol::{ParticipantId, TallyReason};
    use returnfeed_srt::CallerStats;
    use std::time::Duration;

    fn lamp(camera: u16, tally: Tally) -> CameraLamp {
        CameraLamp {
            camera: camera.try_into().unwrap(),
            name: format!("Camera {camera}"),
            tally,
            reason: TallyReason::NotInUse,
        }
    }

    #[test]
    fn lamps_are_words_with_and_without_colour() {
        let cameras = vec![lamp(1, Tally::Program), lamp(2, Tally::Preview), lamp(3, Tally::Idle)];
        assert_eq!(lamps(&cameras, false), "camera 1 RED   camera 2 GREEN   camera 3 idle");
        assert!(lamps(&cameras, true).contains("camera 1 RED"));
    }

    #[test]
    fn the_mapping_names_what_feeds_a_camera_and_counts_the_rest() {
        let input = |input: &str, index, cameras: &[u16]| Mapped {
            input: input.to_owned(),
            index,
            cameras: cameras.iter().map(|camera| (*camera).try_into().unwrap()).collect(),
        };
        let inputs = [input("Wide", Some(1), &[1]), input("2", Some(2), &[2, 3]), input("Logo", None, &[])];
        let said = mapping("vMix", &inputs);
        assert_eq!(said, r#"vMix: 1 "Wide" is camera 1, "2" is camera 2 and 3, 1 more feed no camera."#);
        assert_eq!(mapping("TSL", &[]), "TSL has no inputs.");
    }

    #[test]
    fn what_the_picture_goes_on_without_is_said_beside_it() {
        let problem = returnfeed_protocol::Problem {
            status: 415,
            code: "audio_codec".into(),
            title: "Some of the push cannot be used".into(),
            detail: "AAC sound cannot go to WebRTC without transcoding: choose Opus".into(),
        };
        let ingest = IngestState::Receiving { problems: vec![problem] };
        assert_eq!(
            sentence(&Notice::Ingest { layer: Layer::High, ingest }, false),
            "The cloud receives the high layer. But AAC sound cannot go to WebRTC without transcoding: choose Opus."
        );
    }

    #[test]
    fn a_failure_that_repeats_is_one_line_until_the_status_is_asked_for() {
        let mut print = Print::new(Vec::new(), Style::Plain);
        let lines = |print: &Print<Vec<u8>>| print.out.iter().filter(|byte| **byte == b'\n').count();
        let failed = |ms| {
            let (reason, retry_in) = ("no answer".into(), Duration::from_millis(ms));
            Notice::Push { layer: Layer::High, state: PushState::Failed { reason, retry_in } }
        };
        for ms in [100, 200, 300] {
            print.show(Notice::Push { layer: Layer::High, state: PushState::Connecting });
            print.show(failed(ms));
        }
        assert_eq!(lines(&print), 1);
        print.show(Notice::Status);
        print.show(failed(300));
        assert_eq!(lines(&print), 2);
    }

    #[test]
    fn a_delay_is_said_again_only_when_a_person_would_notice() {
        let mut print = Print::new(Vec::new(), Style::Plain);
        let participant = ParticipantId::from_parts(1, [0xab; 10]);
        let (page, who) = (PageNumber(1), Operator { participant, name: String::new() });
        let mut said = |ms: Option<u32>| {
            let before = print.out.len();
            let delay = ms.map(|ms| Delay { ms, error_ms: 4 });
            print.show(Notice::Delay { page, who: who.clone(), delay });
            String::from_utf8(print.out[before..].to_vec()).unwrap()
        };
        assert_eq!(said(None), "");
        assert_eq!(said(Some(38)), "Operator …abab sees the picture 38 ms ± 4 late.\n");
        assert_eq!(said(Some(52)), "");
        assert_eq!(said(Some(90)), "Operator …abab sees the picture 90 ms ± 4 late.\n");
        assert_eq!(said(None), "Operator …abab sees the picture with a delay that is not known.\n");
    }

    #[test]
    fn a_layers_way_is_said_again_when_it_begins_or_ends_to_lose() {
        let mut print = Print::new(Vec::new(), Style::Plain);
        let mut said = |rtt, lost| {
            let before = print.out.len();
            let stats = CallerStats {
                rtt: Duration::from_millis(rtt),
                sent_packets: 1_000,
                lost_packets: lost,
                ..CallerStats::default()
            };
            print.show(Notice::Path { layer: Layer::High, report: stats.since(&CallerStats::default()) });
            String::from_utf8(print.out[before..].to_vec()).unwrap()
        };
        assert_eq!(said(31, 0), "The high layer's way to the cloud: round trip 31 ms, nothing lost.\n");
        assert_eq!(said(35, 0), "");
        assert_eq!(
            said(35, 20),
            "The high layer's way to the cloud: round trip 35 ms, 2.0 % of the packets lost on the way and sent again.\n"
        );
        assert_eq!(said(36, 25), "");
        assert_eq!(said(30, 0), "The high layer's way to the cloud: round trip 30 ms, nothing lost.\n");
    }

    #[test]
    fn a_json_line_names_its_event_and_state() {
        let source = SourceNumber::new(2).unwrap();
        let state = SourceState::Lost { reason: "unplugged".into() };
        let notice = Notice::Source { source, label: "cam".into(), state };
        let line = serde_json::to_string(&notice).unwrap();
        assert_eq!(
            line,
            r#"{"event":"source","source":2,"label":"cam","state":"lost","reason":"unplugged"}"#
        );
        let push = Notice::Push {
            layer: Layer::Low,
            state: PushState::Connected { latency: Duration::from_millis(20) },
        };
        assert_eq!(
            serde_json::to_string(&push).unwrap(),
            r#"{"event":"push","layer":"low","state":"connected","latency_ms":20}"#
        );
        let report = CallerStats::default().since(&CallerStats::default());
        assert_eq!(
            serde_json::to_string(&Notice::Path { layer: Layer::Low, report }).unwrap(),
            r#"{"event":"path","layer":"low","rtt_ms":0.0,"lost_per_mille":0,"repeated_per_mille":0,"given_up":0,"bits_per_second":0,"words":"round trip not known yet, nothing lost"}"#
        );
    }
}
