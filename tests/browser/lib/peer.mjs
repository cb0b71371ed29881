// What Chromium itself says of the picture: getStats of the page's newest peer connection that carries one. An operator's
// page has another for the tally on the local network.

/** Runs before the page's own code and keeps its peer connections in sight. It changes nothing about them. */
export function watchPeers() {
  const Real = window.RTCPeerConnection;
  const peers = [];
  window.RTCPeerConnection = new Proxy(Real, {
    construct(target, args) {
      const peer = new target(...args);
      peers.push(peer);
      return peer;
    },
  });
  window.inbound = async (kind) => {
    const peer = peers.filter((one) => one.getReceivers().length > 0).at(-1);
    if (!peer) return null;
    for (const report of (await peer.getStats()).values()) {
      if (report.type === 'inbound-rtp' && report.kind === kind) return { ...report };
    }
    return null;
  };
}

export const inboundVideo = (page) => page.evaluate(() => window.inbound('video'));
export const inboundAudio = (page) => page.evaluate(() => window.inbound('audio'));
