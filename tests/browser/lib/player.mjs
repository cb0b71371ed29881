// A page of another origin that plays WHEP with somebody else's player (npm `whip-whep`), not with ours.

import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';

import { openPage } from './chromium.mjs';

const PLAYER = readFileSync(fileURLToPath(new URL('../node_modules/whip-whep/whep.js', import.meta.url)));

const PAGE = `<!doctype html><meta charset="utf-8"><title>player</title><video autoplay muted playsinline></video>
<script type="module">
import { WHEPClient } from '/whep.js';
window.heard = [];
// Plays; \`answered\` may change the answer, as a network would that lets some candidates through only.
window.play = async (url, token, { relay = false, only = null } = {}) => {
  const peer = new RTCPeerConnection({ bundlePolicy: 'max-bundle', iceTransportPolicy: relay ? 'relay' : 'all' });
  peer.addTransceiver('audio', { direction: 'recvonly' });
  peer.addTransceiver('video', { direction: 'recvonly' });
  const stream = new MediaStream();
  peer.ontrack = ({ track }) => { stream.addTrack(track); document.querySelector('video').srcObject = stream; };
  const client = new WHEPClient();
  if (only) client.onAnswer = (sdp) => sdp.split('\\r\\n')
    .filter((line) => !line.startsWith('a=candidate:') || line.split(' ')[2].toLowerCase() === only).join('\\r\\n');
  Object.assign(window, { peer, client });
  await client.view(peer, url, token);
};
// The player listens for events without a name only, so its event source is asked itself.
window.listen = async (kinds) => {
  while (!client.eventSource) await new Promise((next) => setTimeout(next, 20));
  for (const kind of kinds) client.eventSource.addEventListener(kind, (event) => heard.push([kind, JSON.parse(event.data)]));
};
// An ICE restart as the draft has it. (whip-whep 1.2.0 puts a comma between candidates where there are more than one.)
window.restart = async () => {
  const line = (sdp, name) => sdp.split('\\r\\n').find((of) => of.startsWith('a=' + name + ':'));
  peer.restartIce();
  const offer = await peer.createOffer({ iceRestart: true });
  await peer.setLocalDescription(offer);
  const answered = await fetch(client.resourceURL, {
    method: 'PATCH',
    body: line(offer.sdp, 'ice-ufrag') + '\\r\\n' + line(offer.sdp, 'ice-pwd') + '\\r\\n',
    headers: {
      'Content-Type': 'application/trickle-ice-sdpfrag',
      'If-Match': '*',
      Authorization: 'Bearer ' + client.token,
    },
  });
  if (answered.status !== 200) throw new Error('the restart was answered with ' + answered.status);
  const fragment = (await answered.text()).split('\\r\\n');
  const candidates = fragment.filter((of) => of.startsWith('a=candidate:'));
  const sdp = peer.remoteDescription.sdp.split('\\r\\n')
    .filter((of) => !of.startsWith('a=candidate:') && of !== 'a=end-of-candidates')
    .map((of) => fragment.find((other) => /^a=ice-(ufrag|pwd):/.test(of) && other.split(':')[0] === of.split(':')[0]) ?? of)
    .flatMap((of) => (of.startsWith('a=mid:') ? [of, ...candidates] : [of]));
  await peer.setRemoteDescription({ type: 'answer', sdp: sdp.join('\\r\\n') });
  return line(offer.sdp, 'ice-ufrag').split(':')[1];
};
// The pair that media goes over, as Chromium tells it.
window.pair = async () => {
  const reports = await peer.getStats();
  const transport = [...reports.values()].find(({ type }) => type === 'transport');
  const pair = reports.get(transport?.selectedCandidatePairId);
  if (!pair) return null;
  return {
    changes: transport.selectedCandidatePairChanges,
    local: { ...reports.get(pair.localCandidateId) },
    remote: { ...reports.get(pair.remoteCandidateId) },
    ours: transport.iceLocalUsernameFragment,
  };
};
window.isReady = true;
</script>`;

export class Player {
  static async serve(browser) {
    const player = new Player();
    player.browser = browser;
    player.server = createServer((request, response) => {
      const isScript = request.url === '/whep.js';
      response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html');
      response.end(isScript ? PLAYER : PAGE);
    });
    await new Promise((listening) => player.server.listen(0, '127.0.0.1', listening));
    return player;
  }

  /** A new page, before it plays anything. */
  async open() {
    const page = await openPage(this.browser);
    await page.goto(`http://127.0.0.1:${this.server.address().port}/`);
    await page.waitForFunction(() => window.isReady);
    return page;
  }

  async end() {
    this.server.closeAllConnections();
    await new Promise((closed) => this.server.close(closed));
  }
}
