//! What the engine says to a person: the English sentence, its code, and the facts in it.
//!
//! English stands here, once, and is what lines, logs and other programs get. The window's catalogue has the other
//! languages, by code: `app/src/contract/desktop.ts` names every code with its facts, so that a word that is missing there
//! does not build. Refuses nothing: what a system, GStreamer or a cloud said in its own words is [`Sentence::as_is`], and
//! shown as it is.

use std::fmt::{self, Display};
use std::ops::Deref;

use serde::{Serialize, Serializer};

/// A sentence; reads as its English text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sentence {
    code: &'static str,
    facts: Vec<String>,
    text: String,
}

/// The code of words that are not ours.
const AS_IS: &str = "as_is";

impl Sentence {
    /// Somebody else's words.
    pub fn as_is(text: impl Into<String>) -> Self {
        let text = text.into();
        Self { code: AS_IS, facts: vec![text.clone()], text }
    }

    /// The same, in the English words of a cloud: what it says is more precise, and a catalogue has the rest by code.
    #[must_use]
    pub fn worded(self, text: impl Into<String>) -> Self {
        Self { text: text.into(), ..self }
    }

    /// Which.
    pub fn code(&self) -> &'static str {
        self.code
    }

    /// What fills it, in the order of [`CODES`].
    pub fn facts(&self) -> &[String] {
        &self.facts
    }
}

/// Each is a constructor of its name that takes its facts.
macro_rules! sentences {
    ($($name:ident($($fact:ident),*) = $text:literal;)+) => {
        impl Sentence {
            $(
                #[doc = $text]
                pub fn $name($($fact: impl Display),*) -> Self {
                    let text = format!($text, $($fact = $fact),*);
                    Self { code: stringify!($name), facts: vec![$($fact.to_string()),*], text }
                }
            )+
        }

        /// Every code, and what its facts are.
        pub const CODES: &[(&str, &[&str])] =
            &[(AS_IS, &["text"]), $((stringify!($name), &[$(stringify!($fact)),*])),+];
    };
}

sentences! {
    // What is asked for and cannot be now.
    busy() = "the program is busy and did not take this; press again";
    no_show_open() = "open a show first";
    no_picture_yet() = "there is no picture yet: add a source first";
    nothing_to_switch() = "nothing can be switched yet: add a source, or wait until the sources are open";
    not_signed_in() = "sign in to the cloud first";
    no_cloud_address() = "say the cloud's address first";
    cloud_while_on_air() = "the cloud is changed when the programme is off air";
    sign_out_while_on_air() = "sign out when the programme is off air";
    new_session_while_on_air() = "a new session is made when the programme is off air";
    show_while_on_air() = "another show is opened when the programme is off air";
    delete_while_on_air() = "a show is not deleted while it is on air";
    compare_while_on_air() = "two versions are compared when the programme is off air";
    elsewhere_on_air() = "the programme is in another session already; go off air there first";
    cut_elsewhere() = "another switcher makes the programme of this show; cut there";
    no_secret_of_a_switcher(name) = "{name} is no name of a switcher's secret: it begins with obs-";
    key_empty() = "the key is empty; load a still or a lower third first";
    nothing_to_undo() = "there is no change to take back";
    nothing_to_come() = "nothing else is on preview; put the source there that is to come";
    transition_runs() = "a transition runs already; CUT ends it at once";
    transition_too_long(seconds) = "a transition takes at most {seconds} s";
    no_such_source(asked, last) = "there is no source {asked}; the sources go from 1 to {last}";
    no_session_to_report() = "there is no session yet to report of";
    encoder_failed(reason) = "the encoder failed ({reason}); the next one goes on";
    // The disk and this machine.
    no_threads(error) = "the system gives no more threads: {error}";
    settings_not_kept(error) = "the settings cannot be kept ({error}); free the disk or its rights";
    shows_folder_unusable() = "the folder of the shows cannot be used; see the line above";
    show_mended(why, aside) = "a show was damaged ({why}) and mended from its copy: {aside}";
    show_set_aside(why, aside) = "a show was damaged ({why}) and set aside: {aside}";
    not_written(path, error) = "{path} cannot be written: {error}";
    not_looked_into(path, error) = "{path} cannot be looked into: {error}";
    no_folder(path, error) = "no folder can be made in {path}: {error}";
    not_logged(reason) = "the session is not logged: {reason}";
    battery_runs_down(percent, minutes) = "this machine runs on its battery: {percent} %, some {minutes} minutes; plug it in";
    battery(percent) = "this machine runs on its battery: {percent} %; plug it in";
    disk_nearly_full(gigabytes) = "the disk has {gigabytes} GB left; free some of it";
    // The check.
    sources_none() = "there is no source; add one";
    sources_send(all) = "{all} of {all} send frames";
    sources_silent(which) = "no frames: {which}";
    encoder_unproven() = "it is proven when the first source is open";
    nobody_signed_in() = "nobody is signed in; sign in under Settings";
    no_address_known() = "no cloud's address is known";
    way_soon() = "the programme itself measures the way; look again in ten seconds";
    way_occupied() = "the session is on air from elsewhere, or is measured already; check the way when neither is";
    way_measured(mbits, rtt_ms, lost) = "{mbits} Mbit/s, round trip {rtt_ms} ms, lost {lost} of 1000";
    way_long(mbits, rtt_ms, lost) = "{mbits} Mbit/s, lost {lost} of 1000, but a round trip of {rtt_ms} ms; take a server nearer to you, or another network";
    way_lossy(mbits, rtt_ms, lost) = "{mbits} Mbit/s, round trip {rtt_ms} ms, but {lost} of 1000 lost; take a cable in place of Wi-Fi, or another network";
    way_narrow(mbits, wanted) = "only {mbits} of {wanted} Mbit/s arrive; end what else uses this network, or take another";
    phones_none() = "no operator's page is open";
    phones_ready(all) = "{all} of {all} are ready";
    udp_silent(host, port) = "{host} does not answer on UDP {port}; open it in every firewall between";
    clock_unknown() = "the cloud did not say what time it is; sign in";
    clock_apart(seconds) = "{seconds} s beside the cloud's";
    clock_wrong(seconds) = "{seconds} s beside the cloud's; set this machine's clock by the network";
    disk_free(gigabytes) = "{gigabytes} GB";
    power_mains() = "on mains";
    // The push.
    wrong_passphrase() = "the passphrase is not this session's; copy the SRT address of this session again";
    not_encrypted_alike() = "the server wants no passphrase or another kind of encryption; it is not a ReturnFeed server";
    server_full() = "the server cannot take another push now; it is tried again";
    refused_with_code(code) = "the server refused the push with SRT code {code}; look into the server's log";
    no_answer(port) = "no answer from the server; check its address, that it runs, and that UDP port {port} is open";
    server_gone() = "the server stopped answering; the network is down or the server was stopped";
    server_ended() = "the server ended the push";
    not_srt() = "what answers on this port does not speak SRT live mode version 5";
    ended_here() = "the push was ended here";
    stream_id_not_understood() = "the server did not understand the stream id; copy the whole SRT address from the session page";
    key_unknown() = "the publish key is unknown or has expired; start a new push from the session page";
    session_unknown() = "the server does not know this session; check that server and session belong together";
    superseded() = "another director has taken over this session; go live again to take it back";
    logged_out() = "this machine is signed out; sign in again";
    session_ended() = "the session has ended; make a new session";
    // The uplink and the cloud.
    cloud_of_another_version(cloud, error) = "{cloud} answers, but not as a ReturnFeed cloud of this version ({error}); update both sides";
    not_a_cloud(cloud, status) = "{cloud} answered {status} and not as a ReturnFeed cloud; check the address";
    cloud_unreachable(cloud, error) = "{cloud} cannot be reached: {error}";
    uplink_no_answer() = "the cloud's socket is closed: no answer in time; check the network";
    uplink_broke() = "the cloud's socket is closed: the connection broke; check the network and that the cloud runs";
    uplink_does_not_greet() = "the cloud's socket is closed: it does not greet; update both sides";
    uplink_spoke_first() = "the cloud's socket is closed: it spoke before it greeted; update both sides";
    uplink_silent() = "the cloud's socket is closed: nothing was heard for 12 s; check the network";
    uplink_takes_nothing() = "the cloud's socket is closed: it takes nothing any more; check the network";
    uplink_closed(why) = "the cloud's socket is closed: {why}";
    // Sources.
    source_frozen() = "no frame arrives";
    device_absent(name) = "there is no {name}; plug the device in, or choose another /dev/video device";
    file_absent(path) = "there is no file {path}; put it there and it plays by itself";
    file_without_picture() = "there is no picture in it; choose a file or device with video";
    source_hangs() = "it hangs in its driver or file system; unplug it, or restart the director";
    ndi_absent() = "it is not on the network; check its name, and that it runs in this network";
    ndi_left() = "it has left the network; it comes back by itself when it is there again";
    file_forbidden(path) = "{path} may not be read; give this user the right to read it";
    file_is_folder(path) = "{path} is a folder; name a file in it";
    file_not_opened(path, error) = "{path} cannot be opened: {error}";
    source_not_started() = "it did not start";
    source_does_not_play() = "it does not play";
    source_not_again() = "it could not be played again from its beginning";
    plugin_missing(said) = "{said}; install gstreamer1.0-libav and gstreamer1.0-plugins-bad";
    file_of_no_kind(said) = "{said}; the file is not one that GStreamer can read";
    device_busy(said) = "{said}; close the other program that uses it";
    element_missing(name, from) = "GStreamer has no {name}; install {from}";
    pipeline_broken(error) = "the pipeline could not be put together ({error}); report this as a defect";
    source_ended() = "it has ended; it is opened again";
}

impl Deref for Sentence {
    type Target = str;

    fn deref(&self) -> &str {
        &self.text
    }
}

impl Display for Sentence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Nothing is said.
impl Default for Sentence {
    fn default() -> Self {
        Self::as_is("")
    }
}

impl From<String> for Sentence {
    fn from(text: String) -> Self {
        Self::as_is(text)
    }
}

impl From<&str> for Sentence {
    fn from(text: &str) -> Self {
        Self::as_is(text)
    }
}

/// As its text: what other programs have always read.
impl Serialize for Sentence {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_sentence_has_its_facts_in_it_and_beside_it() {
        let said = Sentence::no_such_source(7, 3);
        assert_eq!(&*said, "there is no source 7; the sources go from 1 to 3");
        assert_eq!((said.code(), said.facts()), ("no_such_source", &["7".to_owned(), "3".to_owned()][..]));
        assert_eq!(serde_json::to_string(&said).unwrap(), format!("\"{said}\""));
    }

    #[test]
    fn every_code_is_one_sentence() {
        let codes: BTreeSet<&str> = CODES.iter().map(|(code, _)| *code).collect();
        assert_eq!(codes.len(), CODES.len());
    }
}
