//! The messages, of obs-websocket's JSON.
//!
//! Refuses nothing that it does not know: OBS adds events with each version. Invariant: a source is known by its UUID
//! where the server has one, else by its name.

#![deny(clippy::indexing_slicing, clippy::unwrap_used)]

use serde::Deserialize;
use serde_json::{Value, json};

use crate::Fault;

/// Events that are wanted: config, scenes, inputs, transitions, scene items, user interface, and inputs that become
/// active, which is off unless asked for.
const EVENTS: u32 = 1 << 1 | 1 << 2 | 1 << 3 | 1 << 4 | 1 << 7 | 1 << 10 | 1 << 17;
/// The version of the language.
const RPC: u32 = 1;

/// A scene, group or input.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Source {
    /// As the operator of OBS named it; unique at one moment.
    pub name: String,
    /// Kept over renaming; obs-websocket before 5.4 has none.
    pub uuid: Option<String>,
}

impl Source {
    /// What it is known by.
    pub fn key(&self) -> &str {
        self.uuid.as_deref().unwrap_or(&self.name)
    }
}

/// An entry of a scene.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// What it shows.
    pub source: Source,
    /// Its eye is open.
    pub enabled: bool,
    /// It has entries of its own.
    pub holds: Option<Holds>,
}

/// What has entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    /// A scene.
    Scene,
    /// A group.
    Group,
}

/// What happened in OBS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// An input went on air or left it.
    Active {
        /// Which.
        input: Source,
        /// It is on air.
        on_air: bool,
    },
    /// Another preview scene, another item, studio mode on or off: what the preview shows may have changed.
    Preview,
    /// Inputs came, went or were renamed, or another scene collection was loaded.
    Inputs,
    /// None of these.
    Other,
}

/// What OBS said.
#[derive(Debug, Clone, PartialEq)]
pub enum Incoming {
    /// The greeting.
    Hello {
        /// Of obs-websocket.
        version: String,
        /// Salt and challenge, where it wants a password.
        challenge: Option<(String, String)>,
    },
    /// It accepted us.
    Identified,
    /// Something happened.
    Event(Event),
    /// An answer.
    Answer {
        /// To which request.
        id: String,
        /// `None`: it was refused.
        data: Option<Value>,
    },
    /// Another kind of message.
    Other,
}

#[derive(Deserialize)]
struct Envelope {
    op: u64,
    #[serde(default)]
    d: Value,
}

/// Reads a message; `None` when it is none of obs-websocket's.
pub fn parse(text: &[u8]) -> Option<Incoming> {
    let Envelope { op, d } = serde_json::from_slice(text).ok()?;
    Some(match op {
        0 => Incoming::Hello {
            version: string(&d, "obsWebSocketVersion")?,
            challenge: match d.get("authentication") {
                Some(asked) => Some((string(asked, "salt")?, string(asked, "challenge")?)),
                None => None,
            },
        },
        2 => Incoming::Identified,
        5 => {
            Incoming::Event(event(d.get("eventType")?.as_str()?, d.get("eventData").unwrap_or(&Value::Null))?)
        }
        7 => {
            let granted = d.get("requestStatus")?.get("result")?.as_bool()?;
            let data = granted.then(|| d.get("responseData").cloned().unwrap_or(Value::Null));
            Incoming::Answer { id: string(&d, "requestId")?, data }
        }
        _ => Incoming::Other,
    })
}

fn event(kind: &str, data: &Value) -> Option<Event> {
    Some(match kind {
        "InputActiveStateChanged" => Event::Active {
            input: source(data, "inputName", "inputUuid")?,
            on_air: data.get("videoActive")?.as_bool()?,
        },
        "CurrentPreviewSceneChanged"
        | "StudioModeStateChanged"
        | "SceneItemCreated"
        | "SceneItemRemoved"
        | "SceneItemEnableStateChanged"
        | "SceneNameChanged"
        | "SceneTransitionEnded"
        | "CurrentProgramSceneChanged" => Event::Preview,
        "InputCreated" | "InputRemoved" | "InputNameChanged" | "CurrentSceneCollectionChanged" => {
            Event::Inputs
        }
        _ => Event::Other,
    })
}

/// A source that `data` names under these keys.
pub(super) fn source(data: &Value, name: &str, uuid: &str) -> Option<Source> {
    Some(Source { name: string(data, name)?, uuid: string(data, uuid) })
}

/// The inputs of an answer to `GetInputList`.
pub(super) fn inputs(data: &Value) -> Option<Vec<Source>> {
    data.get("inputs")?.as_array()?.iter().map(|input| source(input, "inputName", "inputUuid")).collect()
}

/// The items of an answer to `GetSceneItemList` or `GetGroupSceneItemList`.
pub(super) fn items(data: &Value) -> Option<Vec<Item>> {
    let item = |item: &Value| {
        let is = |key: &str| item.get(key).and_then(Value::as_bool).unwrap_or(false);
        let scene = string(item, "sourceType").is_some_and(|kind| kind == "OBS_SOURCE_TYPE_SCENE");
        Some(Item {
            source: source(item, "sourceName", "sourceUuid")?,
            enabled: is("sceneItemEnabled"),
            holds: match (is("isGroup"), scene) {
                (true, _) => Some(Holds::Group),
                (false, true) => Some(Holds::Scene),
                (false, false) => None,
            },
        })
    };
    data.get("sceneItems")?.as_array()?.iter().map(item).collect()
}

/// The scene of an answer to `GetCurrentPreviewScene`, in the words of 5.4 or of those before.
pub(super) fn preview_scene(data: &Value) -> Option<Source> {
    source(data, "sceneName", "sceneUuid")
        .or_else(|| source(data, "currentPreviewSceneName", "currentPreviewSceneUuid"))
}

fn string(data: &Value, key: &str) -> Option<String> {
    data.get(key)?.as_str().map(str::to_owned)
}

/// The answer to the greeting.
pub(super) fn identify(authentication: Option<String>) -> String {
    let mut data = json!({ "rpcVersion": RPC, "eventSubscriptions": EVENTS });
    if let (Some(text), Some(data)) = (authentication, data.as_object_mut()) {
        data.insert("authentication".to_owned(), text.into());
    }
    json!({ "op": 1, "d": data }).to_string()
}

/// A request about nothing, or about one source.
pub(super) fn request(id: &str, kind: &str, about: Option<(&Source, &str)>) -> String {
    let data = match about {
        None => json!({}),
        Some((Source { uuid: Some(uuid), .. }, what)) => json!({ format!("{what}Uuid"): uuid }),
        Some((Source { name, uuid: None }, what)) => json!({ format!("{what}Name"): name }),
    };
    json!({ "op": 6, "d": { "requestType": kind, "requestId": id, "requestData": data } }).to_string()
}

/// What a close code of obs-websocket means.
pub fn close_fault(code: u16, reason: &str) -> Fault {
    match code {
        4009 => Fault::PasswordWrong,
        4010 => {
            Fault::Version("it speaks another version of obs-websocket; update OBS to 28 or newer".to_owned())
        }
        4011 => Fault::Kicked,
        _ => Fault::Closed(if reason.is_empty() { format!("code {code}") } else { reason.to_owned() }),
    }
}
