// Makes a peer connection that receives the programme with the least delay: no jitter buffer for the picture,
// capture times asked for. What a browser does not offer is left out, never demanded.

const WANTED_EXTENSIONS = [
  "http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time", // true glass to glass
  "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay", // the server says 0
];

/** Of WebRTC Extensions; not in TypeScript's library yet. */
interface ExtensibleTransceiver extends RTCRtpTransceiver {
  getHeaderExtensionsToNegotiate?(): { uri: string; direction: RTCRtpTransceiverDirection }[];
  setHeaderExtensionsToNegotiate?(list: { uri: string; direction: RTCRtpTransceiverDirection }[]): void;
}

interface LowDelayReceiver {
  jitterBufferTarget?: number | null;
  /** What Chromium called it before. */
  playoutDelayHint?: number | null;
}

/** Adds the receivers and returns the offer's SDP: the server is ICE-lite, candidates are not waited for. */
export async function prepareOffer(peer: RTCPeerConnection): Promise<string> {
  const video = peer.addTransceiver("video", { direction: "recvonly" });
  peer.addTransceiver("audio", { direction: "recvonly" });
  wantExtensions(video);
  playAtOnce(video.receiver);
  const offer = await peer.createOffer();
  await peer.setLocalDescription(offer);
  return peer.localDescription?.sdp ?? offer.sdp ?? "";
}

function wantExtensions(transceiver: ExtensibleTransceiver): void {
  const known = transceiver.getHeaderExtensionsToNegotiate?.();
  if (known === undefined) return;
  for (const extension of known) {
    if (WANTED_EXTENSIONS.includes(extension.uri)) extension.direction = "sendrecv";
  }
  transceiver.setHeaderExtensionsToNegotiate?.(known);
}

/** For the picture alone: an audio buffer of nothing crackles. */
function playAtOnce(receiver: LowDelayReceiver): void {
  if ("jitterBufferTarget" in receiver) receiver.jitterBufferTarget = 0;
  else if ("playoutDelayHint" in receiver) receiver.playoutDelayHint = 0;
}
