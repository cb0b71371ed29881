//! What is refused, in which words, and what survives.

use super::*;

fn said(text: &str) -> String {
    Show::parse(text).unwrap_err().to_string()
}

#[test]
fn a_show_of_a_newer_version_is_refused_whatever_else_is_in_it() {
    let newer = r#"{ "returnfeed_show": 2, "name": 7, "sources": "elsewhere" }"#;
    assert_eq!(Show::parse(newer), Err(ShowError::Newer { found: 2 }));
    assert!(said(newer).ends_with("update this program"));
}

#[test]
fn what_is_no_show_is_told_how_one_begins() {
    for text in [r#"{"name":"Sunday"}"#, r#"{"returnfeed_show":0,"name":"Sunday"}"#] {
        assert_eq!(Show::parse(text), Err(ShowError::NotAShow), "{text}");
    }
    assert!(said("").starts_with("it cannot be read at line 1"));
    assert!(said(r#"{"returnfeed_show":1}"#).contains("missing field `name`"));
    assert!(matches!(Show::parse(&" ".repeat(SHOW_MAX_BYTES + 1)), Err(ShowError::TooLong { .. })));
    let nested = format!("{}{}", "[".repeat(20_000), "]".repeat(20_000));
    assert!(said(&nested).contains("cannot be read"), "a stack is not what a file may overflow");
}

#[test]
fn the_least_show_is_a_name() {
    let show = Show::parse(r#"{"returnfeed_show":1,"name":"저녁 예배"}"#).unwrap();
    assert_eq!(show, Show::new("저녁 예배"));
}

/// Fields of a later program at every depth, and in every kind of thing.
#[test]
fn unknown_fields_of_this_version_are_written_again_wherever_they_are() {
    let text = r##"{
        "returnfeed_show": 1, "name": "Sunday", "later": {"a": [1, 2.5, null]},
        "programme": {"mode": "beside", "source": 1, "later": 1},
        "sources": [
            {"name": "Wide", "camera": 1, "later": 2, "input": {"kind": "test", "later": 3}},
            {"input": {"kind": "ndi", "name": "STUDIO (CAM 1)", "later": "ㄱ"}}
        ],
        "switchers": [
            {"name": "OBS", "host": "obs.local", "later": 4,
             "protocol": {"kind": "obs", "password": {"secret": "obs", "later": 5}, "later": 6}},
            {"name": "umd", "host": "0.0.0.0", "port": 8900, "protocol": {"kind": "tsl", "later": 7}}
        ],
        "cameras": [{"camera": 1, "later": 8, "feeds": [
            {"later": 9, "links": [{"switcher": "OBS", "input": "Sony", "later": 10}]}]}],
        "outputs": [{"layer": "high", "later": 11, "target":
            {"kind": "srt", "host": "h", "port": 1, "passphrase": {"secret": "srt"}, "later": 12}}],
        "quality": {"later": 13}
    }"##;
    let show = Show::parse(text).unwrap();
    let again = show.to_text().unwrap();
    assert_eq!(Show::parse(&again).unwrap(), show);
    let (before, after): (Value, Value) =
        (serde_json::from_str(text).unwrap(), serde_json::from_str(&again).unwrap());
    assert!(holds(&after, &before), "{again}");
}

/// Whether everything of `part` is in `whole`.
fn holds(whole: &Value, part: &Value) -> bool {
    match (whole, part) {
        (Value::Object(whole), Value::Object(part)) => {
            part.iter().all(|(key, value)| whole.get(key).is_some_and(|found| holds(found, value)))
        }
        (Value::Array(whole), Value::Array(part)) => {
            whole.len() == part.len() && whole.iter().zip(part).all(|(whole, part)| holds(whole, part))
        }
        (whole, part) => whole == part,
    }
}

#[test]
fn each_bound_is_said_with_its_place() {
    let with = |field: &str| said(&format!(r#"{{"returnfeed_show":1,"name":"Sunday",{field}}}"#));
    let source =
        |input: &str| with(&format!(r#""sources":[{{"input":{{"kind":"test"}}}},{{"input":{input}}}]"#));
    assert!(source(r#"{"kind":"file","path":" "}"#).starts_with("sources 2, path must not be empty"));
    assert!(source(r#"{"kind":"ndi_address","address":"cam1"}"#).contains("192.168.1.20:5961"));
    assert!(source(r#"{"kind":"hologram"}"#).contains("hologram"));
    let many = vec![r#"{"input":{"kind":"test"}}"#; 100].join(",");
    assert_eq!(with(&format!(r#""sources":[{many}]"#)), "sources are 100; the most is 99");
    assert!(with(r#""cameras":[{"camera":0}]"#).contains("camera numbers go from 1 to 99"));
    assert!(with(r#""cameras":[{"camera":1},{"camera":1}]"#).contains("is there twice"));
    let link = r#""cameras":[{"camera":1,"feeds":[{"links":[{"switcher":"OBS","input":"1"}]}]}]"#;
    assert!(with(link).contains("no switcher of the show is called so"));
    assert!(with(r#""programme":{"mode":"beside","source":1}"#).contains("no source has that number"));
    let obs =
        r#""switchers":[{"name":"OBS","host":"h","protocol":{"kind":"obs","password":{"secret":"a b"}}}]"#;
    assert!(with(obs).contains("the secret itself is in no show"));
    let plain = r#""switchers":[{"name":"OBS","host":"h","protocol":{"kind":"obs","password":"topsecret"}}]"#;
    assert!(
        !with(plain).contains("topsecret") && with(plain).contains("a text stands here, expected struct")
    );
    let tsl = r#""switchers":[{"name":"umd","host":"h","protocol":{"kind":"tsl"}}]"#;
    assert!(with(tsl).contains("TSL has no usual one"));
    assert!(with(r#""quality":{"high_bitrate":1}"#).contains("100000 to 20000000"));
    assert!(
        said(&format!(r#"{{"returnfeed_show":1,"name":"{}"}}"#, "가".repeat(121))).contains("at most 120")
    );
    assert!(said("{\"returnfeed_show\":1,\"name\":\"a\\u0000b\"}").contains("control characters"));
}

#[test]
fn what_is_outside_a_bound_is_not_written() {
    assert!(matches!(Show::new("").to_text(), Err(ShowError::Field { .. })));
    let mut long = Show::new("Sunday");
    long.rest.insert("later".into(), Value::String("x".repeat(SHOW_MAX_BYTES)));
    assert!(matches!(long.to_text(), Err(ShowError::TooLong { .. })));
}

#[test]
fn a_digest_survives_text_and_nothing_else_is_one() {
    let digest = ShowDigest::from_bytes([0xab; 32]);
    assert_eq!(digest.to_string().parse(), Ok(digest));
    assert_eq!(digest.etag(7), "\"7-abababababababab\"");
    for wrong in ["", "ab", &"g".repeat(64), &"+1".repeat(32), &"ㄱ".repeat(32)] {
        assert_eq!(wrong.parse::<ShowDigest>(), Err(NotADigest), "{wrong}");
    }
}
