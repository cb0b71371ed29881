//! The cut list as an OpenTimelineIO document.
//!
//! Schemas of version 1, which every reader of the format upgrades. A transition stands between its clips, with its whole
//! length in the second: `in_offset` 0.

use serde_json::{Value, json};

use crate::cutlist::{CutList, Event, EventKind};
use crate::entry::Manner;
use crate::timecode::Frames;

/// The document.
pub fn otio(list: &CutList) -> Value {
    let time = |frames: Frames| json!({"OTIO_SCHEMA": "RationalTime.1", "rate": f64::from(list.rate.get()), "value": frames.0});
    let mut children = Vec::new();
    let mut before: Option<&Event> = None;
    for event in &list.events {
        if let (EventKind::Effect(manner, frames), Some(before)) = (event.kind, before) {
            children.push(transition(manner, before, event, &time(Frames(0)), &time(frames)));
        }
        let range = json!({
            "OTIO_SCHEMA": "TimeRange.1",
            "start_time": time(event.source),
            "duration": time(event.length),
        });
        children.push(clip(event, &range));
        before = Some(event);
    }
    let track = json!({
        "OTIO_SCHEMA": "Track.1", "name": "Programme", "kind": "Video", "children": children,
        "source_range": null, "effects": [], "markers": [], "metadata": {},
    });
    json!({
        "OTIO_SCHEMA": "Timeline.1", "name": list.title, "global_start_time": time(list.begins), "metadata": {},
        "tracks": {
            "OTIO_SCHEMA": "Stack.1", "name": "tracks", "children": [track],
            "source_range": null, "effects": [], "markers": [], "metadata": {},
        },
    })
}

fn clip(event: &Event, range: &Value) -> Value {
    let Some(name) = &event.name else {
        return json!({
            "OTIO_SCHEMA": "Gap.1", "name": "", "source_range": range,
            "effects": [], "markers": [], "metadata": {},
        });
    };
    let media = match &event.file {
        Some(file) => json!({
            "OTIO_SCHEMA": "ExternalReference.1", "name": name, "target_url": url(file),
            "available_range": null, "metadata": {},
        }),
        None => json!({
            "OTIO_SCHEMA": "MissingReference.1", "name": name, "available_range": null, "metadata": {},
        }),
    };
    json!({
        "OTIO_SCHEMA": "Clip.1", "name": name, "source_range": range, "media_reference": media,
        "effects": [], "markers": [], "metadata": {"cmx_3600": {"reel": event.reel}},
    })
}

fn transition(manner: Manner, before: &Event, event: &Event, nothing: &Value, takes: &Value) -> Value {
    let (kind, metadata) = match manner {
        Manner::Mix => ("SMPTE_Dissolve", json!({})),
        // The format knows no wipe: a reader that does not either dissolves.
        Manner::Wipe => ("Custom_Transition", json!({"returnfeed": {"smpte_wipe": 1}})),
    };
    let named = |event: &Event| event.name.clone().unwrap_or_default();
    json!({
        "OTIO_SCHEMA": "Transition.1", "name": format!("{} to {}", named(before), named(event)),
        "transition_type": kind, "in_offset": nothing, "out_offset": takes, "metadata": metadata,
    })
}

/// RFC 8089; what is no absolute path stays what it is.
fn url(path: &str) -> String {
    let mut url = String::new();
    let path = path.replace('\\', "/");
    match path.as_bytes() {
        [b'/', ..] => url.push_str("file://"),
        [drive, b':', b'/', ..] if drive.is_ascii_alphabetic() => url.push_str("file:///"),
        _ => {}
    }
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~:".contains(&byte) {
            url.push(byte.into());
        } else {
            url.push_str(&format!("%{byte:02X}"));
        }
    }
    url
}

#[cfg(test)]
mod tests {
    use super::url;

    #[test]
    fn a_path_is_a_url_on_every_system() {
        assert_eq!(url("/home/a b/쇼.mkv"), "file:///home/a%20b/%EC%87%BC.mkv");
        assert_eq!(url(r"C:\Shows\one.mkv"), "file:///C:/Shows/one.mkv");
        assert_eq!(url("one.mkv"), "one.mkv");
    }
}
