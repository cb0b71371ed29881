//! What a switcher says, in words that every switcher shares.
//!
//! Refuses to know a protocol: a codec of `core/switchers`, or the built-in switcher, puts its own into these words.
//! Invariant: a fact is about the present; whoever cannot vouch for it any more says *lost*.

use std::fmt;

/// A switcher, as the director named it: its name in every reason.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SwitcherName(String);

impl SwitcherName {
    /// Names a switcher.
    pub fn new(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for SwitcherName {
    fn from(name: &str) -> Self {
        Self(name.to_owned())
    }
}

impl fmt::Display for SwitcherName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// One input of a switcher at this moment. During a mix or wipe both sides are on programme, and so is whatever a
/// key or a picture-in-picture shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputFact {
    /// Its number, where the switcher numbers its inputs.
    pub index: Option<u16>,
    /// As the switcher names it; may be empty.
    pub name: String,
    /// Any part of it is on air.
    pub programme: bool,
    /// It comes next.
    pub preview: bool,
}

impl InputFact {
    /// An input on neither bus.
    pub fn new(index: Option<u16>, name: impl Into<String>) -> Self {
        Self { index, name: name.into(), programme: false, preview: false }
    }

    /// What a person calls it: its name, else its number.
    pub fn label(&self) -> String {
        match (self.name.as_str(), self.index) {
            ("", Some(index)) => index.to_string(),
            (name, _) => name.to_owned(),
        }
    }
}

/// What is known of one switcher.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Heard {
    /// Every input it has, as it said last.
    Inputs(Vec<InputFact>),
    /// It cannot be heard.
    Lost { cause: String },
}

/// The inputs that a show means by `wanted`: by number where one has it, else by name. Names need not be unique.
pub fn meant<'a>(inputs: &'a [InputFact], wanted: &'a str) -> impl Iterator<Item = &'a InputFact> {
    let number = wanted.parse::<u16>().ok().filter(|number| inputs.iter().any(|i| i.index == Some(*number)));
    inputs.iter().filter(move |input| match number {
        Some(number) => input.index == Some(number),
        None => input.name == wanted,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_means_the_number_first_and_the_name_where_no_input_has_it() {
        let inputs =
            [InputFact::new(Some(1), "2"), InputFact::new(Some(2), "wide"), InputFact::new(None, "7")];
        let found = |wanted| meant(&inputs, wanted).map(InputFact::label).collect::<Vec<_>>();
        assert_eq!(found("2"), ["wide"]);
        assert_eq!(found("wide"), ["wide"]);
        assert_eq!(found("7"), ["7"]);
        assert!(found("8").is_empty());
    }

    #[test]
    fn inputs_of_one_name_are_all_meant() {
        let inputs = [InputFact::new(Some(1), "cam"), InputFact::new(Some(2), "cam")];
        assert_eq!(meant(&inputs, "cam").count(), 2);
    }
}
