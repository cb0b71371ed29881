//! What differs between two versions of a show, as a person reads it: one line for each thing.
//!
//! Refuses to know the fields of a show: a field that this program does not know differs like any other. Things of a
//! list are told apart by what they are called, so that one more source at the top does not make every other a
//! difference.

use serde_json::{Map, Value};

/// By what a thing of a list is known, the first that every thing of both lists has, and no two alike.
const NAMES: [&str; 3] = ["camera", "name", "layer"];

/// A step on the way to a difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// A field.
    Field(String),
    /// A thing of a list, by what it is called.
    Called(String),
    /// A thing of a list, by its place, counted from 1.
    Place(usize),
    /// The order of a list.
    Order,
}

/// One thing that is not the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Where.
    pub path: Vec<Step>,
    /// As this machine has it; `None`: it does not.
    pub ours: Option<Value>,
    /// As the cloud has it; `None`: it does not.
    pub theirs: Option<Value>,
}

/// Everything that differs, in the order of the fields' names.
pub fn differences(ours: &Value, theirs: &Value) -> Vec<Difference> {
    let mut found = Vec::new();
    compare(&mut Vec::new(), Some(ours), Some(theirs), &mut found);
    found
}

fn compare(path: &mut Vec<Step>, ours: Option<&Value>, theirs: Option<&Value>, found: &mut Vec<Difference>) {
    match (ours, theirs) {
        (ours, theirs) if ours == theirs => {}
        (Some(Value::Object(ours)), Some(Value::Object(theirs))) => objects(path, ours, theirs, found),
        (Some(Value::Array(ours)), Some(Value::Array(theirs))) => lists(path, ours, theirs, found),
        (ours, theirs) => {
            found.push(Difference { path: path.clone(), ours: ours.cloned(), theirs: theirs.cloned() });
        }
    }
}

fn step(
    path: &mut Vec<Step>,
    step: Step,
    ours: Option<&Value>,
    theirs: Option<&Value>,
    found: &mut Vec<Difference>,
) {
    path.push(step);
    compare(path, ours, theirs, found);
    path.pop();
}

fn objects(
    path: &mut Vec<Step>,
    ours: &Map<String, Value>,
    theirs: &Map<String, Value>,
    found: &mut Vec<Difference>,
) {
    for (key, value) in ours {
        step(path, Step::Field(key.clone()), Some(value), theirs.get(key), found);
    }
    for (key, value) in theirs.iter().filter(|(key, _)| !ours.contains_key(*key)) {
        step(path, Step::Field(key.clone()), None, Some(value), found);
    }
}

fn lists(path: &mut Vec<Step>, ours: &[Value], theirs: &[Value], found: &mut Vec<Difference>) {
    let Some((our_names, their_names)) =
        NAMES.iter().find_map(|key| Some((names(ours, key)?, names(theirs, key)?)))
    else {
        for place in 0..ours.len().max(theirs.len()) {
            step(path, Step::Place(place + 1), ours.get(place), theirs.get(place), found);
        }
        return;
    };
    let of = |all: &'_ [String], name: &str| all.iter().position(|one| one == name);
    for (name, value) in our_names.iter().zip(ours) {
        let other = of(&their_names, name).and_then(|place| theirs.get(place));
        step(path, Step::Called(name.clone()), Some(value), other, found);
    }
    for (name, value) in their_names.iter().zip(theirs) {
        if of(&our_names, name).is_none() {
            step(path, Step::Called(name.clone()), None, Some(value), found);
        }
    }
    let common = |all: &[String], others: &[String]| -> Vec<Value> {
        all.iter().filter(|name| others.contains(name)).cloned().map(Value::String).collect()
    };
    let (our_order, their_order) = (common(&our_names, &their_names), common(&their_names, &our_names));
    if our_order != their_order {
        let mut path = path.clone();
        path.push(Step::Order);
        let (ours, theirs) = (Some(Value::Array(our_order)), Some(Value::Array(their_order)));
        found.push(Difference { path, ours, theirs });
    }
}

/// What every thing of a list is called; `None` where one is not called anything, or two are called the same.
fn names(list: &[Value], key: &str) -> Option<Vec<String>> {
    let mut names = Vec::with_capacity(list.len());
    for thing in list {
        let name = match thing.get(key)? {
            Value::String(text) if !text.is_empty() => text.clone(),
            Value::Number(number) => number.to_string(),
            _ => return None,
        };
        if names.contains(&name) {
            return None;
        }
        names.push(name);
    }
    Some(names)
}

impl std::fmt::Display for Step {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Field(name) => f.write_str(name),
            Self::Called(name) => write!(f, "\"{name}\""),
            Self::Place(place) => place.fmt(f),
            Self::Order => f.write_str("order"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn said(ours: &Value, theirs: &Value) -> Vec<String> {
        let line = |one: &Difference| {
            let path: Vec<String> = one.path.iter().map(ToString::to_string).collect();
            let value = |value: &Option<Value>| value.as_ref().map_or("-".to_owned(), Value::to_string);
            format!("{}: {} | {}", path.join(" "), value(&one.ours), value(&one.theirs))
        };
        differences(ours, theirs).iter().map(line).collect()
    }

    #[test]
    fn what_is_the_same_is_no_difference_and_the_others_have_their_place() {
        let ours = json!({"name": "Sunday", "green": "preview", "keys": {"cut": "Space"}});
        let theirs = json!({"name": "Easter", "green": "preview", "keys": {"cut": "Space", "auto": "Enter"}});
        assert_eq!(said(&ours, &ours), [""; 0]);
        assert_eq!(said(&ours, &theirs), [r#"keys auto: - | "Enter""#, r#"name: "Sunday" | "Easter""#]);
    }

    #[test]
    fn one_more_source_at_the_top_is_one_difference() {
        let wide = json!({"name": "Wide", "camera": 1});
        let ours = json!({"sources": [wide, {"name": "Crane"}]});
        let theirs = json!({"sources": [{"name": "Bars"}, wide, {"name": "Crane", "camera": 2}]});
        assert_eq!(
            said(&ours, &theirs),
            [r#"sources "Crane" camera: - | 2"#, r#"sources "Bars": - | {"name":"Bars"}"#]
        );
    }

    #[test]
    fn sources_that_changed_places_are_told_by_their_order() {
        let ours = json!({"sources": [{"name": "A"}, {"name": "B"}]});
        let theirs = json!({"sources": [{"name": "B"}, {"name": "A"}]});
        assert_eq!(said(&ours, &theirs), [r#"sources order: ["A","B"] | ["B","A"]"#]);
    }

    #[test]
    fn things_without_a_name_differ_by_their_place() {
        let ours = json!({"sources": [{"name": ""}, {"name": "A"}], "feeds": [1, 2]});
        let theirs = json!({"sources": [{"name": ""}, {"name": "B"}], "feeds": [1]});
        assert_eq!(said(&ours, &theirs), ["feeds 2: 2 | -", r#"sources 2 name: "A" | "B""#]);
    }
}
