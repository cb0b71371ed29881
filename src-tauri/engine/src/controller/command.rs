//! What a person asks for, what happened, and what is to be done about it.

use std::sync::Arc;
use std::time::Duration;

use returnfeed_protocol::{
    CameraNumber, CueSheet, CueText, LanAnswer, LanOffer, Layer, PageNumber, TallyState,
};
use returnfeed_tally::{GreenRule, Lamps, SwitcherName};

use crate::clock::EngineTime;
use crate::gui::{Door, LogState, MonitorState, RecordingState};
use crate::inputs::{CameraMap, InputEvent};
use crate::lan::LanEvent;
use crate::outputs::{OutputState, PageEvent};
use crate::push::PushEvent;
use crate::sentence::Sentence;
use crate::sources::{Health, LampEcho, SourceNumber, TallyLamp};
use crate::switch::{Buses, KeyPicture, SoundSettings, Transition};
use crate::uplink::{Grant, UplinkConfig, UplinkEvent};

/// What a person asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Put a source on air at its next frame; what was on air becomes the preview. Ends a transition.
    Cut(SourceNumber),
    /// Put a source on preview.
    Preview(SourceNumber),
    /// What is on preview goes on air at its next frame, and what was on air becomes the preview. Ends a transition.
    Swap,
    /// What is on preview comes on air in this manner; refused while a transition runs.
    Auto(Transition),
    /// The programme goes black, or comes back, within this time.
    Black {
        /// Where it goes.
        black: bool,
        /// From one end to the other; at most [`crate::switch::LONGEST`].
        duration: Duration,
    },
    /// What the downstream key shows; nothing: it is emptied and off. Loading takes a moment.
    KeyPicture(Option<KeyPicture>),
    /// Whether the key lies over the programme, from the next frame on.
    Key(bool),
    /// By what the programme's sound is made.
    Sound(SoundSettings),
    /// Whether the programme is recorded.
    Record(bool),
    /// Take the newest change of a setting back, as [`Notice::Undo`] names it.
    Undo,
    /// Bring the programme to a session of a cloud, or open its door to others; said twice it is done once.
    GoOnAir {
        /// Which cloud and session, by what right.
        uplink: Arc<UplinkConfig>,
        /// For whom.
        door: Door,
    },
    /// Take the programme away from the cloud; everything here goes on.
    GoOffAir,
    /// Show RED on these lamps for ten seconds, to see that they work.
    Test(Lamps),
    /// Say this to the operators of a camera, or to all; nothing: take back what was said to them.
    Cue {
        /// To whom.
        to: Option<CameraNumber>,
        /// What.
        text: Option<CueText>,
    },
    /// Whether every phone is silent.
    Silence(bool),
    /// Say who is ready and who needs attention.
    Readiness,
    /// Say who has shown what.
    Confirmations,
    /// Say everything again.
    Status,
    /// End.
    Quit,
}

/// What happened.
#[derive(Debug)]
pub enum Event {
    /// A person asks.
    Command(Command),
    /// The mixer refused a command: there is no such source.
    CommandRefused(Sentence),
    /// The buses changed, at the frame that shows it, and when that was.
    Buses(Buses, EngineTime),
    /// A transition began or is over, at the frame that shows it.
    Transition(Option<Transition>),
    /// The key was loaded, or not, and why.
    KeyLoaded(Result<Option<KeyPicture>, String>),
    /// The picture comes back from the cloud, or does not.
    Monitor(MonitorState),
    /// The recording did something.
    Recording(RecordingState),
    /// The session log is written, or not any more.
    Log(LogState),
    /// The programme has left the cloud.
    OffAir,
    /// A foreign switcher did or said something.
    Switcher(SwitcherName, InputEvent),
    /// An output of our lamps did something; it is named as it is shown.
    Output(String, OutputState),
    /// The way on the local network did something.
    Lan(LanEvent),
    /// An operators' page that this machine serves did something.
    Page(PageEvent),
    /// A source came or went.
    Source(SourceNumber, Health),
    /// What a source says of its lamp; nothing: it is dark.
    SourceLamp(SourceNumber, Option<LampEcho>),
    /// The encoder works.
    Encoder {
        /// Its factory name.
        chosen: String,
        /// `name: verdict: reason`.
        candidates: Vec<String>,
    },
    /// The encoder failed; the shell builds it again.
    EncoderFailed(String),
    /// A push did something.
    Push(Layer, PushEvent),
    /// The uplink did something.
    Uplink(UplinkEvent),
}

/// What is to be done.
#[derive(Debug)]
pub enum Action {
    /// Tell the mixer.
    Cut(SourceNumber),
    /// Tell the mixer.
    Preview(SourceNumber),
    /// Tell the mixer.
    Swap,
    /// Tell the mixer.
    Auto(Transition),
    /// Tell the mixer.
    Black {
        /// Where to.
        black: bool,
        /// How long from end to end.
        duration: Duration,
    },
    /// Load it, and tell the mixer.
    KeyPicture(Option<KeyPicture>),
    /// Tell the mixer.
    Key(bool),
    /// Tell the mixer.
    Sound(SoundSettings),
    /// Tell the recorder.
    Record(bool),
    /// Call the cloud.
    OpenUplink(Arc<UplinkConfig>),
    /// Say this door to the cloud.
    Door(Door),
    /// Close the door, say goodbye to the cloud and push no longer; [`Event::OffAir`] follows.
    CloseUplink,
    /// Light the lamp on the source itself.
    Lamp(SourceNumber, TallyLamp),
    /// Tell the cloud.
    Say(TallyState),
    /// Tell the operators, by the cloud.
    Cues(CueSheet),
    /// A page would hear us on the local network: find out what to say to it.
    LanOffer(PageNumber, LanOffer),
    /// Say this to the page, by the cloud.
    LanAnswer(PageNumber, LanAnswer),
    /// Ask the encoder.
    Keyframe(Layer),
    /// Push both layers there, and no longer anywhere else.
    Push(Grant),
    /// Ask the cloud for a new grant.
    Regrant,
    /// End everything, for this reason; none: a person asked.
    Stop(Option<String>),
}

/// What the logic starts with.
#[derive(Debug, Clone, Default)]
pub struct ControllerConfig {
    /// The sources of the show.
    pub sources: Vec<ShowSource>,
    /// By what the tally is made.
    pub tally: TallyConfig,
    /// The source that another switcher's programme comes in by, where we do not switch.
    pub beside: Option<SourceNumber>,
    /// Switchers whose tally is heard, by name.
    pub switchers: Vec<String>,
    /// The cloud that it is started with: when that cloud ends the session, everything ends.
    pub cloud: Option<Arc<UplinkConfig>>,
}

/// A source of the show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShowSource {
    /// Its key; source n feeds camera n.
    pub number: SourceNumber,
    /// Its name.
    pub label: String,
}

/// By what the tally is made.
#[derive(Debug, Clone, Default)]
pub struct TallyConfig {
    /// Which inputs feed which cameras.
    pub cameras: CameraMap,
    /// What GREEN means.
    pub green: GreenRule,
}
