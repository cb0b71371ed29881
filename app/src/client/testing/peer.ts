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
