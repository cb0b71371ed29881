// Tells the client when its page is seen, hidden, left or brought back, and when the network returns. Phones send
// these events in many orders and leave some out, so each may come twice: the client's answers are idempotent.

/** What wants to know. */
export interface Attentive {
  seen(): void;
  /** The network is there again; the page may be hidden. */
  reachable(): void;
  hidden(): void;
  left(): void;
  returned(): void;
}

/** Binds a page's events; returns how to unbind. */
export function attend(page: Window, client: Attentive): () => void {
  const controller = new AbortController();
  const { signal } = controller;
  const visibility = () => {
    if (page.document.visibilityState === "hidden") client.hidden();
    else client.seen();
  };
  page.document.addEventListener("visibilitychange", visibility, { signal });
  page.document.addEventListener("freeze", () => client.hidden(), { signal });
  page.document.addEventListener("resume", visibility, { signal });
  page.addEventListener("online", () => client.reachable(), { signal });
  page.addEventListener("pagehide", () => client.left(), { signal });
  page.addEventListener(
    "pageshow",
    ({ persisted }) => {
      if (persisted) client.returned();
      visibility();
    },
    { signal },
  );
  return () => controller.abort();
}
