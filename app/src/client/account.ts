// Who is logged in at this page. The access token lives in memory and nowhere else; what survives a reload is a
// cookie that no script can read, and that the server alone turns into the next access token.

import type {
  AccountSummary,
  LoginRequest,
  LoginResponse,
  Problem,
  RegisterRequest,
  SetupRequest,
  SignInAddress,
  SignInBegin,
  SignInFinish,
  SignInOffer,
} from "../contract/protocol";
import { call, json } from "./api";
import { isTokenTrouble, Refused } from "./problem";
import { Value, type Watchable } from "./value";
import type { World } from "./world";

/** Who this page is. */
export type Person =
  | { readonly kind: "opening" }
  | { readonly kind: "unreachable"; readonly problem: Problem | null }
  | { readonly kind: "out"; readonly offer: SignInOffer }
  | { readonly kind: "in"; readonly account: AccountSummary };

/** A login, from the first page to the last. */
export class Login {
  readonly #world: World;
  readonly #person = new Value<Person>({ kind: "opening" });
  #token: string | null = null;
  #renewing: Promise<boolean> | null = null;

  constructor(world: World) {
    this.#world = world;
  }

  get person(): Watchable<Person> {
    return this.#person;
  }

  get origin(): string {
    return this.#world.origin;
  }

  /** Finds out who is here: the login that the browser keeps, or nobody yet. */
  async open(): Promise<void> {
    this.#person.set({ kind: "opening" });
    try {
      if (!(await this.#renew())) await this.#out();
    } catch (error) {
      this.#person.set({ kind: "unreachable", problem: error instanceof Refused ? error.problem : null });
    }
  }

  /** By e-mail and password. */
  async logIn(request: LoginRequest): Promise<void> {
    this.#in(
      await json<LoginResponse>(this.#world, "POST", "/api/login", null, { ...request, refresh: "cookie" }),
    );
  }

  /** The first account of a new server. */
  async setUp(request: SetupRequest): Promise<void> {
    this.#in(
      await json<LoginResponse>(this.#world, "POST", "/api/setup", null, { ...request, refresh: "cookie" }),
    );
  }

  /** A new account, by an invitation or where everybody may. */
  async register(request: RegisterRequest): Promise<void> {
    this.#in(
      await json<LoginResponse>(this.#world, "POST", "/api/register", null, {
        ...request,
        refresh: "cookie",
      }),
    );
  }

  /** Another password, by a link. Every login of that account is over, so ours is looked at again. */
  async reset(token: string, password: string): Promise<void> {
    await call(this.#world, "POST", "/api/password/reset", null, { token, password });
    this.#token = null;
    await this.open();
  }

  /** An e-mail is proven, by a link; whoever is here reads it anew. */
  async verify(token: string): Promise<void> {
    await call(this.#world, "POST", "/api/email/verify", null, { token });
    if (this.#person.get().kind === "in") await this.look();
  }

  /** Another password; an account without one takes its first. */
  async changePassword(current: string, password: string): Promise<void> {
    await this.ask("POST", "/api/password", { current, password });
    await this.look();
  }

  /** Out, here or wherever this person is logged in. */
  async leave(where: "here" | "everywhere"): Promise<void> {
    try {
      await this.ask("POST", where === "here" ? "/api/logout" : "/api/logout-everywhere");
    } catch (error) {
      if (!(error instanceof Refused && isTokenTrouble(error.problem))) throw error;
      return; // it was over already, and this page knows by now
    }
    this.#token = null;
    await this.#out();
  }

  /** The account is gone, with all that is its own. */
  async deleteAccount(password: string | null): Promise<void> {
    await this.ask("DELETE", "/api/account", password === null ? {} : { password });
    this.#token = null;
    await this.#out();
  }

  /** Where to go to sign in at the provider; with the host's invitation where there is one. */
  async provider(invite: string | null): Promise<string> {
    const body: SignInBegin = invite === null ? {} : { invite };
    const { address } = await json<SignInAddress>(this.#world, "POST", "/api/signin/provider", null, body);
    return address;
  }

  /** Back from the provider; with what proves the local account where that was asked for. */
  async finish(waiting: string, proof: Omit<SignInFinish, "waiting">): Promise<void> {
    const body: SignInFinish = { waiting, ...proof };
    this.#in(await json<LoginResponse>(this.#world, "POST", "/api/signin/finish", null, body));
  }

  /** A call as this person; a token that has run out is renewed once. */
  async ask<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await this.#asked(method, path, body);
    return (response.status === 204 ? undefined : await response.json()) as T;
  }

  async #asked(method: string, path: string, body?: unknown): Promise<Response> {
    try {
      return await call(this.#world, method, path, this.#token, body);
    } catch (error) {
      if (!(error instanceof Refused && isTokenTrouble(error.problem))) throw error;
      this.#token = null;
      if (!(await this.#renew())) {
        await this.#out();
        throw error;
      }
      return call(this.#world, method, path, this.#token, body);
    }
  }

  /** One renewal at a time: the cookie is good once. */
  #renew(): Promise<boolean> {
    this.#renewing ??= this.#refresh().finally(() => {
      this.#renewing = null;
    });
    return this.#renewing;
  }

  async #refresh(): Promise<boolean> {
    try {
      this.#in(await json<LoginResponse>(this.#world, "POST", "/api/refresh", null, {}));
      return true;
    } catch (error) {
      if (error instanceof Refused && [401, 403, 404].includes(error.problem.status)) return false;
      throw error;
    }
  }

  /** Reads the account as it is by now. */
  async look(): Promise<void> {
    this.#person.set({ kind: "in", account: await this.ask<AccountSummary>("GET", "/api/account") });
  }

  #in(response: LoginResponse): void {
    this.#token = response.access_token;
    this.#person.set({ kind: "in", account: response.account });
  }

  async #out(): Promise<void> {
    this.#person.set({
      kind: "out",
      offer: await json<SignInOffer>(this.#world, "GET", "/api/signin", null),
    });
  }
}
