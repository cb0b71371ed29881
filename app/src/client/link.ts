// One way to the cloud, for as long as it lasts: a WebSocket, or server-sent events with POST where a WebSocket
// is refused. Both carry the same messages. A link refuses to live twice: it opens once, ends once, and the
// connection makes the next one. Invariant: after `ended` nothing more is called.

import type { CloudToPage, PageToCloud, Problem } from "../contract/protocol";
import { say } from "./api";
import { Refused } from "./problem";
import { readCloudToPage } from "./wire";
import type { World } from "./world";

/** How a page reaches the cloud. */
export type Way = "websocket" | "events";

/** What a link tells its owner. */
export interface LinkEnds {
  /** The way stands; say hello. */
  opened(): void;
  heard(message: CloudToPage): void;
  /** Over, whether it ever opened or not. */
  ended(problem: Problem | null): void;
}

/** What an owner does with a link. */
export interface Link {
  readonly way: Way;
  send(message: PageToCloud): void;
  /** Ends it without a word to the owner. */
  close(): void;
}

/** `GET /ws/page`. */
export function openSocketLink(world: World, ends: LinkEnds): Link {
  const socket = world.openSocket(`${world.origin.replace(/^http/, "ws")}/ws/page`);
  const once = onlyOnce(ends);
  socket.onopen = () => once.opened();
  socket.onmessage = ({ data }) => once.text(data);
  socket.onclose = () => once.ended(null);
  return {
    way: "websocket",
    send: (message) => {
      try {
        socket.send(JSON.stringify(message));
      } catch {
        once.ended(null); // still connecting, or closing: either way nothing gets through
      }
    },
    close: () => {
      once.mute();
      socket.close();
    },
  };
}

const UNSENT_MAX = 8; // a page says two short things a second; more than this waiting means nobody takes them

/** `GET /api/events`, with `POST /api/events/{stream}` for what the page says. */
export function openEventsLink(world: World, token: string, ends: LinkEnds): Link {
  const events = world.openEvents(`${world.origin}/api/events`, token);
  const once = onlyOnce(ends, () => events.close());
  const unsent: PageToCloud[] = [];
  let stream: string | null = null;
  let posting = false;

  // Each word waits for the one before it: a late "shown RED" must not arrive after "shown unknown".
  const post = async (to: string): Promise<void> => {
    if (posting) return;
    posting = true;
    for (let message = unsent.shift(); message !== undefined; message = unsent.shift()) {
      try {
        await say(world, token, to, message);
      } catch (error) {
        once.ended(error instanceof Refused ? error.problem : null);
        return;
      }
    }
    posting = false;
  };

  events.addEventListener("stream", ({ data }) => {
    stream = data;
    once.opened();
  });
  events.addEventListener("message", ({ data }) => once.text(data));
  events.addEventListener("error", () => once.ended(null));
  return {
    way: "events",
    send: (message) => {
      if (stream === null) return;
      unsent.push(message);
      if (unsent.length > UNSENT_MAX) unsent.shift();
      void post(stream);
    },
    close: () => {
      once.mute();
      events.close();
    },
  };
}

function onlyOnce(ends: LinkEnds, cleanUp: () => void = () => {}) {
  let live = true;
  return {
    opened: () => {
      if (live) ends.opened();
    },
    text: (text: unknown) => {
      const message = live && typeof text === "string" ? readCloudToPage(text) : null;
      if (message !== null) ends.heard(message);
    },
    ended: (problem: Problem | null) => {
      if (!live) return;
      live = false;
      cleanUp();
      ends.ended(problem);
    },
    mute: () => {
      live = false;
    },
  };
}
