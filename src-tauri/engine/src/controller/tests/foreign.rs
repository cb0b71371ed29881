//! Foreign switchers, whose tally is heard.

use returnfeed_tally::GreenRule;

use super::*;

/// A show whose tally comes from these switchers, as the command line would have it.
fn foreign(tallies: &[&str], cameras: &[&str]) -> Stage {
    let owned = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect::<Vec<_>>();
    let inputs = crate::inputs::InputSpec::parse_all(&owned(tallies)).unwrap();
    let cameras = CameraMap::parse(&owned(cameras), &inputs).unwrap();
    Stage::with(1, TallyConfig { cameras, green: GreenRule::PreviewBus })
}

fn switcher(name: &str, lights: &[(&str, bool, bool)]) -> Event {
    let fact = |(number, (name, programme, preview)): (u16, &(&str, bool, bool))| InputFact {
        programme: *programme,
        preview: *preview,
        ..InputFact::new(Some(number), *name)
    };
    Event::Switcher(name.into(), InputEvent::Inputs((1..).zip(lights).map(fact).collect()))
}

#[test]
fn a_foreign_switchers_inputs_are_the_cameras_and_the_own_source_lights_none() {
    let mut stage = foreign(&["vmix:h"], &[]);
    stage.hear(buses(1, 0));
    let heard = stage.hear(switcher("vMix", &[("Wide", true, false), ("Tight", false, true)]));
    assert_eq!(said(&heard), [(Epoch(0), vec![Tally::Program, Tally::Preview])]);
    let shown = stage.shown();
    let mapping = shown.iter().find_map(|notice| match notice {
        Notice::Mapping { switcher, inputs } => Some((switcher.as_str(), inputs.len())),
        _ => None,
    });
    assert_eq!(mapping, Some(("vMix", 2)));
}

#[test]
fn a_lost_switcher_darkens_its_own_cameras_alone_until_it_is_heard_again() {
    let mut stage = foreign(&["vmix:h", "atem:h"], &["1=vMix:1", "2=ATEM:1"]);
    stage.hear(switcher("vMix", &[("Wide", true, false)]));
    stage.hear(switcher("ATEM", &[("Crane", false, true)]));
    let lost = InputEvent::Lost { reason: "it closed the connection".into(), retry_in: None };
    let heard = stage.hear(Event::Switcher("vMix".into(), lost));
    assert_eq!(said(&heard)[0].1, [Tally::Unknown, Tally::Preview]);
    let heard = stage.hear(switcher("vMix", &[("Wide", true, false)]));
    assert_eq!(said(&heard)[0].1, [Tally::Program, Tally::Preview]);
}
