// Server-sent events out of a response body, for calls that must carry a header (an EventSource cannot). It knows
// `event:` and `data:` alone, for our streams have no ids.

/** One event. */
export interface StreamEvent {
  /** `message` where it was not said. */
  readonly name: string;
  readonly data: string;
}

/** The events of a body, until it ends or `signal` aborts. */
export async function* eventsOf(
  body: ReadableStream<Uint8Array>,
  signal: AbortSignal,
): AsyncGenerator<StreamEvent> {
  const reader = body.getReader();
  const stop = () => void reader.cancel().catch(() => {}); // it may be broken already
  signal.addEventListener("abort", stop);
  const decoder = new TextDecoder();
  let text = "";
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      text += decoder.decode(value, { stream: true });
      const blocks = text.split("\n\n");
      text = blocks.pop() ?? "";
      for (const block of blocks) {
        const data = fields(block, "data");
        if (data.length > 0) yield { name: fields(block, "event")[0] ?? "message", data: data.join("\n") };
      }
    }
  } finally {
    signal.removeEventListener("abort", stop);
    stop();
  }
}

function fields(block: string, name: string): string[] {
  const lines = block.split("\n").filter((line) => line.startsWith(`${name}:`));
  return lines.map((line) => line.slice(name.length + 1).trimStart());
}
