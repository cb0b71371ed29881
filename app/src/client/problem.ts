// Refusals, whatever way they came. Codes are stable and matched; sentences are for people and never matched.

import type { Problem } from "../contract/protocol";

/** The server said no. */
export class Refused extends Error {
  readonly problem: Problem;
  /** What `Retry-After` asked for, in ms. */
  readonly retryAfterMs: number | null;

  constructor(problem: Problem, retryAfterMs: number | null = null) {
    super(`${problem.status} ${problem.code}: ${problem.title}`);
    this.problem = problem;
    this.retryAfterMs = retryAfterMs;
  }
}

/** The code of who was taken out by the director. */
export const REMOVED = "removed";

/** Codes after which the same attempt can never succeed. */
const FINAL_CODES: ReadonlySet<string> = new Set([
  "session_ended",
  "session_not_found",
  "protocol_unknown",
  REMOVED,
  "logged_out",
]);

/** Whether coming back with the same token is pointless. */
export function isFinal(problem: Problem): boolean {
  return FINAL_CODES.has(problem.code) || isTokenTrouble(problem);
}

/** Of a ticket that came too late, or to a server that began anew meanwhile: the next try brings another. */
const TICKET_INVALID = "ticket_invalid";

/** Whether a new token would help. */
export function isTokenTrouble(problem: Problem): boolean {
  return problem.status === 401 && problem.code !== TICKET_INVALID;
}

/** Reads a refusal; what is not a problem document still becomes one. */
export async function refusal(response: Response): Promise<Refused> {
  const seconds = Number(response.headers.get("Retry-After") ?? Number.NaN);
  const retryAfterMs = Number.isFinite(seconds) ? Math.max(0, seconds) * 1000 : null;
  const text = await response.text().catch(() => "");
  return new Refused(readProblem(text, response.status), retryAfterMs);
}

function readProblem(text: string, status: number): Problem {
  try {
    const body: unknown = JSON.parse(text);
    if (isProblem(body)) return body;
  } catch {
    // Not JSON: a proxy in between spoke, not our server.
  }
  return { status, code: `http_${status}`, title: `HTTP ${status}`, detail: text.slice(0, 200) };
}

/** Whether a value has the shape of a problem. */
export function isProblem(value: unknown): value is Problem {
  if (typeof value !== "object" || value === null) return false;
  const { status, code, title, detail } = value as Record<string, unknown>;
  return (
    typeof status === "number" &&
    typeof code === "string" &&
    typeof title === "string" &&
    typeof detail === "string"
  );
}
