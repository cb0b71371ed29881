// One try to reach the cloud by one way: ticket (a socket carries no header), link, hello, welcome. It ends by
// `welcomed`, after which the link is the owner's, or by `failed`. It refuses to wait for ever.

import type { CloudToPage, PageToCloud, Problem } from "../contract/protocol";
import { ticket } from "./api";
import { type Link, openEventsLink, openSocketLink, type Way } from "./link";
import { Refused } from "./problem";
import type { World } from "./world";

const WELCOME_WITHIN_MS = 5_000;

/** Why a try failed: the cloud cannot be reached at all, or only this way is closed. */
export type Failure = { readonly of: "cloud" | "way"; readonly problem: Problem | null };

/** What the owner hears of a try, and later of the link it became. */
export interface AttemptEnds {
  hello(): PageToCloud;
  welcomed(link: Link, welcome: CloudToPage): void;
  failed(failure: Failure): void;
  /** After the welcome. */
  heard(message: CloudToPage): void;
  /** After the welcome. */
  lost(problem: Problem | null): void;
}

/** Starts a try; returns how to give it up without a word. */
export function attempt(world: World, token: string, way: Way, ends: AttemptEnds): () => void {
  let phase: "trying" | "welcomed" | "over" = "trying";
  let link: Link | null = null;

  const fail = (failure: Failure): void => {
    if (phase !== "trying") return;
    phase = "over";
    cancelTimeout();
    link?.close();
    ends.failed(failure);
  };
  const cancelTimeout = world.after(WELCOME_WITHIN_MS, () => fail({ of: "way", problem: null }));

  const open = async (): Promise<void> => {
    let pass: string | null;
    try {
      pass = way === "websocket" ? (await ticket(world, token)).ticket : null;
    } catch (error) {
      fail({ of: "cloud", problem: error instanceof Refused ? error.problem : null });
      return;
    }
    if (phase !== "trying") return;
    const linkEnds = {
      opened: () => link?.send(withTicket(ends.hello(), pass)),
      heard: (message: CloudToPage) => {
        if (phase === "welcomed") return ends.heard(message);
        if (message.type === "bye") return fail({ of: "cloud", problem: message.problem });
        if (message.type !== "welcome" || link === null) return;
        phase = "welcomed";
        cancelTimeout();
        ends.welcomed(link, message);
      },
      ended: (problem: Problem | null) => {
        if (phase === "welcomed") return ends.lost(problem);
        fail({ of: "way", problem });
      },
    };
    try {
      link = way === "websocket" ? openSocketLink(world, linkEnds) : openEventsLink(world, token, linkEnds);
    } catch {
      fail({ of: "way", problem: null }); // a browser may refuse the address itself
    }
  };
  void open();

  return () => {
    if (phase === "trying") phase = "over";
    cancelTimeout();
    link?.close();
  };
}

function withTicket(hello: PageToCloud, ticket: string | null): PageToCloud {
  return hello.type === "hello" && ticket !== null ? { ...hello, ticket } : hello;
}
