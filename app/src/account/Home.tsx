// Inside: one's sessions, one's account, and the way to the host's page.

import { useState } from "react";
import type { Login } from "../client/account";
import type { AccountSummary } from "../contract/protocol";
import { LanguageButton } from "../ui/LanguageButton";
import { useWords } from "../ui/use";
import { Sessions } from "./Sessions";
import "./home.css";

type Place = "sessions" | "account";

interface HomeProps {
  readonly login: Login;
  readonly account: AccountSummary;
}

/** The page of somebody who is logged in. */
export function Home({ login, account }: HomeProps) {
  const w = useWords();
  const [place, setPlace] = useState<Place>("sessions");
  const tab = (name: Place, words: string) => (
    <button
      type="button"
      className="button button-quiet"
      aria-current={place === name ? "page" : undefined}
      onClick={() => setPlace(name)}
    >
      {words}
    </button>
  );
  return (
    <div className="home">
      <header className="home-head">
        <a className="entrance-brand" href="/">
          {w.appName}
        </a>
        <nav className="home-places" aria-label={w.accPlaces}>
          {tab("sessions", w.accSessions)}
          {tab("account", w.accAccount)}
        </nav>
        <LanguageButton />
      </header>
      <main className="home-body">
        {place === "sessions" ? <Sessions login={login} /> : <Who account={account} />}
      </main>
    </div>
  );
}

function Who({ account }: { readonly account: AccountSummary }) {
  return (
    <section aria-label={account.name}>
      <h1 className="home-title">{account.name}</h1>
      <p className="dim">{account.email}</p>
    </section>
  );
}
