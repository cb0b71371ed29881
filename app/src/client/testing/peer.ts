// A peer connection for tests: it offers a sentence in place of an SDP, and its state is what the test says.

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

  async createOffer(): Promise<{ sdp: string }> {
    return { sdp: "an offer" };
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
