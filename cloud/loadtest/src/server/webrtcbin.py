"""One pipeline: RTP in, a tee for each stream, a webrtcbin for each viewer. A JSON object a line in, one out.

{"join": 1} -> {"offer": SDP with candidates}; {"answer": 1, "sdp": SDP} -> {}. Python is not on any packet's way.
"""

import json
import sys
import threading

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstWebRTC", "1.0")
gi.require_version("GstSdp", "1.0")
from gi.repository import GLib, Gst, GstSdp, GstWebRTC  # noqa: E402

Gst.init(None)
identity = open(sys.argv[1], encoding="ascii").read()
video_port, audio_port, video_pt, audio_pt, video_ssrc, audio_ssrc = (int(word) for word in sys.argv[2:8])

# The sources stand in the offer only if they stand here, and a viewer knows by nothing else whose a packet is.
CAPS = {
    "v": f"application/x-rtp,media=video,encoding-name=H264,payload={video_pt},clock-rate=90000,"
    f"packetization-mode=(string)1,profile-level-id=(string)42e01f,ssrc=(uint){video_ssrc}",
    "a": f"application/x-rtp,media=audio,encoding-name=OPUS,payload={audio_pt},clock-rate=48000,"
    f"encoding-params=(string)2,ssrc=(uint){audio_ssrc}",
}
PORTS = {"v": video_port, "a": audio_port}
pipeline = Gst.parse_launch(
    " ".join(
        f'udpsrc address=127.0.0.1 port={PORTS[name]} caps="{CAPS[name]}" ! tee name={name} allow-not-linked=true'
        for name in "va"
    )
)
# webrtcbin's own certificate is RSA, which not every DTLS speaks.
pipeline.connect(
    "deep-element-added",
    lambda _bin, _sub, element: element.set_property("pem", identity)
    if element.get_factory() and element.get_factory().get_name() == "dtlsdec"
    else None,
)
pipeline.set_state(Gst.State.PLAYING)
peers = {}


def wait(promise_call):
    promise = Gst.Promise.new()
    promise_call(promise)
    promise.wait()
    return promise.get_reply()


def join(peer_id):
    peer = Gst.ElementFactory.make("webrtcbin", f"peer{peer_id}")
    peer.set_property("bundle-policy", GstWebRTC.WebRTCBundlePolicy.MAX_BUNDLE)
    pipeline.add(peer)
    queues = []
    for name in "va":
        queue = Gst.ElementFactory.make("queue", None)
        pipeline.add(queue)
        pad = peer.request_pad_simple("sink_%u")
        queue.get_static_pad("src").link(pad)
        pad.get_property("transceiver").set_property(
            "direction", GstWebRTC.WebRTCRTPTransceiverDirection.SENDONLY
        )
        queues.append((name, queue))
    gathered = threading.Event()

    def on_gathering(_peer, _param):
        if peer.get_property("ice-gathering-state") == GstWebRTC.WebRTCICEGatheringState.COMPLETE:
            gathered.set()

    peer.connect("notify::ice-gathering-state", on_gathering)
    peer.sync_state_with_parent()
    # Last: a packet that found it asleep would end the source for everybody.
    for name, queue in queues:
        queue.sync_state_with_parent()
        pipeline.get_by_name(name).request_pad_simple("src_%u").link(queue.get_static_pad("sink"))
    peers[peer_id] = peer
    offer = None
    for _ in range(250):  # caps travel first, and the sources with them
        reply = wait(lambda promise: peer.emit("create-offer", None, promise))
        offer = reply.get_value("offer")
        text = offer.sdp.as_text()
        if all(f"a=ssrc:{ssrc} " in text for ssrc in (video_ssrc, audio_ssrc)):
            break
        threading.Event().wait(0.02)
    wait(lambda promise: peer.emit("set-local-description", offer, promise))
    gathered.wait(5)
    return {"offer": peer.get_property("local-description").sdp.as_text()}


def answer(peer_id, sdp):
    _, message = GstSdp.SDPMessage.new_from_text(sdp)
    description = GstWebRTC.WebRTCSessionDescription.new(GstWebRTC.WebRTCSDPType.ANSWER, message)
    wait(lambda promise: peers[peer_id].emit("set-remote-description", description, promise))
    return {}


def serve():
    for line in sys.stdin:
        word = json.loads(line)
        done = join(word["join"]) if "join" in word else answer(word["answer"], word["sdp"])
        print(json.dumps(done), flush=True)
    loop.quit()


loop = GLib.MainLoop()
threading.Thread(target=serve, daemon=True).start()
loop.run()
