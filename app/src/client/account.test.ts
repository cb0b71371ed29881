import { beforeEach, describe, expect, it } from "vitest";
import { samples } from "../contract/samples";
import { Login } from "./account";
import { json, problem } from "./testing/answers";
import { FakeWorld } from "./testing/world";

const LOGGED_IN = samples["http.login_response"];
const OFFER = samples["http.sign_in_offer"];
const later = (token: string) => json({ ...LOGGED_IN, access_token: token });

describe("a login", () => {
  let world: FakeWorld;
  let login: Login;

  beforeEach(() => {
    world = new FakeWorld();
    login = new Login(world);
    world.answer("GET /api/signin", json(OFFER));
    world.answer("POST /api/refresh", problem(401, "refresh_invalid"));
    world.answer("POST /api/login", json(LOGGED_IN));
  });

  it("is nobody's at first, and says how one becomes somebody", async () => {
    await login.open();
    expect(login.person.get()).toEqual({ kind: "out", offer: OFFER });
  });

  it("is found again after a reload by what the browser keeps", async () => {
    world.answer("POST /api/refresh", json(LOGGED_IN));
    await login.open();
    expect(login.person.get()).toEqual({ kind: "in", account: LOGGED_IN.account });
  });

  it("does not take a server that is away for a login that has ended", async () => {
    world.answer("POST /api/refresh", problem(503, "storage_busy"));
    await login.open();
    expect(login.person.get().kind).toBe("unreachable");
    world.answer("POST /api/refresh", new TypeError("network"));
    await login.open();
    expect(login.person.get()).toEqual({ kind: "unreachable", problem: null });
  });

  it("renews a token that has run out once, and asks again with the new one", async () => {
    await login.logIn({ email: "ada@example.org", password: "correct horse" });
    world.answer("GET /api/sessions", problem(401, "token_expired"), json([]));
    world.answer("POST /api/refresh", later("second"));
    expect(await login.ask("GET", "/api/sessions")).toEqual([]);
    const tokens = world.called("GET /api/sessions").map(({ headers }) => headers.get("Authorization"));
    expect(tokens).toEqual([`Bearer ${LOGGED_IN.access_token}`, "Bearer second"]);
  });

  it("spends the cookie once where two calls find the token run out", async () => {
    await login.logIn({ email: "ada@example.org", password: "correct horse" });
    world.answer("GET /api/sessions", problem(401, "token_expired"), problem(401, "token_expired"), json([]));
    world.answer("POST /api/refresh", later("second"));
    await Promise.all([login.ask("GET", "/api/sessions"), login.ask("GET", "/api/sessions")]);
    expect(world.called("POST /api/refresh")).toHaveLength(1);
  });

  it("is over where the server does not renew it", async () => {
    await login.logIn({ email: "ada@example.org", password: "correct horse" });
    world.answer("GET /api/sessions", problem(401, "token_expired"));
    await expect(login.ask("GET", "/api/sessions")).rejects.toThrow("token_expired");
    expect(login.person.get().kind).toBe("out");
  });

  it("keeps no token where a script of another page could find it", async () => {
    world.answer("POST /api/signin/finish", json(LOGGED_IN));
    await login.finish("p0Vd2w", {});
    expect(world.called("POST /api/signin/finish")[0]?.body).toBe('{"waiting":"p0Vd2w"}');
    expect(JSON.stringify(login)).not.toContain(LOGGED_IN.access_token);
  });

  it("registers with the invitation that its person holds, and is theirs then", async () => {
    world.answer("POST /api/register", json(LOGGED_IN, 201));
    await login.register({
      email: "ada@example.org",
      name: "Ada",
      password: "correct horse",
      invite: "good-once",
    });
    expect(JSON.parse(world.called("POST /api/register")[0]?.body ?? "")).toMatchObject({
      invite: "good-once",
      refresh: "cookie",
    });
    expect(login.person.get()).toEqual({ kind: "in", account: LOGGED_IN.account });
  });

  it("is looked at again after a new password by a link, which ends every login", async () => {
    await login.logIn({ email: "ada@example.org", password: "correct horse" });
    world.answer("POST /api/password/reset", new Response(null, { status: 204 }));
    await login.reset("good-once", "another horse");
    expect(login.person.get()).toEqual({ kind: "out", offer: OFFER });
  });

  it("stays where the server cannot be told that its person leaves, and is over where it was over already", async () => {
    await login.logIn({ email: "ada@example.org", password: "correct horse" });
    world.answer("POST /api/logout", new TypeError("network"));
    await expect(login.leave("here")).rejects.toThrow("network");
    expect(login.person.get().kind).toBe("in");
    world.answer("POST /api/logout", problem(401, "token_invalid"));
    await login.leave("here");
    expect(login.person.get().kind).toBe("out");
  });

  it("sends no token any more once its person has left", async () => {
    await login.logIn({ email: "ada@example.org", password: "correct horse" });
    world.answer("POST /api/logout-everywhere", new Response(null, { status: 204 }));
    await login.leave("everywhere");
    world.answer("GET /api/sessions", problem(401, "token_missing"));
    await expect(login.ask("GET", "/api/sessions")).rejects.toThrow("token_missing");
    expect(world.called("GET /api/sessions")[0]?.headers.get("Authorization")).toBeNull();
  });

  it("knows at once that the e-mail is proven", async () => {
    await login.logIn({ email: "ada@example.org", password: "correct horse" });
    world.answer("POST /api/email/verify", new Response(null, { status: 204 }));
    world.answer("GET /api/account", json({ ...LOGGED_IN.account, email_verified: true }));
    await login.verify("good-once");
    expect(login.person.get()).toMatchObject({ kind: "in", account: { email_verified: true } });
  });
});
