// Which layer this screen has, and why, and when to ask for the picture anew: the events `layers` and `reconnect` of WHEP
// (draft-ietf-wish-whep, server-sent events). It refuses to guess: where the server offers no events, or says what this
// page does not understand, nothing is told.

import type { Layer, LayerReason } from "../contract/protocol";
import { openEvents, type Seat, type ViewerSession } from "./whep";

/** The layer that goes out, and why that one. */
export interface LayerNow {
  readonly layer: Layer;
  readonly reason: LayerReason;
}

interface Told {
  layer(now: LayerNow): void;
  /** The viewer session has ended or is about to: ask again. Nothing more is told. */
  reconnect(): void;
}

/** Listens until it is stopped; the browser itself comes back to a stream that broke. */
export function watchEvents(seat: Seat, viewer: ViewerSession, told: Told): () => void {
  let stopped = false;
  let close = () => {};
  const listen = async () => {
    const url = await openEvents(seat, viewer, ["layers", "reconnect"]);
    if (url === null || stopped) return;
    const events = seat.world.openEvents(url, null);
    close = () => events.close();
    events.addEventListener("layers", ({ data }) => {
      const now = stopped ? null : readLayers(data);
      if (now !== null) told.layer(now);
    });
    events.addEventListener("reconnect", () => {
      if (stopped) return;
      stop();
      told.reconnect();
    });
  };
  // The picture does not depend on it: without the reason the page shows the layer alone.
  listen().catch(() => undefined);
  const stop = () => {
    stopped = true;
    close();
  };
  return stop;
}

const LAYERS: readonly string[] = ["high", "low"] satisfies Layer[];

/** The selected layer of the only video there is. */
export function readLayers(text: string): LayerNow | null {
  let sections: unknown;
  try {
    sections = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof sections !== "object" || sections === null) return null;
  for (const layer of Object.values(sections).flat() as Record<string, unknown>[]) {
    if (layer?.["selected"] !== true || typeof layer["reason"] !== "string") continue;
    const rid = layer["rid"];
    // A reason of a later version is passed on: whoever has no words for it says none.
    if (typeof rid === "string" && LAYERS.includes(rid)) {
      return { layer: rid as Layer, reason: layer["reason"] as LayerReason };
    }
  }
  return null;
}
