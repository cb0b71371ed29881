//! What a lamp shows, and why: a function of the plan and of what each switcher said last.
//!
//! Refuses to guess. Invariants: RED wins; a camera that may be on air is never shown GREEN or idle.

use std::collections::BTreeMap;

use returnfeed_protocol::{Tally, TallyReason};

use crate::facts::{Heard, SwitcherName, meant};
use crate::plan::{CameraPlan, Feed, GreenRule, InputRef};

/// A lamp and its reason.
pub(crate) type Verdict = (Tally, TallyReason);
/// Each switcher that was heard.
pub(crate) type Switchers = BTreeMap<SwitcherName, Heard>;

/// The camera's lamp. Any feed may put it on air; where none surely does and one may, nobody can say.
pub(crate) fn camera(plan: &CameraPlan, switchers: &Switchers, green: GreenRule) -> Verdict {
    if plan.feeds.is_empty() {
        return (Tally::Unknown, TallyReason::NotMapped);
    }
    let feeds: Vec<Verdict> = plan.feeds.iter().map(|each| feed(each, switchers)).collect();
    let brightest = [Tally::Program, Tally::Unknown, Tally::Preview];
    let found = brightest.into_iter().find_map(|tally| first(&feeds, tally));
    match (found, green) {
        (Some(verdict), _) => verdict,
        (None, GreenRule::PreviewBus) => (Tally::Idle, TallyReason::NotInUse),
        (None, GreenRule::EveryOther) => (Tally::Preview, TallyReason::EveryOther),
    }
}

/// A feed is as bright as its darkest link; a link on no bus keeps it dark whatever the others, even lost ones, do.
fn feed(feed: &Feed, switchers: &Switchers) -> Verdict {
    let links: Vec<Verdict> = feed.links().map(|each| link(each, switchers)).collect();
    let darkest = [Tally::Idle, Tally::Unknown, Tally::Preview, Tally::Program];
    let found = darkest.into_iter().find_map(|tally| first(&links, tally));
    found.unwrap_or((Tally::Unknown, TallyReason::NotMapped))
}

fn link(wanted: &InputRef, switchers: &Switchers) -> Verdict {
    let switcher = wanted.switcher.as_str().to_owned();
    let inputs = match switchers.get(&wanted.switcher) {
        Some(Heard::Inputs(inputs)) => inputs,
        Some(Heard::Lost { cause }) => {
            return (Tally::Unknown, TallyReason::SwitcherLost { switcher, cause: cause.clone() });
        }
        None => {
            let cause = "it was not heard yet".to_owned();
            return (Tally::Unknown, TallyReason::SwitcherLost { switcher, cause });
        }
    };
    let mut inputs = meant(inputs, &wanted.input).peekable();
    let Some(any) = inputs.peek() else {
        return (Tally::Unknown, TallyReason::InputAbsent { switcher, input: wanted.input.clone() });
    };
    let input = any.label();
    match inputs.fold((false, false), |on, fact| (on.0 || fact.programme, on.1 || fact.preview)) {
        (true, _) => (Tally::Program, TallyReason::OnProgramme { switcher, input }),
        (false, true) => (Tally::Preview, TallyReason::OnPreview { switcher, input }),
        (false, false) => (Tally::Idle, TallyReason::NotInUse),
    }
}

fn first(verdicts: &[Verdict], tally: Tally) -> Option<Verdict> {
    verdicts.iter().find(|(each, _)| *each == tally).cloned()
}
