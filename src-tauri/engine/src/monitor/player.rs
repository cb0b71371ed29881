//! GStreamer's WebRTC: an offer out, an answer in, decoded pictures.
//!
//! Refuses to wait for a display's clock: a picture is taken the moment it is decoded. Invariant: dropping it ends its
//! threads.

use std::net::{IpAddr, Ipv4Addr};
use std::str::FromStr as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use gst::prelude::*;
use gst_webrtc::{
    WebRTCBundlePolicy, WebRTCICEGatheringState, WebRTCRTPTransceiver, WebRTCRTPTransceiverDirection,
    WebRTCSDPType, WebRTCSessionDescription,
};
use tokio::sync::{mpsc, watch};

use super::capture::{CAPTURE_TIME, CAPTURE_TIME_ID, Captures, capture_time};
use super::{Screen, certificate};
use crate::clock::wall_us;

/// Constrained baseline 3.1, as every browser takes it.
const H264: &str = "application/x-rtp,media=video,encoding-name=H264,payload=96,clock-rate=90000,\
    packetization-mode=(string)1,profile-level-id=(string)42e01f,level-asymmetry-allowed=(string)1,\
    rtcp-fb-nack-pli=true";
/// What decodes H.264 into memory that a mosaic can read, the quickest first.
const DECODERS: [&str; 3] = ["avdec_h264", "openh264dec", "vtdec"];
/// How long a packet that was lost is waited for, in ms; what is in order waits for nothing.
const LATENCY_MS: u32 = 40;

/// What the player says.
#[derive(Debug)]
pub(super) enum Said {
    /// To be handed to the cloud.
    Offer(String),
    /// It works no more.
    Failed(String),
}

/// What the player's threads and its owner share.
pub(super) struct Seen {
    captures: Mutex<Captures>,
    screen: Screen,
    /// How far the cloud takes our clock to be ahead of its own.
    ahead: watch::Receiver<Option<i64>>,
}

impl Seen {
    pub(super) fn new(screen: Screen, ahead: watch::Receiver<Option<i64>>) -> Arc<Self> {
        Arc::new(Self { captures: Mutex::default(), screen, ahead })
    }

    pub(super) fn captures(&self) -> MutexGuard<'_, Captures> {
        self.captures.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn packet(&self, buffer: &gst::BufferRef) {
        let Ok(map) = buffer.map_readable() else { return };
        if let (Some(time), Some(captured)) = (buffer.pts(), capture_time(&map)) {
            self.captures().handle_packet(time.into(), captured);
        }
    }

    fn picture(&self, sample: &gst::Sample) {
        let Some(buffer) = sample.buffer_owned() else { return };
        if let Some(time) = buffer.pts() {
            let ahead = *self.ahead.borrow();
            self.captures().handle_picture(time.into(), wall_us(), ahead);
        }
        self.screen.show(buffer);
    }
}

/// What this machine lacks to play, and what to do; nothing: it can.
pub(super) fn missing() -> Option<String> {
    let packages = [
        ("webrtcbin", "gstreamer1.0-plugins-bad"),
        ("nicesrc", "gstreamer1.0-nice"),
        ("dtlsdec", "gstreamer1.0-plugins-bad"),
        ("srtpdec", "gstreamer1.0-plugins-bad"),
        ("rtph264depay", "gstreamer1.0-plugins-good"),
    ];
    let lacks = packages.into_iter().find(|(element, _)| gst::ElementFactory::find(element).is_none());
    match (lacks, decoder()) {
        (Some((_, package)), _) => Some(format!("install {package} to see what viewers see")),
        (None, None) => Some("install gstreamer1.0-libav to see what viewers see".to_owned()),
        (None, Some(_)) => None,
    }
}

fn decoder() -> Option<&'static str> {
    DECODERS.into_iter().find(|name| gst::ElementFactory::find(name).is_some())
}

/// A pipeline that receives one picture.
pub(super) struct Player {
    pipeline: gst::Pipeline,
    webrtc: gst::Element,
}

impl Player {
    /// Starts it; [`Said::Offer`] follows.
    ///
    /// # Errors
    /// What GStreamer says.
    pub(super) fn start(seen: Arc<Seen>, cloud: &str, said: mpsc::Sender<Said>) -> Result<Self, String> {
        let broken = |error: gst::glib::BoolError| error.to_string();
        let own = certificate::make()?;
        let pipeline = gst::Pipeline::with_name("monitor");
        let webrtc = gst::ElementFactory::make("webrtcbin")
            .property("bundle-policy", WebRTCBundlePolicy::MaxBundle)
            .property("latency", LATENCY_MS)
            .build()
            .map_err(broken)?;
        pipeline.add(&webrtc).map_err(broken)?;
        let player = Self { pipeline, webrtc };
        player.stay_here_for(cloud);
        player.listen(said.clone())?;
        player.believe(own.pem);
        player.receive(seen, said.clone());
        player.pipeline.set_state(gst::State::Ready).map_err(|error| error.to_string())?;
        let caps = gst::Caps::from_str(H264).map_err(broken)?;
        player.webrtc.emit_by_name::<WebRTCRTPTransceiver>(
            "add-transceiver",
            &[&WebRTCRTPTransceiverDirection::Recvonly, &caps],
        );
        player.pipeline.set_state(gst::State::Playing).map_err(|error| error.to_string())?;
        player.offer(own.fingerprint, said);
        Ok(player)
    }

    /// Takes the cloud's answer.
    ///
    /// # Errors
    /// When it is no SDP.
    pub(super) fn answer(&self, sdp: &str) -> Result<(), String> {
        let sdp = gst_sdp::SDPMessage::parse_buffer(sdp.as_bytes()).map_err(|error| error.to_string())?;
        let answer = WebRTCSessionDescription::new(WebRTCSDPType::Answer, sdp);
        self.webrtc.emit_by_name::<()>("set-remote-description", &[&answer, &None::<gst::Promise>]);
        Ok(())
    }

    /// Of itself it looks past the loopback, where a cloud on this machine may be all there is.
    fn stay_here_for(&self, cloud: &str) {
        let here = match cloud {
            "localhost" => Some(IpAddr::V4(Ipv4Addr::LOCALHOST)),
            address => address.parse::<IpAddr>().ok().filter(IpAddr::is_loopback),
        };
        if let Some(here) = here {
            let agent = self.webrtc.property::<gst::Object>("ice-agent");
            if !agent.emit_by_name::<bool>("add-local-ip-address", &[&here.to_string()]) {
                tracing::debug!(%here, "the confidence monitor has no candidate on this machine itself");
            }
        }
    }

    fn listen(&self, said: mpsc::Sender<Said>) -> Result<(), String> {
        let bus = self.pipeline.bus().ok_or("a pipeline without a bus")?;
        bus.set_sync_handler(move |_, message| {
            if let gst::MessageView::Error(error) = message.view() {
                say(&said, Said::Failed(error.error().to_string()));
            }
            gst::BusSyncReply::Drop
        });
        Ok(())
    }

    /// webrtcbin makes itself an RSA certificate, which the cloud's DTLS does not take.
    fn believe(&self, pem: String) {
        if let Some(bin) = self.webrtc.downcast_ref::<gst::Bin>() {
            bin.connect_deep_element_added(move |_, _, element| {
                if element.factory().is_some_and(|factory| factory.name() == "dtlsdec") {
                    element.set_property("pem", &pem);
                }
            });
        }
    }

    fn receive(&self, seen: Arc<Seen>, said: mpsc::Sender<Said>) {
        let pipeline = self.pipeline.downgrade();
        self.webrtc.connect_pad_added(move |_, pad| {
            let Some(pipeline) = pipeline.upgrade().filter(|_| pad.direction() == gst::PadDirection::Src)
            else {
                return;
            };
            if let Err(error) = show(&pipeline, pad, &seen) {
                say(&said, Said::Failed(error));
            }
        });
    }

    /// The offer is whole once all our candidates stand in it.
    fn offer(&self, fingerprint: String, said: mpsc::Sender<Said>) {
        self.webrtc.connect_notify(Some("ice-gathering-state"), move |webrtc, _| {
            let state = webrtc.property::<WebRTCICEGatheringState>("ice-gathering-state");
            let local = webrtc.property::<Option<WebRTCSessionDescription>>("local-description");
            if let (WebRTCICEGatheringState::Complete, Some(local)) = (state, local) {
                say(
                    &said,
                    match local.sdp().as_text() {
                        Ok(text) => Said::Offer(offered(&text, &fingerprint)),
                        Err(error) => Said::Failed(error.to_string()),
                    },
                );
            }
        });
        let webrtc = self.webrtc.downgrade();
        let made = gst::Promise::with_change_func(move |reply| {
            let offer =
                reply.ok().flatten().and_then(|reply| reply.get::<WebRTCSessionDescription>("offer").ok());
            if let (Some(webrtc), Some(offer)) = (webrtc.upgrade(), offer) {
                webrtc.emit_by_name::<()>("set-local-description", &[&offer, &None::<gst::Promise>]);
            }
        });
        self.webrtc.emit_by_name::<()>("create-offer", &[&None::<gst::Structure>, &made]);
    }
}

impl Drop for Player {
    fn drop(&mut self) {
        if let Err(error) = self.pipeline.set_state(gst::State::Null) {
            tracing::warn!(%error, "the confidence monitor did not stop cleanly");
        }
    }
}

/// From packets to pictures.
fn show(pipeline: &gst::Pipeline, pad: &gst::Pad, seen: &Arc<Seen>) -> Result<(), String> {
    let decoder = decoder().ok_or("no decoder")?;
    let chain = format!(
        "rtph264depay request-keyframe=true ! h264parse ! {decoder} ! videoconvert ! videoscale ! \
         appsink name=screen sync=false max-buffers=1 drop=true"
    );
    let bin = gst::parse::bin_from_description(&chain, true).map_err(|error| error.to_string())?;
    let sink = bin.by_name("screen").and_then(|sink| sink.downcast::<gst_app::AppSink>().ok());
    let sink = sink.ok_or("no sink")?;
    sink.set_caps(Some(&crate::picture::caps()));
    let pictures = Arc::clone(seen);
    let callbacks = gst_app::AppSinkCallbacks::builder().new_sample(move |sink| {
        let sample = sink.pull_sample().map_err(|_| gst::FlowError::Eos)?;
        pictures.picture(&sample);
        Ok(gst::FlowSuccess::Ok)
    });
    sink.set_callbacks(callbacks.build());
    pipeline.add(&bin).map_err(|error| error.to_string())?;
    bin.sync_state_with_parent().map_err(|error| error.to_string())?;
    let packets = Arc::clone(seen);
    pad.add_probe(gst::PadProbeType::BUFFER | gst::PadProbeType::BUFFER_LIST, move |_, info| {
        match &info.data {
            Some(gst::PadProbeData::Buffer(buffer)) => packets.packet(buffer),
            Some(gst::PadProbeData::BufferList(list)) => {
                list.iter().for_each(|buffer| packets.packet(buffer))
            }
            _ => {}
        }
        gst::PadProbeReturn::Ok
    });
    let into = bin.static_pad("sink").ok_or("no way in")?;
    pad.link(&into).map(drop).map_err(|error| error.to_string())
}

/// webrtcbin's offer with the digest of our certificate, and with a wish for capture times.
fn offered(sdp: &str, fingerprint: &str) -> String {
    let mut lines: Vec<String> = sdp
        .lines()
        .map(|line| match line.starts_with("a=fingerprint:") {
            true => format!("a=fingerprint:sha-256 {fingerprint}"),
            false => line.to_owned(),
        })
        .collect();
    // There is one medium: what stands at the end belongs to it.
    lines.push(format!("a=extmap:{CAPTURE_TIME_ID} {CAPTURE_TIME}"));
    lines.push(String::new());
    lines.join("\r\n")
}

fn say(said: &mpsc::Sender<Said>, what: Said) {
    // Its owner has gone on to the next, or is busy with an earlier word of ours.
    drop(said.try_send(what));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offer_has_our_certificate_and_asks_for_capture_times() {
        let sdp = "v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=fingerprint:sha-256 AA:BB\r\na=recvonly\r\n";
        let text = offered(sdp, "01:02");
        assert!(text.contains("a=fingerprint:sha-256 01:02\r\n") && !text.contains("AA:BB"), "{text}");
        assert!(
            text.ends_with("a=extmap:5 http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time\r\n")
        );
    }
}
