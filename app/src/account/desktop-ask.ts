// A desktop program's question, kept while its person signs in: the provider's pages lie in between. It refuses to
// outlive the tab.

import { type AccountLink, accountLink, type DesktopLink } from "../client/account-link";
import type { Keeper } from "../client/membership";

const KEY = "returnfeed.desktop";

/** The question, if there is one. */
export class DesktopAsk {
  readonly #tab: Keeper;

  constructor(tab: Keeper, link: AccountLink) {
    this.#tab = tab;
    if (link.kind === "desktop") tab.setItem(KEY, `#desktop/${link.port}/${link.challenge}/${link.state}`);
    else if (link.kind === "home") this.forget(); // somebody opened the pages for something else
  }

  get link(): DesktopLink | null {
    const link = accountLink(this.#tab.getItem(KEY) ?? "");
    return link.kind === "desktop" ? link : null;
  }

  forget(): void {
    this.#tab.removeItem(KEY);
  }
}
