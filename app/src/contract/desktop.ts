// GENERATED from src-tauri/engine/src/view by `./dev gen`. Do not edit: a change belongs there.

import type {
  CameraLamp,
  CameraNumber,
  CueAnswer,
  CueSheet,
  CueText,
  LanPath,
  Layer,
  ParticipantId,
  SessionId,
  Show,
  ShowId,
  Signal,
  Tally,
} from "./protocol";

/** Number of a source on the switcher, counted from 1; source n feeds camera n. */
export type SourceNumber = number;

/** How much louder or softer, in tenths of a decibel. */
export type Gain = number;

/** Everything that a window shows. */
export type View = {
/** Where the programme goes. */
air: AirState,
/** Whether it is being brought there and the engine does not know yet: a session is asked for. */
going: boolean,
/** The cloud that this machine works with. */
cloud: CloudView,
/** Who is signed in there. */
account: Account,
/** The show that is open. */
show: OpenShow | null,
/** Every show of this machine, by name. */
shows: Array<ListedShow>,
/** Two versions of a show, side by side, where a person asked to see them. */
conflict: Conflict | null,
/** The session of the cloud that the programme goes to, or went to last. */
session: SessionView | null,
/** Why the pictures cannot be made at all, and what to do; the rest of the window works. */
broken: Spoken | null,
/** Which encoder works. */
encoder: string | null,
/** The sources, by their keys. */
sources: Array<SourceView>,
/** On air. */
programme: number | null,
/** Next. */
preview: number | null,
/** On air too: a transition brings it in. */
incoming: number | null,
/** Whether the programme goes black. */
black: boolean,
/** The downstream key. */
key: KeyState,
/** The programme's sound. */
sound: SoundSettings,
/** Who makes the programme. */
mode: ProgrammeMode,
/** The picture as it comes back from the cloud. */
monitor: MonitorState,
/** The recording. */
recording: RecordingState,
/** The change of key or sound that can be taken back. */
setting_undo: Change | null,
/** Every camera's lamp. */
lamps: Array<CameraLamp>,
/** Foreign switchers whose tally is heard. */
switchers: Array<Link>,
/** What those say. */
heard: Array<SwitcherView>,
/** Who else is told our lamps. */
outputs: Array<Link>,
/** Who is to be told, as `returnfeed-director --out` has it. This machine's, and not the show's. */
told: Array<string>,
/** Addresses of this machine's interfaces, this machine alone first: what may be listened on. */
addresses: Array<string>,
/** The way to the cloud, layer by layer. */
pushes: Array<Push>,
/** The connection for tally, cues and who is there. */
uplink: Uplink,
/** Camera operators' pages, in the order in which they came. */
operators: Array<OperatorView>,
/** How many watch, operators not counted. */
viewers: number,
/** What is said to operators. */
cues: CueSheet,
/** What operators said of cues, the newest first. */
answers: Array<AnswerView>,
/** This machine's battery, while the programme is on air and runs on it. */
battery: Spoken | null,
/** The disk, while the programme is on air and there is little left. */
disk: Spoken | null,
/** What was found on the network. */
found: Found,
/** What the last check found, line by line; absent: none was made. */
check: Array<CheckLine> | null,
/** What could not be done last, counted so that the same words twice are two. */
refused: Said | null,
/** What was done last that a person cannot see otherwise, as where a file was written. */
done: Said | null,
/** Whether the last change to the show can be taken back. */
can_undo: boolean, };

/** Who is let in to a session. */
export type Door = "operators" | "everybody";

/** How far the programme is on its way to a session of a cloud, for the screen. */
export type AirState = { "state": "off",
/** Why it went off by itself; empty where a person asked, or nobody did yet. */
reason: string, } | { "state": "starting",
/** For whom; `None`: as the session stands. */
door: Door | null, } | { "state": "on",
/** For whom; `None`: as the session stands. */
door: Door | null, } | { "state": "stopping" };

/** The cloud. */
export type CloudView = {
/** Its address; absent: nobody said one yet. */
address: string | null,
/** The fingerprint of its own certificate, where that is what is believed. */
fingerprint: string | null,
/** Why it could not be asked last, and what to do. */
trouble: Spoken | null,
/** Whether something is being asked of it by a person. */
busy: boolean, };

/** Who is signed in. */
export type Account = { "state": "out" } | { "state": "browser" } | { "state": "in",
/** As they are called. */
name: string,
/** Their e-mail. */
email: string,
/** Where this machine keeps the login; absent: it ends with the program. */
kept: Kept | null, };

/** Where a secret was kept. */
export type Kept = "keyring" | "file";

/** The show that is open. */
export type OpenShow = {
/** Which. */
id: ShowId,
/** The document. */
show: Show,
/** Why the engine cannot run it as it is, and what to do. */
trouble: Spoken | null,
/** Whether a change waits until the programme is off air. */
waits: boolean, };

/** A show in the list. */
export type ListedShow = {
/** Which. */
id: ShowId,
/** Its name; absent: it cannot be read, for the reason in `trouble`. */
name: string | null,
/** Where it stands. */
sync: SyncState,
/** Why it cannot be read. */
trouble: Spoken | null, };

/** Where a show stands. */
export type SyncState = "synced" | "saved_here" | "two_versions";

/** Two versions of a show. */
export type Conflict = {
/** Which show. */
id: ShowId,
/** Where they differ. */
differences: Array<DifferenceView>, };

/** One place in which two versions differ. */
export type DifferenceView = {
/** Where, as in `sources 2, name`. */
path: string,
/** This machine's; absent: it has none. */
ours: string | null,
/** The cloud's; absent: it has none. */
theirs: string | null, };

/** A session. */
export type SessionView = {
/** Which. */
id: SessionId,
/** Its name. */
name: string,
/** For camera operators. */
camera_link: string,
/** For viewers. */
viewer_link: string, };

/** A source. */
export type SourceView = {
/** Its key. */
number: number,
/** Its name. */
label: string,
/** Which camera it carries. */
camera: CameraNumber | null,
/** What it does. */
state: SourceDoes,
/** Why it is lost, and what to do. */
reason: Spoken | null,
/** What it says of the lamp on it; none: it is dark, or it has none. */
lamp: LampEcho | null, };

/** What a source does. */
export type SourceDoes = "starting" | "live" | "frozen" | "lost";

/** What the source says of the lamp that it was told to show. */
export type LampEcho = "confirmed" | "not_confirmed";

/** The downstream key, for the screen. */
export type KeyState = {
/** Whether it lies over the programme. */
on: boolean,
/** What it shows; `None`: nothing is loaded. */
shows: KeyPicture | null,
/** Why what was asked for last could not be loaded, and what to do; what was loaded before stays. */
trouble: string | null, };

/** What the key shows. */
export type KeyPicture = { "kind": "still",
/** The file. */
path: string, } | { "kind": "lower_third",
/** Large. */
title: string,
/** Below it; may be empty. */
subtitle: string, };

/** The manner of a transition. */
export type Manner = "mix" | "wipe";

/** By what the programme's sound is made. */
export type SoundSettings = {
/** Whose. */
from: SoundFrom,
/** How loud; tenths of a decibel. */
gain_tenths_db: Gain,
/** Not at all. */
mute: boolean, };

/** Whose sound is heard. */
export type SoundFrom = "picture" | { "source": SourceNumber };

/** Who makes the programme. */
export type ProgrammeMode = { "mode": "built_in" } | { "mode": "beside",
/** That source. */
source: SourceNumber,
/** The switchers whose tally is heard; may be empty. */
switchers: Array<string>, };

/** The recording, for the screen. */
export type RecordingState = { "state": "off" } | { "state": "running",
/** The file. */
file: string,
/** How many bytes the disk still has. */
free_bytes: number, } | { "state": "stopped",
/** Why and what to do. */
reason: string, };

/** The picture as it comes back from the cloud, for the screen. */
export type MonitorState = { "state": "off" } | { "state": "calling" } | { "state": "seen",
/** From capture to decoded here, in ms; absent: the clocks are not known yet. */
delay_ms: number | null,
/** Pictures in the last second. */
pictures_per_second: number, } | { "state": "lost",
/** Why and what to do. */
reason: string, };

/** A setting that was changed. */
export type Change = "key_picture" | "sound";

/** Somebody else of the trade: a switcher that is heard, or a display that is told. */
export type Link = {
/** As it was named. */
name: string,
/** Whether it works. */
works: boolean,
/** What answers, or why it does not work and what to do. */
says: Spoken,
/** What a code on the screen opens; none: nothing. */
opens?: string, };

/** An input and the cameras that it feeds, for the screen. */
export type Mapped = {
/** As the switcher calls it. */
input: string,
/** Its number there. */
index: number | null,
/** Which cameras it feeds, alone or with others. */
cameras: Array<CameraNumber>, };

/** What a foreign switcher says. */
export type SwitcherView = {
/** As the show calls it. */
name: string,
/** Every input, with the cameras that it feeds. */
inputs: Array<Mapped>,
/** Those on air, as it calls them. */
on_air: Array<string>, };

/** A layer on its way to the cloud. */
export type Push = {
/** Which. */
layer: Layer,
/** Whether it is connected. */
connected: boolean,
/** Why it is not, or what the cloud says against it, and what to do. */
trouble: Spoken | null,
/** Whether the cloud says that it arrives. */
arrives: boolean,
/** How the way was in the last ten seconds. */
path: Way | null,
/** Paths are counted, so that the same figures twice are two. */
paths: number, };

/** How a way was in the last ten seconds. */
export type Way = {
/** Round trip. */
rtt_ms: number,
/** Of a thousand packets, how many were lost on the way. */
lost_per_mille: number,
/** Of a thousand packets, how many were repeats. */
repeated_per_mille: number,
/** Bit/s. */
bits_per_second: number, };

/** The connection for tally and cues. */
export type Uplink = { "state": "off" } | { "state": "connected" } | { "state": "absent",
/** Why and what to do. */
reason: Spoken, };

/** An operator's page. */
export type OperatorView = {
/** Who. */
participant: ParticipantId,
/** As they named themselves; may be empty. */
name: string,
/** The tally light they follow. */
camera: CameraNumber | null,
/** What is on their screen; absent until they said so. */
shows: Tally | null,
/** Whether they confirmed what their lamp is now. */
confirmed: boolean,
/** From the change to their answer. */
took_ms: number | null,
/** How late the picture is there. */
delay_ms: number | null,
/** Charge in percent. */
battery: number | null,
/** Whether they hear us on the local network too. */
lan: LanPath | null,
/** What to see to, by code, the worst first; empty: ready. */
concerns: Array<string>,
/** What they say of their own accord. */
signal: Signal | null, };

/** An operator's answer to a cue. */
export type AnswerView = {
/** Counts them, as a key for lists. */
n: number,
/** Who. */
name: string,
/** Which camera they follow. */
camera: CameraNumber | null,
/** What they were asked. */
text: string,
/** What they say. */
answer: CueAnswer, };

/** What was found on the network. */
export type Found = { "state": "off" } | { "state": "no_runtime",
/** What was tried. */
reason: string, } | { "state": "sources",
/** As NDI names them. */
names: Array<string>,
/** Of the runtime. */
version: string, };

/** One line of a check. */
export type CheckLine = {
/** What was looked at, by code. */
what: CheckOf,
/** How it is. */
is: CheckIs,
/** What was found, with its figures; and what to do. */
says: Spoken, };

/** What a check looks at. */
export type CheckOf = "sources" | "encoder" | "cloud" | "srt" | "upload" | "clock" | "disk" | "power" | "phones";

/** How it is. */
export type CheckIs = "running" | "good" | "look" | "broken" | "unknown";

/** A sentence by its code, with its facts, and in English. */
export type Spoken = {
/** Which; the page's catalogue has the other languages. */
code: string,
/** What fills it. */
facts: Array<string>,
/** In English. */
text: string, };

/** Something that was said once. */
export type Said = {
/** Counts them. */
n: number,
/** The sentence. */
says: Spoken, };

/** What is asked. */
export type Intent = { "do": "preview",
/** Its key. */
source: SourceNumber, } | { "do": "hot_cut",
/** Its key. */
source: SourceNumber, } | { "do": "cut" } | { "do": "auto",
/** In which. */
manner: Manner,
/** How long it takes. */
duration_ms: number, } | { "do": "black",
/** Where to. */
black: boolean,
/** How long it takes. */
duration_ms: number, } | { "do": "key_picture",
/** What. */
picture: KeyPicture | null, } | { "do": "key",
/** Whether. */
on: boolean, } | { "do": "sound",
/** By this. */
settings: SoundSettings, } | { "do": "record",
/** Whether. */
on: boolean, } | { "do": "undo_setting" } | { "do": "air",
/** For whom. */
door: Door, } | { "do": "stop" } | { "do": "test_lamps",
/** Of this camera; of all when absent. */
camera: CameraNumber | null, } | { "do": "cue",
/** To whom. */
to: CameraNumber | null,
/** What. */
text: CueText | null, } | { "do": "silence",
/** Whether. */
silent: boolean, } | { "do": "new_show",
/** Its name. */
name: string, } | { "do": "open_show",
/** Which. */
id: ShowId, } | { "do": "import_show",
/** The text. */
text: string, } | { "do": "export_show",
/** Which. */
id: ShowId, } | { "do": "duplicate_show",
/** Which. */
id: ShowId, } | { "do": "delete_show",
/** Which. */
id: ShowId, } | { "do": "save_show",
/** All of it. */
show: Show, } | { "do": "undo" } | { "do": "sync" } | { "do": "compare",
/** Which show. */
id: ShowId | null, } | { "do": "choose",
/** Which show. */
id: ShowId,
/** What is kept. */
keep: Keep, } | { "do": "set_cloud",
/** Its address. */
address: string,
/** Of its own certificate; empty: the system's authorities are believed. */
fingerprint: string, } | { "do": "sign_in",
/** As registered. */
email: string,
/** As chosen. */
password: Password, } | { "do": "keep_secret",
/** By this name, as in the show. */
name: string,
/** It. */
secret: Password, } | { "do": "set_outputs",
/** As `returnfeed-director --out` has them. */
outputs: Array<string>, } | { "do": "sign_in_by_browser" } | { "do": "sign_out" } | { "do": "new_session" } | { "do": "find",
/** Whether. */
looking: boolean, } | { "do": "check" } | { "do": "report",
/** Of the tally report. */
language: ReportLanguage,
/** Of the cut list. */
frames_per_second: number, };

/** Which of two versions of a show is kept. */
export type Keep = "ours" | "theirs" | "both";

/** A language of the tally report. */
export type ReportLanguage = "ko" | "en";

/** A password on its way from the page: never in a log. */
export type Password = string;

/** Loudness of the last tenth of a second, in dBFS: 0 is the loudest there is, [`Level::SILENCE`] none. */
export type Level = {
/** The highest sample. */
peak: number,
/** The mean power. */
rms: number, };

/** How a source does. */
export type SourceFigures = {
/** Which. */
source: SourceNumber,
/** Frames that came in the last second. */
frames_per_second: number,
/** Frames that did not come where one was due, since the start. */
drop_outs: number,
/** Its sound. */
level: Level, };

/** A transition that runs. */
export type Progress = {
/** In which manner. */
manner: Manner,
/** How much of it is done. */
per_mille: number, };

/** All of it, as it is now. */
export type Figures = {
/** The programme's sound. */
programme: Level,
/** By number. */
sources: Array<SourceFigures>,
/** The transition that runs. */
transition: Progress | null,
/** How much of the programme is faded to black. */
black_per_mille: number, };

/** What the engine says, by code, with its facts. */
export type Sentences = {
  as_is: [text: string];
  busy: [];
  no_show_open: [];
  no_picture_yet: [];
  nothing_to_switch: [];
  not_signed_in: [];
  no_cloud_address: [];
  cloud_while_on_air: [];
  sign_out_while_on_air: [];
  new_session_while_on_air: [];
  show_while_on_air: [];
  delete_while_on_air: [];
  compare_while_on_air: [];
  elsewhere_on_air: [];
  cut_elsewhere: [];
  no_secret_of_a_switcher: [name: string];
  key_empty: [];
  nothing_to_undo: [];
  nothing_to_come: [];
  transition_runs: [];
  transition_too_long: [seconds: string];
  no_such_source: [asked: string, last: string];
  no_session_to_report: [];
  encoder_failed: [reason: string];
  no_threads: [error: string];
  settings_not_kept: [error: string];
  shows_folder_unusable: [];
  show_mended: [why: string, aside: string];
  show_set_aside: [why: string, aside: string];
  not_written: [path: string, error: string];
  not_looked_into: [path: string, error: string];
  no_folder: [path: string, error: string];
  not_logged: [reason: string];
  battery_runs_down: [percent: string, minutes: string];
  battery: [percent: string];
  disk_nearly_full: [gigabytes: string];
  sources_none: [];
  sources_send: [all: string];
  sources_silent: [which: string];
  encoder_unproven: [];
  nobody_signed_in: [];
  no_address_known: [];
  way_soon: [];
  way_occupied: [];
  way_measured: [mbits: string, rtt_ms: string, lost: string];
  way_long: [mbits: string, rtt_ms: string, lost: string];
  way_lossy: [mbits: string, rtt_ms: string, lost: string];
  way_narrow: [mbits: string, wanted: string];
  phones_none: [];
  phones_ready: [all: string];
  udp_silent: [host: string, port: string];
  clock_unknown: [];
  clock_apart: [seconds: string];
  clock_wrong: [seconds: string];
  disk_free: [gigabytes: string];
  power_mains: [];
  wrong_passphrase: [];
  not_encrypted_alike: [];
  server_full: [];
  refused_with_code: [code: string];
  no_answer: [port: string];
  server_gone: [];
  server_ended: [];
  not_srt: [];
  ended_here: [];
  stream_id_not_understood: [];
  key_unknown: [];
  session_unknown: [];
  superseded: [];
  logged_out: [];
  session_ended: [];
  cloud_of_another_version: [cloud: string, error: string];
  not_a_cloud: [cloud: string, status: string];
  cloud_unreachable: [cloud: string, error: string];
  uplink_no_answer: [];
  uplink_broke: [];
  uplink_does_not_greet: [];
  uplink_spoke_first: [];
  uplink_silent: [];
  uplink_takes_nothing: [];
  uplink_closed: [why: string];
  source_frozen: [];
  device_absent: [name: string];
  file_absent: [path: string];
  file_without_picture: [];
  source_hangs: [];
  ndi_absent: [];
  ndi_left: [];
  file_forbidden: [path: string];
  file_is_folder: [path: string];
  file_not_opened: [path: string, error: string];
  source_not_started: [];
  source_does_not_play: [];
  source_not_again: [];
  plugin_missing: [said: string];
  file_of_no_kind: [said: string];
  device_busy: [said: string];
  element_missing: [name: string, from: string];
  pipeline_broken: [error: string];
  source_ended: [];
};
