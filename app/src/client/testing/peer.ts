// A peer connection for tests: it offers as much of an SDP as the client reads, and its state is what the test says.

/** As much of an offer as the client reads. */
export const OFFER = "v=0\r\nm=video 9 X 1\r\na=mid:0\r\na=ice-ufrag:first\r\na=ice-pwd:first\r\n";

/** What the client uses of an `RTCPeerConnection`. */
export class FakePeer {
  connectionState: RTCPeerConnectionState = "new";
  localDescription: { sdp: string } | null = null;
  remote: string | null = null;
  closed = false;
  ontrack: ((event: { track: unknown }) => void) | null = null;
  onconnectionstatechange: (() => void) | null = null;
  readonly receivers: { kind: string; jitterBufferTarget: number | null }[] = [];
  capture: { rtpTimestamp: number; captureTimestamp: number } | null = null;
  report = new Map<string, Record<string, unknown>>();

  addTransceiver(kind: string): unknown {
    const receiver = { kind, jitterBufferTarget: null };
    this.receivers.push(receiver);
    return { receiver };
  }

  async createOffer({ iceRestart = false } = {}): Promise<{ sdp: string }> {
    return { sdp: iceRestart ? OFFER.replace("first", "fresh") : OFFER };
  }

  async setLocalDescription(offer: { sdp: string }): Promise<void> {
    this.localDescription = offer;
  }

  async setRemoteDescription({ sdp }: { sdp: string }): Promise<void> {
    this.remote = sdp;
    this.ontrack?.({ track: "video" });
  }

  async getStats(): Promise<Map<string, Record<string, unknown>>> {
    return this.report;
  }

  getReceivers(): unknown[] {
    const { capture } = this;
    const getSynchronizationSources = () => (capture === null ? [] : [capture]);
    return this.receivers.map(({ kind }) => ({ track: { kind }, getSynchronizationSources }));
  }

  close(): void {
    this.closed = true;
    this.connectionState = "closed";
  }

  become(state: RTCPeerConnectionState): void {
    this.connectionState = state;
    this.onconnectionstatechange?.();
  }
}

/** As much of a data channel's offer as the client reads. */
export const DIRECT_OFFER = [
  "v=0",
  "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
  "a=ice-ufrag:Ab/+",
  "a=ice-pwd:abcdefghijklmnopqrstuvwx",
  `a=fingerprint:sha-256 ${Array.from({ length: 32 }, () => "0F").join(":")}`,
  "a=setup:actpass",
  "a=mid:0",
  "",
].join("\r\n");

/** A peer connection of one data channel. */
export class FakeDirectPeer {
  connectionState: RTCPeerConnectionState = "new";
  localDescription: { sdp: string } | null = null;
  remote: string | null = null;
  closed = false;
  onconnectionstatechange: (() => void) | null = null;
  readonly channel = new FakeChannel();
  readonly certificate: RTCCertificate;

  constructor(certificate: RTCCertificate) {
    this.certificate = certificate;
  }

  createDataChannel(_label: string, options: RTCDataChannelInit): FakeChannel {
    this.channel.options = options;
    return this.channel;
  }

  async createOffer(): Promise<{ sdp: string }> {
    return { sdp: DIRECT_OFFER };
  }

  async setLocalDescription(offer: { sdp: string }): Promise<void> {
    this.localDescription = offer;
  }

  async setRemoteDescription({ sdp }: { sdp: string }): Promise<void> {
    this.remote = sdp;
  }

  close(): void {
    this.closed = true;
    this.channel.readyState = "closed";
  }

  fail(): void {
    this.connectionState = "failed";
    this.onconnectionstatechange?.();
  }
}

/** A data channel whose other end is the test. */
export class FakeChannel {
  readyState: RTCDataChannelState = "connecting";
  onmessage: ((event: MessageEvent<unknown>) => void) | null = null;
  onclose: (() => void) | null = null;
  options: RTCDataChannelInit = {};
  readonly said: unknown[] = [];

  send(text: string): void {
    this.said.push(JSON.parse(text));
  }

  hear(message: unknown): void {
    this.readyState = "open";
    const data = typeof message === "string" ? message : JSON.stringify(message);
    this.onmessage?.(new MessageEvent("message", { data }));
  }
}
