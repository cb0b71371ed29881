import { beforeEach, describe, expect, it } from "vitest";
import { codeOfFragment, Member } from "./membership";
import { JOINED, json, problem } from "./testing/answers";
import { FakeWorld, memory } from "./testing/world";

describe("the code of a link", () => {
  it("is read without regard to case, spaces and hyphens", () => {
    expect(codeOfFragment("#k7qm-4xtp")).toBe("K7QM4XTP");
    expect(codeOfFragment("#%20K7QM%204XTP")).toBe("K7QM4XTP");
    expect(codeOfFragment("")).toBe("");
    expect(codeOfFragment("#%")).toBe("");
  });
});

describe("a member", () => {
  let world: FakeWorld;
  let tab: ReturnType<typeof memory>;
  let device: ReturnType<typeof memory>;
  const look = async (code: string) => {
    const member = new Member({ world, code, tab, device });
    await world.settle();
    return member;
  };
  const open = async (code: string) => {
    const member = await look(code);
    if (member.state.get().kind === "invited") member.accept();
    await world.settle();
    return member;
  };

  beforeEach(() => {
    world = new FakeWorld();
    tab = memory();
    device = memory();
    world.answer("POST /api/join", () => json(JOINED, 201));
    world.answer("GET /api/me", () => json(JOINED));
  });

  it("asks nothing of the cloud until a person taps: a chat that previews the link spends nothing", async () => {
    const member = await look("K7QM4XTP");
    await world.advance(60_000);
    expect(member.state.get()).toEqual({ kind: "invited" });
    expect(world.calls).toHaveLength(0);
  });

  it("joins by the code of the link", async () => {
    const member = await open("K7QM4XTP");
    expect(member.state.get()).toEqual({ kind: "joined", join: JOINED });
    expect(world.called("POST /api/join").map(({ body }) => body)).toEqual(['{"code":"K7QM4XTP"}']);
  });

  it("is the same participant after a reload, without joining again", async () => {
    await open("K7QM4XTP");
    const again = await look("K7QM4XTP");
    expect(again.state.get().kind).toBe("joined");
    expect(world.called("POST /api/join")).toHaveLength(1);
    expect(world.called("GET /api/me")[0]?.headers.get("Authorization")).toBe(`Bearer ${JOINED.token}`);
  });

  it("joins anew when another link is opened in the same tab", async () => {
    await open("K7QM4XTP");
    await open("9HDR2WVN");
    expect(world.called("POST /api/join")).toHaveLength(2);
  });

  it("is another participant in another tab of the same device", async () => {
    await open("K7QM4XTP");
    tab = memory();
    await open("K7QM4XTP");
    expect(world.called("POST /api/join")).toHaveLength(2);
  });

  it("needs no code where the device remembers: a page opened from the home screen", async () => {
    await open("K7QM4XTP");
    tab = memory();
    const member = await open("");
    expect(member.state.get().kind).toBe("joined");
    expect(world.called("POST /api/join")).toHaveLength(1);
  });

  it("asks for a code where nothing is known", async () => {
    const member = await open("");
    expect(member.state.get()).toEqual({ kind: "code_needed", problem: null });
  });

  it("joins again by itself when the kept token has expired", async () => {
    await open("K7QM4XTP");
    world.answer("GET /api/me", problem(401, "token_expired"));
    const member = await look("K7QM4XTP");
    expect(member.state.get().kind).toBe("joined");
    expect(world.called("POST /api/join")).toHaveLength(2);
  });

  it("says why a code was refused, and takes another", async () => {
    world.answer("POST /api/join", problem(404, "code_unknown"), json(JOINED, 201));
    const member = await open("WRONG");
    expect(member.state.get()).toMatchObject({ kind: "code_needed", problem: { code: "code_unknown" } });
    member.use("k7qm-4xtp");
    await world.settle();
    expect(member.state.get().kind).toBe("joined");
  });

  it("keeps trying by itself while the cloud cannot be reached", async () => {
    world.answer("POST /api/join", new TypeError("Failed to fetch"), json(JOINED, 201));
    const member = await open("K7QM4XTP");
    expect(member.state.get().kind).toBe("unreachable");
    await world.advance(300);
    expect(member.state.get().kind).toBe("joined");
  });

  it("is an operator as before where no cloud answers a reload: the lamp may be heard without it", async () => {
    world.answer("POST /api/join", () => json({ ...JOINED, role: "camera" }, 201));
    await open("K7QM4XTP");
    world.answer("GET /api/me", new TypeError("Failed to fetch"));
    const again = await look("K7QM4XTP");
    expect(again.state.get()).toEqual({ kind: "joined", join: { ...JOINED, role: "camera" } });
    const stranger = await look("WXYZWXYZ");
    expect(stranger.state.get()).toEqual({ kind: "invited" });
  });

  it("is nobody where no cloud answers a viewer", async () => {
    world.answer("POST /api/join", () => json({ ...JOINED, role: "viewer" }, 201));
    await open("K7QM4XTP");
    world.answer("GET /api/me", new TypeError("Failed to fetch"));
    expect((await look("K7QM4XTP")).state.get().kind).toBe("unreachable");
  });

  it("keeps its token while the cloud is broken: only a refusal makes it forget", async () => {
    await open("K7QM4XTP");
    world.answer("GET /api/me", problem(503, "not_ready"), json(JOINED));
    const member = await open("K7QM4XTP");
    expect(member.state.get().kind).toBe("unreachable");
    await world.advance(300);
    expect(member.state.get().kind).toBe("joined");
    expect(world.called("POST /api/join")).toHaveLength(1);
  });
});
