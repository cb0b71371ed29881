// What a cloud would say, for tests: built from the golden samples, so that a change on the wire reaches them.

import type { CloudToPage, JoinResponse, Tally, TallyReason } from "../../contract/protocol";
import { samples } from "../../contract/samples";

/** A JSON answer. */
export function json(body: unknown, status = 200): Response {
  return new Response(JSON.stringify(body), { status, headers: { "Content-Type": "application/json" } });
}

/** A problem document. */
export function problem(status: number, code: string, headers: Record<string, string> = {}): Response {
  const body = { status, code, title: "A title.", detail: "What to do." };
  return new Response(JSON.stringify(body), {
    status,
    headers: { "Content-Type": "application/problem+json", ...headers },
  });
}

export const JOINED: JoinResponse = samples["http.join_response"];

export const WELCOME = samples["cloud_to_page.welcome"];

export const PONG = samples["cloud_to_page.pong"];

/** The director's word about one camera. */
export function word(
  seq: number,
  tally: Tally,
  {
    epoch = 1,
    age_ms = 0,
    camera = 1,
    ...dated
  }: {
    epoch?: number;
    age_ms?: number;
    camera?: number;
    run_us?: number;
  } = {},
): Extract<CloudToPage, { type: "tally" }> {
  const reason: TallyReason = { code: "not_in_use" };
  return {
    type: "tally",
    age_ms,
    ...dated,
    state: { epoch, seq, cameras: [{ camera, name: "Crane", tally, reason }] },
  };
}

/** What a server answers an offer with. */
export const ANSWER = "v=0\r\nm=video 9 X 1\r\na=ice-ufrag:server1\r\na=ice-pwd:first\r\n";

/** What it answers an ICE restart with. */
export const FRAGMENT = "a=ice-ufrag:server2\r\na=ice-pwd:second\r\n";

/** A viewer session that was made. */
export function answered(id = "v1"): () => Response {
  return () =>
    new Response(ANSWER, {
      status: 201,
      headers: {
        Location: `/whep/${JOINED.session.id}/${id}`,
        Link:
          `</whep/${JOINED.session.id}/${id}/layer>; rel="urn:ietf:params:whep:ext:core:layer", ` +
          `</whep/${JOINED.session.id}/${id}/events>; rel="urn:ietf:params:whep:ext:core:server-sent-events"`,
      },
    });
}
