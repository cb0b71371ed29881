import { beforeEach, describe, expect, it } from "vitest";
import type { CameraNumber, Place, PlaceAnswer } from "../contract/protocol";
import { PlaceKeeper } from "./place";
import { JOINED, json, problem } from "./testing/answers";
import { FakeWorld } from "./testing/world";

const place = (part: Partial<Place> = {}): Place => ({
  name: "Ada",
  camera: null,
  asks: null,
  asked_by: [],
  ...part,
});

describe("an operator's place", () => {
  let world: FakeWorld;
  let keeper: PlaceKeeper;
  let followed: (CameraNumber | null)[];
  let said: CameraNumber[];
  const answers = (part: Partial<Place>, taken_by: string[] = []) =>
    json({ place: place(part), taken_by } satisfies PlaceAnswer);
  const asked = () => world.called("POST /api/me/place").map(({ body }) => JSON.parse(body) as unknown);

  beforeEach(() => {
    world = new FakeWorld();
    followed = [];
    said = [];
    keeper = new PlaceKeeper(world, JOINED, {
      follow: (camera) => followed.push(camera),
      say: (camera) => said.push(camera),
    });
  });

  it("lights the lamp of a number once the cloud has given it", async () => {
    world.answer("POST /api/me/place", answers({ camera: 3 }));
    await keeper.choose(3);
    expect(followed).toEqual([3]);
    expect(keeper.standing.get()).toMatchObject({ place: { camera: 3 }, taken: null, moved: false });
    expect(keeper.own).toBeNull();
  });

  it("says who has a number, and what was wished is asked for", async () => {
    world.answer("POST /api/me/place", answers({}, ["Bob"]), answers({ asks: 3 }));
    await keeper.choose(3);
    expect(keeper.standing.get().taken).toEqual({ camera: 3, by: ["Bob"] });
    await keeper.choose(3, "take_over");
    expect(asked()).toEqual([{ camera: 3 }, { camera: 3, wish: "take_over" }]);
    expect(keeper.standing.get()).toMatchObject({ taken: null, place: { asks: 3 } });
    expect(followed.at(-1)).toBeNull();
  });

  it("follows a number on its own while the cloud cannot write, says so, and asks again", async () => {
    const broken = problem(503, "storage_unavailable");
    world.answer("POST /api/me/place", broken, answers({ camera: 3 }));
    await keeper.choose(3);
    expect([followed, said, keeper.own]).toEqual([[3], [3], 3]);
    keeper.heard(place()); // the cloud knows of none: it does not take the lamp away
    expect(followed).toEqual([3]);
    await world.advance(6_000);
    expect(keeper.own).toBeNull();
    expect(keeper.standing.get().place.camera).toBe(3);
  });

  it("obeys the director at once, and tells it until somebody has looked", () => {
    keeper.heard(place({ camera: 5 }));
    expect(followed).toEqual([5]);
    expect(keeper.standing.get().moved).toBe(true);
    keeper.seen();
    keeper.heard(place({ camera: 5, name: "Ada L." }));
    expect(keeper.standing.get().moved).toBe(false);
  });

  it("does not take for a move what it followed while the cloud could not be asked", async () => {
    world.answer("POST /api/me/place", problem(503, "storage_unavailable"));
    await keeper.choose(3);
    expect(keeper.own).toBe(3);
    keeper.heard(place({ camera: 3 }));
    expect(keeper.standing.get()).toMatchObject({ place: { camera: 3 }, moved: false });
    keeper.heard(place({ camera: 5 }));
    expect(keeper.standing.get().moved).toBe(true);
  });

  it("says that the number was taken away", () => {
    keeper.heard(place({ camera: 2 }));
    keeper.seen();
    keeper.heard(place({ camera: null }));
    expect(keeper.standing.get().moved).toBe(true);
  });

  it("does not take its own choice for the director's, whichever way it hears of it first", async () => {
    world.answer("POST /api/me/place", () => {
      keeper.heard(place({ camera: 3 }));
      return answers({ camera: 3 });
    });
    await keeper.choose(3);
    expect(keeper.standing.get().moved).toBe(false);
  });

  it("tells why a number is refused", async () => {
    world.answer("POST /api/me/place", problem(409, "camera_bound"));
    await keeper.choose(4);
    expect(keeper.standing.get().problem?.code).toBe("camera_bound");
    expect(followed).toEqual([]);
  });

  it("goes on saying who has a number when a name is answered after it", async () => {
    world.answer("POST /api/me/place", answers({}, ["Bob"]), answers({ name: "Ada L." }));
    await keeper.choose(3);
    await keeper.rename("Ada L.");
    expect(keeper.standing.get().taken).toEqual({ camera: 3, by: ["Bob"] });
  });

  it("is called what was typed, and asks nothing where that is the name it has", async () => {
    world.answer("POST /api/me/place", answers({ name: "Ada L." }));
    await keeper.rename("Ada L.");
    await keeper.rename(" Ada L. ");
    expect(asked()).toEqual([{ name: "Ada L." }]);
  });
});
