//! Every bound of a show, said once.

use std::collections::BTreeSet;

use super::{
    OutputTarget, ProgrammeMode, SHOW_NAME_LONGEST, SecretRef, Show, ShowCamera, ShowError, ShowOutput,
    ShowSource, ShowSwitcher, SourceInput, SwitcherProtocol,
};
use crate::{Bitrate, CameraNumber};

const NAME: usize = SHOW_NAME_LONGEST;
const TEXT: usize = 1_024;
const SWITCHERS: usize = 16;
const TSL_DISPLAYS: usize = 99;
const OUTPUTS: usize = 8;
const FEEDS: usize = 16;
const LINKS: usize = 8;
const KEYS: usize = 256;
const KEY: usize = 64;
/// Our own switcher, in cameras' feeds.
const OWN: &str = "ReturnFeed";

type Checked = Result<(), ShowError>;

fn wrong(path: impl Into<String>, why: impl Into<String>) -> ShowError {
    ShowError::Field { path: path.into(), why: why.into() }
}

pub(super) fn show(show: &Show) -> Checked {
    named("name", &show.name, NAME)?;
    at_most("sources", show.sources.len(), CameraNumber::MAX.into())?;
    at_most("switchers", show.switchers.len(), SWITCHERS)?;
    at_most("cameras", show.cameras.len(), CameraNumber::MAX.into())?;
    at_most("outputs", show.outputs.len(), OUTPUTS)?;
    at_most("keys", show.keys.len(), KEYS)?;
    each("sources", &show.sources, source)?;
    each("switchers", &show.switchers, switcher)?;
    each("cameras", &show.cameras, |path, one| camera(path, one, &show.switchers))?;
    each("outputs", &show.outputs, output)?;
    once("cameras, camera", show.cameras.iter().map(|one| one.camera))?;
    once("switchers, name", show.switchers.iter().map(|one| one.name.to_lowercase()))?;
    once("outputs, layer", show.outputs.iter().map(|one| one.layer))?;
    if let ProgrammeMode::Beside { source, .. } = show.programme {
        let sources = 1..=show.sources.len();
        if !sources.contains(&usize::from(source)) {
            return Err(wrong("programme, source", format!("is {source}, and no source has that number")));
        }
    }
    for (action, key) in &show.keys {
        named("keys, an action", action, KEY)?;
        named(&format!("keys, {action}"), key, KEY)?;
    }
    let quality = &show.quality;
    if let Some(encoder) = &quality.encoder {
        named("quality, encoder", encoder, KEY)?;
    }
    rate("quality, high_bitrate", quality.high_bitrate, 100_000, 20_000_000)?;
    rate("quality, low_bitrate", quality.low_bitrate, 20_000, 5_000_000)
}

fn source(path: &str, source: &ShowSource) -> Checked {
    text(&format!("{path}, name"), &source.name, NAME)?;
    match &source.input {
        SourceInput::Test { .. } => Ok(()),
        SourceInput::File { path: file, .. } => named(&format!("{path}, path"), file, TEXT),
        SourceInput::V4l2 { device, .. } => named(&format!("{path}, device"), device, TEXT),
        SourceInput::Ndi { name, .. } => named(&format!("{path}, NDI name"), name, TEXT),
        SourceInput::NdiAddress { address, .. } => match address.parse::<std::net::SocketAddr>() {
            Ok(_) => Ok(()),
            Err(_) => {
                Err(wrong(format!("{path}, address"), "must be an address and port, as in 192.168.1.20:5961"))
            }
        },
    }
}

fn switcher(path: &str, switcher: &ShowSwitcher) -> Checked {
    let name = format!("{path}, name");
    named(&name, &switcher.name, NAME)?;
    if !switcher.name.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_') {
        return Err(wrong(name, "must be of letters, digits, - and _"));
    }
    if switcher.name.eq_ignore_ascii_case(OWN) {
        return Err(wrong(name, format!("must not be {OWN}: that is our own switcher")));
    }
    named(&format!("{path}, host"), &switcher.host, TEXT)?;
    match &switcher.protocol {
        SwitcherProtocol::Vmix { .. } | SwitcherProtocol::Atem { .. } => Ok(()),
        SwitcherProtocol::Obs { password, .. } => match password {
            Some(password) => secret(&format!("{path}, password"), password),
            None => Ok(()),
        },
        SwitcherProtocol::Tsl { programme, preview, displays, .. } => {
            if switcher.port.is_none() {
                return Err(wrong(format!("{path}, port"), "must be given: TSL has no usual one"));
            }
            at_most(&format!("{path}, displays"), displays.len(), TSL_DISPLAYS)?;
            once(&format!("{path}, displays"), displays.iter().map(|one| one.display))?;
            let own = displays.iter().flat_map(|one| [&one.programme, &one.preview]);
            for lamp in [programme, preview].into_iter().flatten().chain(own) {
                if !(1..=4).contains(lamp) {
                    return Err(wrong(path, format!("names tally {lamp}; there are tallies 1 to 4")));
                }
            }
            Ok(())
        }
    }
}

fn camera(path: &str, camera: &ShowCamera, switchers: &[ShowSwitcher]) -> Checked {
    text(&format!("{path}, name"), &camera.name, NAME)?;
    at_most(&format!("{path}, feeds"), camera.feeds.len(), FEEDS)?;
    each(&format!("{path}, feeds"), &camera.feeds, |path, feed| {
        if feed.links.is_empty() {
            return Err(wrong(path, "must have a link"));
        }
        at_most(&format!("{path}, links"), feed.links.len(), LINKS)?;
        each(&format!("{path}, links"), &feed.links, |path, link| {
            let named_so = |name: &str| name.eq_ignore_ascii_case(&link.switcher);
            if !named_so(OWN) && !switchers.iter().any(|switcher| named_so(&switcher.name)) {
                let why = format!("is {:?}, and no switcher of the show is called so", link.switcher);
                return Err(wrong(format!("{path}, switcher"), why));
            }
            named(&format!("{path}, input"), &link.input, NAME)
        })
    })
}

fn output(path: &str, output: &ShowOutput) -> Checked {
    text(&format!("{path}, name"), &output.name, NAME)?;
    let OutputTarget::Srt { host, stream_id, passphrase, latency_ms, port, .. } = &output.target;
    named(&format!("{path}, host"), host, TEXT)?;
    text(&format!("{path}, stream_id"), stream_id, 512)?;
    secret(&format!("{path}, passphrase"), passphrase)?;
    if *port == 0 {
        return Err(wrong(format!("{path}, port"), "must not be 0"));
    }
    match latency_ms {
        Some(10_001..) => Err(wrong(format!("{path}, latency_ms"), "must be at most 10 000")),
        Some(_) | None => Ok(()),
    }
}

fn secret(path: &str, reference: &SecretRef) -> Checked {
    let name = &reference.secret;
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if name.is_empty() || name.len() > 64 || !name.chars().all(plain) || name.starts_with('.') {
        let why = "must be the name of a secret, 1 to 64 letters, digits, -, _ and .; the secret itself is in no show";
        return Err(wrong(path, why));
    }
    Ok(())
}

fn each<T>(path: &str, all: &[T], check: impl Fn(&str, &T) -> Checked) -> Checked {
    all.iter().zip(1..).try_for_each(|(one, place)| check(&format!("{path} {place}"), one))
}

fn at_most(path: &str, count: usize, most: usize) -> Checked {
    if count > most { Err(wrong(path, format!("are {count}; the most is {most}"))) } else { Ok(()) }
}

fn once<T: Ord>(path: &str, all: impl Iterator<Item = T>) -> Checked {
    let mut seen = BTreeSet::new();
    for (value, place) in all.zip(1..) {
        if !seen.insert(value) {
            return Err(wrong(path, format!("of number {place} is there twice")));
        }
    }
    Ok(())
}

fn text(path: &str, text: &str, longest: usize) -> Checked {
    if text.chars().count() > longest {
        return Err(wrong(path, format!("must have at most {longest} characters")));
    }
    if text.chars().any(char::is_control) {
        return Err(wrong(path, "must not hold control characters"));
    }
    Ok(())
}

fn named(path: &str, value: &str, longest: usize) -> Checked {
    if value.trim().is_empty() {
        return Err(wrong(path, "must not be empty"));
    }
    text(path, value, longest)
}

fn rate(path: &str, rate: Option<Bitrate>, least: u64, most: u64) -> Checked {
    match rate {
        Some(Bitrate(bits)) if !(least..=most).contains(&bits) => {
            Err(wrong(path, format!("is {bits} bit/s; it goes from {least} to {most}")))
        }
        Some(_) | None => Ok(()),
    }
}
