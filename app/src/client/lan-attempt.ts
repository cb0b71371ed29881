// One peer connection to the director's machine, for as long as it lasts. It refuses to come back by itself: whoever
// made it makes the next one. Invariant: after `ended` or `close` nothing more is called.

import type { CloudToPage, LanAnswer, LanSide, PageToCloud } from "../contract/protocol";
import { answerOf, sideOf } from "./lan-sdp";
import { readCloudToPage } from "./wire";
import type { World } from "./world";

const STREAM = 0; // agreed on beforehand: no message is needed to open the channel

type Word = Extract<CloudToPage, { type: "tally" }>;
type Open = Extract<LanAnswer, { state: "open" }>;

/** What it tells its owner. */
export interface LanAttemptEnds {
  /** Our side is known: offer it. */
  offers(side: LanSide): void;
  heard(word: Word): void;
  /** How to come again without the relay. */
  again(answer: Open): void;
  /** Over, whether it ever worked or not. */
  ended(): void;
}

/** What its owner does with it. */
export interface LanAttempt {
  answered(answer: Open): void;
  /** Says it now or never. */
  send(message: PageToCloud): void;
  /** Ends it without a word to the owner. */
  close(): void;
}

/** Begins one. */
export function attemptLan(
  world: Pick<World, "createDirectPeer">,
  certificate: RTCCertificate,
  ends: LanAttemptEnds,
): LanAttempt {
  const peer = world.createDirectPeer(certificate);
  let live = true;
  const close = () => {
    live = false;
    peer.close();
  };
  const over = () => {
    if (!live) return;
    close();
    ends.ended();
  };
  // A word that is lost is overtaken by the next: to repeat it would only delay that one.
  const channel = peer.createDataChannel("tally", {
    negotiated: true,
    id: STREAM,
    ordered: false,
    maxRetransmits: 0,
  });
  channel.onmessage = ({ data }: MessageEvent<unknown>) => {
    const message = live && typeof data === "string" ? readCloudToPage(data) : null;
    if (message?.type === "tally") ends.heard(message);
    else if (message?.type === "lan_answer" && message.answer.state === "open") ends.again(message.answer);
  };
  channel.onclose = over;
  peer.onconnectionstatechange = () => {
    if (peer.connectionState === "failed" || peer.connectionState === "closed") over();
  };

  const begin = async () => {
    await peer.setLocalDescription(await peer.createOffer());
    const side = sideOf(peer.localDescription?.sdp ?? "");
    if (side === null) over();
    else if (live) ends.offers(side);
  };
  begin().catch(over);

  return {
    answered: (answer) => {
      const sdp = answerOf(peer.localDescription?.sdp ?? "", answer);
      peer.setRemoteDescription({ type: "answer", sdp }).catch(over);
    },
    send: (message) => {
      if (live && channel.readyState === "open") channel.send(JSON.stringify(message));
    },
    close,
  };
}
