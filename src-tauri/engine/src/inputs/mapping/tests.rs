use super::*;

fn map(tallies: &[&str], cameras: &[&str]) -> Result<CameraMap, MapError> {
    let owned = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect::<Vec<_>>();
    CameraMap::parse(&owned(cameras), &InputSpec::parse_all(&owned(tallies)).unwrap())
}

fn plans(map: &CameraMap, known: &[(&str, &[InputFact])]) -> Vec<(u16, Vec<Feed>)> {
    let known = known.iter().map(|(name, inputs)| (SwitcherName::from(*name), inputs.to_vec())).collect();
    let cameras = map.cameras((1..=2).filter_map(SourceNumber::new), &known);
    cameras.into_iter().map(|plan| (plan.camera.get(), plan.feeds)).collect()
}

#[test]
fn alone_source_n_is_camera_n() {
    let plans = plans(&CameraMap::default(), &[]);
    assert_eq!(plans, [(1, vec![Feed::of(BUILT_IN, "1")]), (2, vec![Feed::of(BUILT_IN, "2")])]);
}

#[test]
fn a_foreign_switcher_takes_over_and_its_numbers_are_the_cameras() {
    let map = map(&["vmix:h", "obs:h"], &[]).unwrap();
    assert!(plans(&map, &[]).is_empty(), "nothing was heard yet");
    let vmix = [InputFact::new(Some(1), "Wide"), InputFact::new(Some(100), "far away")];
    let obs = [InputFact::new(None, "Cam 1"), InputFact::new(None, "Logo"), InputFact::new(None, "카메라3")];
    let plans = plans(&map, &[("vMix", &vmix), ("OBS", &obs)]);
    let one = vec![Feed::of("vMix", "1"), Feed::of("OBS", "Cam 1")];
    assert_eq!(plans, [(1, one), (3, vec![Feed::of("OBS", "카메라3")])]);
}

#[test]
fn what_is_written_is_all_there_is() {
    let map = map(&["vmix:h", "van=atem:h"], &["3=VMIX:5", "3=vmix:a+b", "4=van:1+vMix:2", "5=returnfeed:1"]);
    let plans = plans(&map.unwrap(), &[("vMix", &[InputFact::new(Some(1), "")])]);
    let three = vec![Feed::of("vMix", "5"), Feed::of("vMix", "a+b")];
    let four = vec![Feed::of("van", "1").through("vMix", "2")];
    assert_eq!(plans, [(3, three), (4, four), (5, vec![Feed::of(BUILT_IN, "1")])]);
}

#[test]
fn each_mistake_says_what_to_write() {
    let say = |camera: &str| map(&["vmix:h"], &[camera]).unwrap_err().to_string();
    for wrong in ["vMix:5", "0=vMix:5", "100=vMix:5", "x=vMix:5", "3=vMix", "3=vMix:"] {
        assert!(say(wrong).contains("write N=SWITCHER:INPUT"), "{wrong}");
    }
    assert!(say("3=OBS:5").contains("there is: vMix, ReturnFeed"));
}

#[test]
fn the_screen_is_told_which_cameras_each_input_feeds() {
    let map = map(&["vmix:h"], &["3=vMix:2", "4=vMix:Wide", "4=vMix:2"]).unwrap();
    let inputs = [InputFact::new(Some(1), "Wide"), InputFact::new(Some(2), "")];
    let cameras = map.cameras(std::iter::empty(), &BTreeMap::new());
    let mapped: Vec<_> = mapped(&"vMix".into(), &inputs, &cameras)
        .into_iter()
        .map(|each| (each.input, each.cameras.into_iter().map(CameraNumber::get).collect::<Vec<_>>()))
        .collect();
    assert_eq!(mapped, [("Wide".to_owned(), vec![4]), ("2".to_owned(), vec![3, 4])]);
}
