// The HTTP calls of a page. Each one answers, or throws `Refused` (the server's word) or a network error.
// It keeps no state: tokens come as arguments.

import type {
  JoinRequest,
  JoinResponse,
  PageToCloud,
  ParticipantId,
  PlaceAnswer,
  PlaceRequest,
  TakeoverDecision,
  Ticket,
} from "../contract/protocol";
import { refusal } from "./problem";
import type { World } from "./world";

const ANSWER_WITHIN_MS = 8_000; // a phone that changed networks hangs, it does not fail

/** `POST /api/join`. */
export function join(world: World, request: JoinRequest): Promise<JoinResponse> {
  return json(world, "POST", "/api/join", null, request);
}

/** `GET /api/me`. */
export function me(world: World, token: string): Promise<JoinResponse> {
  return json(world, "GET", "/api/me", token);
}

/** `POST /api/tickets`. */
export function ticket(world: World, token: string): Promise<Ticket> {
  return json(world, "POST", "/api/tickets", token);
}

/** `POST /api/me/place`. */
export function setPlace(world: World, token: string, request: PlaceRequest): Promise<PlaceAnswer> {
  return json(world, "POST", "/api/me/place", token, request);
}

/** `POST /api/sessions/{id}/participants/{participant}/takeover`: gives our camera number to who asked for it. */
export async function yieldCamera(world: World, me: JoinResponse, asker: ParticipantId): Promise<void> {
  const path = `/api/sessions/${me.session.id}/participants/${asker}/takeover`;
  await call(world, "POST", path, me.token, { allow: true } satisfies TakeoverDecision);
}

/** `POST /api/events/{stream}`. */
export async function say(world: World, token: string, stream: string, message: PageToCloud): Promise<void> {
  await call(world, "POST", `/api/events/${encodeURIComponent(stream)}`, token, message);
}

/** A call that answers JSON. */
export async function json<T>(
  world: World,
  method: string,
  path: string,
  token: string | null,
  body?: unknown,
): Promise<T> {
  const response = await call(world, method, path, token, body);
  return (await response.json()) as T;
}

/** Any call. */
export async function call(
  world: World,
  method: string,
  path: string,
  token: string | null,
  body?: unknown,
): Promise<Response> {
  const headers: Record<string, string> = {};
  if (token !== null) headers["Authorization"] = `Bearer ${token}`;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const response = await bounded(world, ANSWER_WITHIN_MS, (signal) =>
    world.fetch(world.origin + path, {
      method,
      headers,
      signal,
      cache: "no-store",
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }),
  );
  if (!response.ok) throw await refusal(response);
  return response;
}

/** Gives up on a call that hangs. */
export async function bounded<T>(
  world: World,
  ms: number,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const cancel = world.after(ms, () => controller.abort());
  try {
    return await run(controller.signal);
  } finally {
    cancel();
  }
}
