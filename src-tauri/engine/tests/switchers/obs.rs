//! The real OBS: scene changes, studio mode, transitions, groups, nested scenes, a power cut.

use std::time::Duration;

use serde_json::{Value, json};

use crate::listener::{Buses, Listener};
use crate::studio::{Remote, Studio};

/// OBS's shortest fade.
const SHORT: Duration = Duration::from_millis(50);

/// Three cameras of one colour each: two scenes with one, one with two of which a group holds one.
fn build(remote: &mut Remote) {
    for scene in ["One", "Two", "Three", "Nested"] {
        remote.ask("CreateScene", json!({ "sceneName": scene }));
    }
    for (scene, input) in [("One", "Cam 1"), ("Two", "Cam 2"), ("Three", "Cam 3")] {
        let data = json!({ "sceneName": scene, "inputName": input, "inputKind": "color_source_v3",
            "inputSettings": {}, "sceneItemEnabled": true });
        remote.ask("CreateInput", data);
    }
    remote.ask(
        "CreateSceneItem",
        json!({ "sceneName": "Nested", "sourceName": "Two", "sceneItemEnabled": true }),
    );
    let item = remote.ask(
        "CreateSceneItem",
        json!({ "sceneName": "Nested", "sourceName": "Cam 3", "sceneItemEnabled": false }),
    );
    assert!(item["sceneItemId"].is_number());
    remote.ask("SetCurrentSceneTransition", json!({ "transitionName": "Fade" }));
    fades_last(remote, SHORT);
    programme(remote, "One");
}

fn programme(remote: &mut Remote, scene: &str) {
    remote.ask("SetCurrentProgramScene", json!({ "sceneName": scene }));
}

/// Returns when OBS has it on preview: it grants the request before that.
fn preview(remote: &mut Remote, scene: &str) {
    remote.ask("SetCurrentPreviewScene", json!({ "sceneName": scene }));
    remote.until("GetCurrentPreviewScene", |now| now["currentPreviewSceneName"] == scene);
}

fn studio_mode(remote: &mut Remote, on: bool) {
    remote.ask("SetStudioModeEnabled", json!({ "studioModeEnabled": on }));
}

/// How long each fade lasts from now on. The transition itself is never exchanged: OBS 29 keeps the outgoing input
/// active for ever if that happens while one runs, and a cut takes a frame too.
fn fades_last(remote: &mut Remote, time: Duration) {
    let time = u64::try_from(time.as_millis()).unwrap();
    remote.ask("SetCurrentSceneTransitionDuration", json!({ "transitionDuration": time }));
}

fn both_red(way: &[Buses]) -> bool {
    way.iter().any(|(red, _)| red.len() == 2)
}

#[test]
fn obs_tells_red_and_green_as_they_are() {
    let mut studio = Studio::open();
    let mut remote = studio.remote();
    build(&mut remote);
    let mut listener = Listener::to(&studio.spec());

    listener.until_buses(&["Cam 1"], &[]);
    assert!(listener.software.as_deref().unwrap().starts_with("obs-websocket 5."), "{:?}", listener.software);

    // Scenes change without studio mode: nothing is GREEN.
    programme(&mut remote, "Two");
    listener.until_buses(&["Cam 2"], &[]);

    // Studio mode: the preview scene is GREEN, what is in both is RED alone.
    studio_mode(&mut remote, true);
    preview(&mut remote, "Three");
    listener.until_buses(&["Cam 2"], &["Cam 3"]);
    preview(&mut remote, "Nested");
    listener.until_buses(&["Cam 2"], &[]);
    let item = item(&mut remote, "Nested", "Cam 3");
    remote.ask(
        "SetSceneItemEnabled",
        json!({ "sceneName": "Nested", "sceneItemId": item, "sceneItemEnabled": true }),
    );
    listener.until_buses(&["Cam 2"], &["Cam 3"]);

    // A fade: both sides are RED until its end, and the incoming camera is never anything but GREEN, then RED.
    preview(&mut remote, "Three");
    listener.until_buses(&["Cam 2"], &["Cam 3"]);
    fades_last(&mut remote, Duration::from_millis(1_500));
    remote.ask("TriggerStudioModeTransition", json!({}));
    let way = listener.until_buses(&["Cam 3"], &["Cam 2"]);
    assert!(both_red(&way), "{way:?}");
    let lit = |(red, green): &Buses| red.iter().chain(green).any(|name| name == "Cam 3");
    assert!(way.iter().all(lit), "Cam 3 is dark on its way to the air: {way:?}");

    // A group's input is GREEN with its scene, and RED.
    fades_last(&mut remote, SHORT);
    preview(&mut remote, "Grouped");
    listener.until_buses(&["Cam 3"], &["Cam 4"]);
    remote.ask("TriggerStudioModeTransition", json!({}));
    listener.until_buses(&["Cam 4"], &["Cam 3"]);
    remote.ask("TriggerStudioModeTransition", json!({}));
    listener.until_buses(&["Cam 3"], &["Cam 4"]);

    // Studio mode ends: nothing is GREEN.
    studio_mode(&mut remote, false);
    listener.until_buses(&["Cam 3"], &[]);

    // A new name is the input's name from now on, and a nested scene puts its inputs on air.
    remote.ask("SetInputName", json!({ "inputName": "Cam 3", "newInputName": "Crane" }));
    listener.until_buses(&["Crane"], &[]);
    fades_last(&mut remote, SHORT);
    programme(&mut remote, "Nested");
    listener.until_buses(&["Cam 2", "Crane"], &[]);

    // Its machine loses power, and comes back.
    studio.kill();
    listener.until("the loss", |listener| listener.lost.is_some());
    studio.start();
    listener.until("OBS again", |listener| listener.lost.is_none());
}

fn item(remote: &mut Remote, scene: &str, source: &str) -> Value {
    remote.ask("GetSceneItemId", json!({ "sceneName": scene, "sourceName": source }))["sceneItemId"].clone()
}

#[test]
fn a_wrong_password_is_told_as_one() {
    let studio = Studio::open();
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "wrong").unwrap();
    let spec = format!("obs:127.0.0.1:{}?password-file={}", studio.port, file.path().display());
    let mut wrong = Listener::to(&spec);
    wrong.until("the refusal", |listener| {
        listener.lost.as_deref().is_some_and(|reason| reason.contains("refuses the password"))
    });
    let mut none = Listener::to(&format!("obs:127.0.0.1:{}", studio.port));
    none.until("the question", |listener| {
        listener.lost.as_deref().is_some_and(|reason| reason.contains("password-file="))
    });
}
