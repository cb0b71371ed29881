#!/usr/bin/python3
"""A WHEP player made of GStreamer's webrtcbin: asks URL with a bearer TOKEN and prints what it decodes.

    whep-webrtcbin.py URL TOKEN FRAMES

Ends with 0 when FRAMES pictures were decoded. webrtcbin makes itself an RSA certificate, which the server's DTLS does
not take, so its decoders are given an elliptic-curve one before they make their own.
"""
import hashlib
import re
import ssl
import subprocess
import sys
import urllib.error
import urllib.request

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstWebRTC", "1.0")
gi.require_version("GstSdp", "1.0")
from gi.repository import GLib, Gst, GstSdp, GstWebRTC  # noqa: E402

H264 = (
    "application/x-rtp,media=video,encoding-name=H264,payload=96,clock-rate=90000,"
    "packetization-mode=(string)1,profile-level-id=(string)42e01f,level-asymmetry-allowed=(string)1,"
    "rtcp-fb-nack-pli=true"
)
OPUS = "application/x-rtp,media=audio,encoding-name=OPUS,payload=97,clock-rate=48000,encoding-params=(string)2"


def ec_certificate():
    """A certificate with its key, and its fingerprint as SDP writes it (RFC 8122 5)."""
    made = subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
         "-subj", "/CN=whep", "-days", "1", "-keyout", "/dev/stdout", "-out", "/dev/stdout"],
        check=True, capture_output=True, text=True,
    ).stdout
    certificate = made[made.index("-----BEGIN CERTIFICATE"):]
    digest = hashlib.sha256(ssl.PEM_cert_to_DER_cert(certificate)).hexdigest().upper()
    return certificate + made[:made.index("-----BEGIN CERTIFICATE")], ":".join(re.findall("..", digest))


class Player:
    def __init__(self, url, token, frames):
        self.url, self.token, self.wanted, self.decoded = url, token, frames, 0
        self.loop = GLib.MainLoop()
        self.failure = None
        self.pem, self.fingerprint = ec_certificate()
        self.pipeline = Gst.Pipeline()
        self.webrtc = Gst.ElementFactory.make("webrtcbin")
        self.webrtc.set_property("bundle-policy", GstWebRTC.WebRTCBundlePolicy.MAX_BUNDLE)
        self.webrtc.connect("deep-element-added", self.deep_element)
        self.webrtc.connect("pad-added", self.pad)
        self.pipeline.add(self.webrtc)
        self.pipeline.get_bus().add_signal_watch()
        self.pipeline.get_bus().connect("message::error", self.error)

    def run(self):
        self.pipeline.set_state(Gst.State.READY)
        for caps in (OPUS, H264):
            direction = GstWebRTC.WebRTCRTPTransceiverDirection.RECVONLY
            self.webrtc.emit("add-transceiver", direction, Gst.Caps.from_string(caps))
        self.pipeline.set_state(Gst.State.PLAYING)
        self.webrtc.connect("notify::ice-gathering-state", self.gathered)
        self.webrtc.emit("create-offer", None, Gst.Promise.new_with_change_func(self.offered, None))
        GLib.timeout_add_seconds(60, self.fail, "no pictures within a minute")
        self.loop.run()
        self.pipeline.set_state(Gst.State.NULL)
        if self.failure:
            sys.exit(f"whep-webrtcbin: {self.failure}")

    def offered(self, promise, _):
        reply = promise.get_reply()  # keeps the offer alive
        offer = reply.get_value("offer")
        done = Gst.Promise.new()
        self.webrtc.emit("set-local-description", offer, done)
        done.interrupt()

    def gathered(self, *_):
        if self.webrtc.get_property("ice-gathering-state") == GstWebRTC.WebRTCICEGatheringState.COMPLETE:
            GLib.idle_add(self.ask)

    def ask(self):
        offer = self.webrtc.get_property("local-description").sdp.as_text()
        # webrtcbin digests the whole PEM, the key with it.
        offer = re.sub(r"(a=fingerprint:sha-256 )\S+", rf"\g<1>{self.fingerprint}", offer)
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/sdp"}
        request = urllib.request.Request(self.url, offer.encode(), headers, method="POST")
        try:
            with urllib.request.urlopen(request) as response:
                text = response.read()
        except urllib.error.HTTPError as refused:
            return self.fail(f"refused with {refused.code}: {refused.read().decode()}")
        _, message = GstSdp.SDPMessage.new()
        GstSdp.sdp_message_parse_buffer(text, message)
        answer = GstWebRTC.WebRTCSessionDescription.new(GstWebRTC.WebRTCSDPType.ANSWER, message)
        self.webrtc.emit("set-remote-description", answer, None)
        return False

    def deep_element(self, _bin, _sub, element):
        factory = element.get_factory()
        if factory and factory.get_name() == "dtlsdec":
            element.set_property("pem", self.pem)

    def pad(self, _webrtc, pad):
        if pad.get_direction() != Gst.PadDirection.SRC:
            return
        is_video = pad.get_current_caps().get_structure(0).get_value("media") == "video"
        chain = "rtph264depay ! h264parse ! avdec_h264 ! fakesink name=out sync=false signal-handoffs=true"
        sink = Gst.parse_bin_from_description(chain if is_video else "fakesink sync=false", True)
        if is_video:
            sink.get_by_name("out").connect("handoff", self.picture)
        self.pipeline.add(sink)
        sink.sync_state_with_parent()
        pad.link(sink.get_static_pad("sink"))

    def picture(self, _sink, _buffer, pad):
        self.decoded += 1
        if self.decoded == self.wanted:
            size = pad.get_current_caps().get_structure(0)
            print(f"decoded {self.decoded} pictures of {size.get_value('width')}x{size.get_value('height')}", flush=True)
            GLib.idle_add(self.loop.quit)

    def error(self, _bus, message):
        self.fail(str(message.parse_error()))

    def fail(self, why):
        self.failure = why
        self.loop.quit()
        return False


Gst.init(None)
Player(sys.argv[1], sys.argv[2], int(sys.argv[3])).run()
