// Server-sent events out of a response body, for calls that must carry a header (an EventSource cannot). It knows
// `data:` alone: no ids, no names, for our streams have neither.

/** What stands behind `data:`. */
export type EventText = string;

/** The events of a body, until it ends or `signal` aborts. */
export async function* eventsOf(
  body: ReadableStream<Uint8Array>,
  signal: AbortSignal,
): AsyncGenerator<EventText> {
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
        const lines = block.split("\n").filter((line) => line.startsWith("data:"));
        if (lines.length > 0) yield lines.map((line) => line.slice(5).trimStart()).join("\n");
      }
    }
  } finally {
    signal.removeEventListener("abort", stop);
    stop();
  }
}
