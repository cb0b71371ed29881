import { describe, expect, it } from "vitest";
import type { QualityToPage } from "../contract/protocol";
import { samples } from "../contract/samples";
import { QualityFeed, qualityKey, told } from "./quality";
import { problem as refusedBy } from "./testing/answers";
import { FakeWorld } from "./testing/world";

const SESSION = "0199c0de-0000-7000-8000-000000000001";
const ROUTE = `GET /api/sessions/${SESSION}/quality`;
const key = { session: SESSION, token: "a.b.c" };
const history = samples["quality_to_page.history"];
const second = samples["quality_to_page.second"];
const switched = samples["quality_to_page.switched"];

/** A stream whose other end is the test. */
function stream() {
  const pipe = new TransformStream<Uint8Array, Uint8Array>();
  const writer = pipe.writable.getWriter();
  const write = (text: string) => void writer.write(new TextEncoder().encode(text));
  return {
    answer: () => new Response(pipe.readable, { headers: { "Content-Type": "text/event-stream" } }),
    say: (message: QualityToPage) => write(`data: ${JSON.stringify(message)}\n\n`),
    write,
    end: () => void writer.close(),
  };
}

/** Streams hand on in tasks, not in microtasks alone. */
const turn = async (world: FakeWorld) => {
  for (let i = 0; i < 5; i += 1) {
    await new Promise((resolve) => setTimeout(resolve, 0));
    await world.settle();
  }
};

describe("the quality page's stream", () => {
  it("shows what is remembered, then what comes, even in pieces", async () => {
    const world = new FakeWorld();
    const other = stream();
    world.answer(ROUTE, () => other.answer());
    const feed = new QualityFeed(world, key);
    await turn(world);
    expect(world.called(ROUTE)[0]?.headers.get("Authorization")).toBe("Bearer a.b.c");
    other.say(history);
    other.write(":\n\ndata: ");
    other.write(`${JSON.stringify(second)}\n`);
    other.write("\n");
    other.say(switched);
    await turn(world);
    expect(feed.state.get()).toEqual({ kind: "open" });
    const facts = feed.facts.get();
    expect(facts?.seconds.length).toBe(3);
    expect(facts?.switches.length).toBe(3);
    expect(facts?.viewers[0]?.reason).toBe("loss");
    expect(facts?.more).toBe(13);
  });

  it("opens again after silence, after an end and after a failure, and begins anew", async () => {
    const world = new FakeWorld();
    const [silent, ending, third] = [stream(), stream(), stream()];
    world.answer(
      ROUTE,
      () => silent.answer(),
      () => ending.answer(),
      new TypeError("no network"),
      () => third.answer(),
    );
    const feed = new QualityFeed(world, key);
    await turn(world);
    silent.say(history);
    await turn(world);
    await world.advance(4_999);
    await turn(world);
    expect(feed.state.get().kind).toBe("open");
    await world.advance(1);
    await turn(world);
    expect(feed.state.get().kind).toBe("waiting");
    await world.advance(300);
    await turn(world);
    expect(world.called(ROUTE).length).toBe(2);
    ending.end();
    await turn(world);
    await world.advance(600);
    await turn(world);
    expect(world.called(ROUTE).length).toBe(3);
    await world.advance(5_000);
    await turn(world);
    third.say(history);
    await turn(world);
    expect(feed.state.get().kind).toBe("open");
    expect(feed.facts.get()?.seconds.length).toBe(2);
  });

  it("stays away when the session is over or the key is no longer good", async () => {
    const world = new FakeWorld();
    const other = stream();
    world.answer(ROUTE, () => other.answer());
    const feed = new QualityFeed(world, key);
    await turn(world);
    other.say(history);
    const problem = { status: 409, code: "session_ended", title: "The session has ended", detail: "" };
    other.say({ type: "bye", problem });
    await turn(world);
    expect(feed.state.get()).toEqual({ kind: "over", problem });
    expect(feed.facts.get()?.seconds.length, "what was stays to be read").toBe(2);
    await world.advance(60_000);
    expect(world.called(ROUTE).length).toBe(1);

    for (const [status, code] of [
      [401, "token_expired"],
      [403, "not_the_director"],
    ] as const) {
      const refused = new FakeWorld();
      refused.answer(ROUTE, refusedBy(status, code));
      const late = new QualityFeed(refused, key);
      await turn(refused);
      expect(late.state.get().kind, code).toBe("over");
    }
  });

  it("keeps ten minutes and no more", () => {
    let facts = told(null, history);
    for (let n = 0; n < 1_000; n += 1) facts = told(facts, second);
    for (let n = 0; n < 300; n += 1) facts = told(facts, switched);
    expect([facts?.seconds.length, facts?.switches.length]).toEqual([600, 200]);
  });

  it("reads its key from the fragment, whole or not at all", () => {
    expect(qualityKey(`#${SESSION}/a.b-c_d.e`)).toEqual({ session: SESSION, token: "a.b-c_d.e" });
    for (const wrong of ["", "#", `#${SESSION}`, `#${SESSION}/`, "#x/a.b.c", `#${SESSION}/a b`]) {
      expect(qualityKey(wrong)).toBeNull();
    }
  });
});
