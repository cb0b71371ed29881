// The WHEP calls (draft-ietf-wish-whep): an offer in, a viewer session out; its layer; its end. It keeps nothing:
// what the server made is in `ViewerSession`.

import type { Layer, LayerRequest } from "../contract/protocol";
import { bounded } from "./api";
import { refusal } from "./problem";
import type { World } from "./world";

const ANSWER_WITHIN_MS = 8_000;
const LAYER_REL = "urn:ietf:params:whep:ext:core:layer";
const EVENTS_REL = "urn:ietf:params:whep:ext:core:server-sent-events";

/** One picture on this screen, as the server knows it. */
export interface ViewerSession {
  readonly url: string;
  readonly layerUrl: string;
  /** Where events are asked for; null where the server has none. */
  readonly eventsUrl: string | null;
  readonly answer: string;
}

/** Whom to ask, and as whom. */
export interface Seat {
  readonly world: World;
  readonly session: string;
  readonly token: string;
}

/** `POST /whep/{session}`. */
export async function offerPlayback(seat: Seat, sdp: string, layer: Layer | null): Promise<ViewerSession> {
  const { world, session } = seat;
  const query = layer === null ? "" : `?layer=${layer}`;
  const endpoint = `${world.origin}/whep/${session}${query}`;
  const response = await send(seat, endpoint, "POST", "application/sdp", sdp);
  if (response.status !== 201) throw await refusal(response);
  const location = response.headers.get("Location");
  if (location === null) throw new Error("the server made a viewer session without saying where");
  const url = new URL(location, endpoint).href;
  const link = response.headers.get("Link");
  return {
    url,
    layerUrl: linked(link, LAYER_REL, endpoint) ?? `${url}/layer`,
    eventsUrl: linked(link, EVENTS_REL, endpoint),
    answer: await response.text(),
  };
}

/** `PATCH {viewer session}`: ICE begins anew; the server's fragment comes back. */
export async function restartIce(seat: Seat, viewer: ViewerSession, fragment: string): Promise<string> {
  const { world, token } = seat;
  const headers = {
    Authorization: `Bearer ${token}`,
    "Content-Type": "application/trickle-ice-sdpfrag",
    "If-Match": "*", // a restart names no earlier one (draft-ietf-wish-whep 4.4)
  };
  const response = await bounded(world, ANSWER_WITHIN_MS, (signal) =>
    world.fetch(viewer.url, { method: "PATCH", headers, body: fragment, signal }),
  );
  if (response.status !== 200) throw await refusal(response);
  return response.text();
}

/** `POST {viewer session}/layer`: the switch itself happens at the next key frame. */
export async function chooseLayer(seat: Seat, viewer: ViewerSession, layer: Layer): Promise<void> {
  const body: LayerRequest = { rid: layer };
  const response = await send(seat, viewer.layerUrl, "POST", "application/json", JSON.stringify(body));
  if (!response.ok) throw await refusal(response);
}

/** Asks for events of these names; where they come from, or null where there are none. */
export async function openEvents(seat: Seat, viewer: ViewerSession, names: string[]): Promise<string | null> {
  if (viewer.eventsUrl === null) return null;
  const response = await send(seat, viewer.eventsUrl, "POST", "application/json", JSON.stringify(names));
  if (response.status !== 201) throw await refusal(response);
  const location = response.headers.get("Location");
  return location === null ? null : new URL(location, viewer.eventsUrl).href;
}

/** `DELETE {viewer session}`; survives the page that says it. */
export async function endPlayback({ world, token }: Seat, viewer: ViewerSession): Promise<void> {
  const headers = { Authorization: `Bearer ${token}` };
  // Whether it arrives or not, the server ends a viewer session that is not heard any more.
  await world.fetch(viewer.url, { method: "DELETE", headers, keepalive: true }).catch(() => undefined);
}

function send({ world, token }: Seat, url: string, method: string, type: string, body: string) {
  const headers = { Authorization: `Bearer ${token}`, "Content-Type": type };
  return bounded(world, ANSWER_WITHIN_MS, (signal) => world.fetch(url, { method, headers, body, signal }));
}

/** The target of a `Link` header (RFC 8288) with this relation. */
function linked(header: string | null, rel: string, base: string): string | null {
  for (const [, target, parameters] of (header ?? "").matchAll(/<([^>]*)>([^<]*)/g)) {
    if (target !== undefined && parameters?.includes(`"${rel}"`)) return new URL(target, base).href;
  }
  return null;
}
