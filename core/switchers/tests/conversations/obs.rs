use std::collections::BTreeMap;
use std::time::Duration;

use returnfeed_switchers::obs::{Obs, close_fault};
use returnfeed_switchers::{Fault, Session};
use secrecy::SecretString;
use serde_json::{Value, json};

use crate::talk::{Talk, names};

/// A studio with nested scenes and a group, speaking as obs-websocket does, with UUIDs or without.
struct Studio {
    talk: Talk<Obs>,
    uuids: bool,
    active: Vec<&'static str>,
    preview: Option<&'static str>,
    /// Scene or group: its items, each with its eye open or shut.
    lists: BTreeMap<&'static str, Vec<(&'static str, bool)>>,
    asked: Vec<String>,
}

const INPUTS: [&str; 5] = ["Cam 1", "Cam 2", "Cam 3", "Logo", "Music"];
const GROUPS: [&str; 1] = ["Lower third"];

impl Studio {
    fn open(uuids: bool) -> Self {
        let mut studio = Self {
            talk: Talk::begin(|now| Obs::new(None, now)),
            uuids,
            active: vec!["Cam 1"],
            preview: None,
            lists: BTreeMap::from([
                ("Wide", vec![("Cam 1", true)]),
                ("Tight", vec![("Cam 2", true), ("Lower third", true), ("Cam 3", false)]),
                ("Both", vec![("Wide", true), ("Tight", true), ("Both", true)]),
                ("Lower third", vec![("Logo", true)]),
            ]),
            asked: Vec::new(),
        };
        studio.say(json!({ "op": 0, "d": { "obsWebSocketVersion": "5.6.2", "rpcVersion": 1 } }));
        studio.say(json!({ "op": 2, "d": { "negotiatedRpcVersion": 1 } }));
        studio
    }

    fn say(&mut self, message: Value) {
        self.talk.hear(message.to_string()).unwrap();
        self.answer_all();
    }

    fn event(&mut self, kind: &str, data: Value) {
        self.say(json!({ "op": 5, "d": { "eventType": kind, "eventIntent": 1, "eventData": data } }));
    }

    fn activate(&mut self, input: &'static str, active: bool) {
        self.active.retain(|name| *name != input);
        self.active.extend(active.then_some(input));
        let data = self.named(json!({ "videoActive": active }), "input", input);
        self.event("InputActiveStateChanged", data);
    }

    fn preview(&mut self, scene: Option<&'static str>) {
        self.preview = scene;
        self.event("StudioModeStateChanged", json!({ "studioModeEnabled": scene.is_some() }));
        let data = scene.map(|scene| self.named(json!({}), "scene", scene));
        self.event("CurrentPreviewSceneChanged", data.unwrap_or(Value::Null));
    }

    fn named(&self, mut data: Value, what: &str, name: &str) -> Value {
        data[format!("{what}Name")] = name.into();
        if self.uuids {
            data[format!("{what}Uuid")] = format!("uuid of {name}").into();
        }
        data
    }

    fn answer_all(&mut self) {
        loop {
            let requests = self.talk.sent_text();
            if requests.is_empty() {
                return;
            }
            for request in requests {
                let request: Value = serde_json::from_str(&request).unwrap();
                if request["op"] == 6 {
                    let answer = self.answer(&request["d"]);
                    self.talk.hear(answer.to_string()).unwrap();
                }
            }
        }
    }

    fn answer(&mut self, request: &Value) -> Value {
        let (kind, data) = (request["requestType"].as_str().unwrap(), &request["requestData"]);
        let about = |what: &str| {
            let key = if self.uuids { format!("{what}Uuid") } else { format!("{what}Name") };
            let text = data[&key].as_str().unwrap_or_default();
            text.strip_prefix("uuid of ").unwrap_or(text).to_owned()
        };
        self.asked.push(kind.to_owned());
        let answer = match kind {
            "GetInputList" => {
                Some(json!({ "inputs": INPUTS.map(|input| self.named(json!({}), "input", input)) }))
            }
            "GetSourceActive" => Some(
                json!({ "videoActive": self.active.contains(&about("source").as_str()), "videoShowing": true }),
            ),
            "GetStudioModeEnabled" => Some(json!({ "studioModeEnabled": self.preview.is_some() })),
            "GetCurrentPreviewScene" => self.preview.map(|scene| match self.uuids {
                true => self.named(json!({}), "scene", scene),
                false => json!({ "currentPreviewSceneName": scene }),
            }),
            "GetSceneItemList" | "GetGroupSceneItemList" => {
                let scene = about("scene");
                assert_eq!(kind == "GetGroupSceneItemList", GROUPS.contains(&scene.as_str()), "{scene}");
                self.lists.get(scene.as_str()).map(|items| json!({ "sceneItems": self.items(items) }))
            }
            _ => panic!("{kind} is not one of the dozen"),
        };
        json!({ "op": 7, "d": {
            "requestType": kind, "requestId": request["requestId"],
            "requestStatus": { "result": answer.is_some(), "code": 100 }, "responseData": answer,
        } })
    }

    fn items(&self, items: &[(&str, bool)]) -> Vec<Value> {
        let kind = |name: &str| match self.lists.contains_key(name) {
            true => "OBS_SOURCE_TYPE_SCENE",
            false => "OBS_SOURCE_TYPE_INPUT",
        };
        let item = |(name, enabled): &(&str, bool)| {
            let group = if INPUTS.contains(name) { Value::Null } else { GROUPS.contains(name).into() };
            let facts = json!({ "sceneItemEnabled": enabled, "sourceType": kind(name), "isGroup": group });
            self.named(facts, "source", name)
        };
        items.iter().map(item).collect()
    }

    fn buses(&self) -> (Vec<String>, Vec<String>) {
        self.talk.buses()
    }
}

fn on(programme: &[&str], preview: &[&str]) -> (Vec<String>, Vec<String>) {
    (names(programme), names(preview))
}

#[test]
fn red_is_what_obs_calls_active_and_green_what_the_preview_scene_shows() {
    for uuids in [false, true] {
        let mut studio = Studio::open(uuids);
        assert_eq!(studio.buses(), on(&["Cam 1"], &[]), "without studio mode nothing is GREEN");
        studio.preview(Some("Tight"));
        assert_eq!(studio.buses(), on(&["Cam 1"], &["Cam 2", "Logo"]), "a group counts, a shut eye does not");
        studio.activate("Cam 2", true);
        assert_eq!(studio.buses(), on(&["Cam 1", "Cam 2"], &["Logo"]), "both sides of the transition");
        studio.activate("Cam 1", false);
        studio.preview(Some("Wide"));
        assert_eq!(studio.buses(), on(&["Cam 2"], &["Cam 1"]));
        studio.preview(None);
        assert_eq!(studio.buses(), on(&["Cam 2"], &[]), "studio mode is left");
    }
}

#[test]
fn nested_scenes_are_walked_and_a_circle_ends() {
    let mut studio = Studio::open(true);
    studio.preview(Some("Both"));
    assert_eq!(studio.buses(), on(&["Cam 1"], &["Cam 2", "Logo"]));
    studio.lists.insert("Tight", vec![("Cam 3", true)]);
    studio.event("SceneItemEnableStateChanged", json!({ "sceneItemId": 3 }));
    assert_eq!(studio.buses(), on(&["Cam 1"], &["Cam 3"]));
}

#[test]
fn an_event_that_was_lost_is_healed_within_five_seconds() {
    let mut studio = Studio::open(false);
    studio.active = vec!["Cam 3"];
    studio.preview = Some("Wide");
    for _ in 0..5 {
        studio.talk.pass(Duration::from_secs(1)).unwrap();
        studio.answer_all();
    }
    assert_eq!(studio.buses(), on(&["Cam 3"], &["Cam 1"]));
}

#[test]
fn an_answer_that_an_event_overtook_is_passed_over() {
    let mut studio = Studio::open(true);
    for _ in 0..4 {
        studio.talk.pass(Duration::from_secs(1)).unwrap();
        studio.answer_all();
    }
    studio.talk.pass(Duration::from_secs(1)).unwrap();
    let asked: Vec<Value> =
        studio.talk.sent_text().iter().map(|text| serde_json::from_str(text).unwrap()).collect();
    for request in &asked {
        let list = studio.answer(&request["d"]);
        studio.talk.hear(list.to_string()).unwrap();
    }
    // Now each input is asked whether it is active; Cam 2 goes on air before the answer, which says no, arrives.
    let asked: Vec<Value> =
        studio.talk.sent_text().iter().map(|text| serde_json::from_str(text).unwrap()).collect();
    assert!(asked.iter().any(|request| request["d"]["requestType"] == "GetSourceActive"), "{asked:?}");
    let answers: Vec<Value> = asked.iter().map(|request| studio.answer(&request["d"])).collect();
    studio.activate("Cam 2", true);
    answers.iter().for_each(|answer| studio.talk.hear(answer.to_string()).unwrap());
    assert_eq!(studio.buses(), on(&["Cam 1", "Cam 2"], &[]));
}

#[test]
fn a_challenge_is_answered_and_a_missing_password_is_named() {
    let hello = json!({ "op": 0, "d": { "obsWebSocketVersion": "5.1.0", "rpcVersion": 1,
        "authentication": { "challenge": "c", "salt": "s" } } });
    let mut with = Talk::begin(|now| Obs::new(Some(SecretString::from("secret")), now));
    with.hear(hello.to_string()).unwrap();
    let identify: Value = serde_json::from_str(&with.sent_text()[0]).unwrap();
    assert_eq!(identify["op"], 1);
    assert_eq!(identify["d"]["authentication"].as_str().unwrap().len(), 44);
    assert_eq!(
        identify["d"]["eventSubscriptions"].as_u64().unwrap() >> 17 & 1,
        1,
        "active inputs are asked for"
    );
    let mut without = Talk::begin(|now| Obs::new(None, now));
    assert_eq!(without.hear(hello.to_string()), Err(Fault::PasswordMissing));
}

#[test]
fn close_codes_are_sentences_and_only_a_kick_is_final() {
    assert_eq!(close_fault(4009, ""), Fault::PasswordWrong);
    assert_eq!(close_fault(4011, "x"), Fault::Kicked);
    assert!(close_fault(4011, "").is_final());
    assert!([1000, 1006, 4009, 4010].iter().all(|code| !close_fault(*code, "").is_final()));
    assert_eq!(close_fault(1001, "bye"), Fault::Closed("bye".into()));
}

#[test]
fn another_server_is_told_from_obs_and_a_silent_one_is_lost() {
    let mut other = Talk::begin(|now| Obs::new(None, now));
    assert!(matches!(other.hear("welcome"), Err(Fault::NotThis { .. })));
    let mut studio = Studio::open(false);
    assert_eq!(studio.talk.pass(Duration::from_secs(3)), Err(Fault::Silent(Duration::from_secs(3))));
}

#[test]
fn messages_that_are_none_are_counted_and_unknown_ones_are_not() {
    let mut studio = Studio::open(false);
    for text in ["{", "[]", "null", r#"{"op":5}"#, r#"{"op":7,"d":{"requestId":"1"}}"#] {
        studio.talk.hear(text).unwrap();
    }
    assert_eq!(studio.talk.session.malformed(), 5);
    for text in [r#"{"op":99,"d":{}}"#, r#"{"op":5,"d":{"eventType":"NewInTheNextVersion"}}"#] {
        studio.talk.hear(text).unwrap();
    }
    assert_eq!(studio.talk.session.malformed(), 5);
    assert_eq!(studio.buses(), on(&["Cam 1"], &[]));
}
