//! Who else is told our lamps, and the secrets that the show's switchers want.
//!
//! Refuses an output that cannot be understood, before it is kept. Invariant: nobody is told until a person said so.

use std::net::IpAddr;

use secrecy::SecretString;

use super::room::{Done, Room};
use crate::outputs::OutputSpec;
use crate::sentence::Sentence;

/// What a page may keep among the secrets begins with this: no login and no session does.
const OF_A_SWITCHER: &str = "obs-";
/// The cloud's public keys, by which our own page judges passes also where we are started without it. No secret.
const KEYS: &str = "page-keys.json";

/// This machine alone, then what its interfaces have; those of one link need a zone, and are left out.
fn addresses() -> Vec<String> {
    let mut all: Vec<IpAddr> =
        if_addrs::get_if_addrs().unwrap_or_default().into_iter().map(|one| one.ip()).collect();
    all.retain(|ip| !matches!(ip, IpAddr::V6(ip) if ip.is_unicast_link_local()));
    all.sort_by_key(|ip| (!ip.is_loopback(), ip.is_ipv6()));
    all.dedup();
    all.iter().map(ToString::to_string).collect()
}

impl Room {
    pub(super) fn draw_outputs(&self) {
        let (told, addresses) = (self.settings.outputs.clone(), addresses());
        self.draw(|view| (view.told, view.addresses) = (told, addresses));
    }

    pub(super) fn set_outputs(&mut self, outputs: Vec<String>) {
        if let Some(error) = outputs.iter().find_map(|text| OutputSpec::parse(text).err()) {
            return self.refuse(error.to_string());
        }
        self.settings.outputs = outputs;
        self.keep_settings();
        self.draw_outputs();
        self.restart_when_off_air();
    }

    /// Those of the settings; one that was right when it was kept and is not now is left out, and said.
    pub(super) fn outputs(&self) -> Vec<OutputSpec> {
        let understood =
            |text: &String| OutputSpec::parse(text).inspect_err(|error| self.refuse(error.to_string())).ok();
        let all = self.settings.outputs.iter().filter_map(understood);
        all.map(|spec| spec.keeping_keys_in(&self.folders.data.join(KEYS))).collect()
    }

    /// A keyring may wait for a person: the engine is started again once it is kept.
    pub(super) fn keep_secret(&mut self, name: String, secret: SecretString) {
        if !name.starts_with(OF_A_SWITCHER) {
            return self.refuse(Sentence::no_secret_of_a_switcher(name));
        }
        let secrets = self.secrets.clone();
        self.tasks.spawn_blocking(move || Done::SecretKept(secrets.keep(&name, &secret).map(|_| ())));
    }

    pub(super) fn secret_kept(&mut self, result: Result<(), crate::secrets::SecretError>) {
        match result {
            Ok(()) => self.restart_when_off_air(),
            Err(error) => self.refuse(error.to_string()),
        }
    }
}
