// The host's page: people, sessions with live figures, and what happened.

import { type ReactNode, useEffect, useState } from "react";
import { Notice } from "../account/Notice";
import { SignIn } from "../account/SignIn";
import type { Login } from "../client/account";
import type { Repeated } from "../client/repeated";
import type { HostNow } from "../contract/protocol";
import { LanguageButton } from "../ui/LanguageButton";
import { useValue, useWords } from "../ui/use";
import { Audit } from "./Audit";
import { Now } from "./Now";
import { People } from "./People";
import "../account/account.css";
import "../account/home.css";
import "./admin.css";

type Place = "now" | "people" | "audit";

interface AdminPageProps {
  readonly login: Login;
  readonly now: Repeated<HostNow>;
}

/** The page. */
export function AdminPage({ login, now }: AdminPageProps) {
  const w = useWords();
  const [place, setPlace] = useState<Place>("now");
  const person = useValue(login.person);
  useEffect(() => {
    void login.open();
  }, [login]);
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
  const places = (
    <nav className="home-places" aria-label={w.accPlaces}>
      {tab("now", w.hostFigures)}
      {tab("people", w.hostUsers)}
      {tab("audit", w.hostAudit)}
      <a className="button button-quiet" href="/account/">
        {w.accAccount}
      </a>
    </nav>
  );
  switch (person.kind) {
    case "opening":
      return <Frame>{<Notice title={w.accOpening} />}</Frame>;
    case "unreachable":
      return (
        <Frame>
          <Notice title={w.accUnreachable} action={w.accTryAgain} act={() => void login.open()} />
        </Frame>
      );
    case "out":
      return (
        <Frame>
          <p className="dim">{w.hostOnly}</p>
          <SignIn login={login} offer={{ ...person.offer, provider: null }} />
        </Frame>
      );
    case "in":
      return (
        <Frame places={places}>
          {place === "now" && <Now login={login} now={now} />}
          {place === "people" && <People login={login} />}
          {place === "audit" && <Audit login={login} />}
        </Frame>
      );
  }
}

function Frame({ places, children }: { readonly places?: ReactNode; readonly children: ReactNode }) {
  const w = useWords();
  return (
    <div className="home">
      <header className="home-head">
        <a className="entrance-brand" href="/">
          {w.appName}
        </a>
        {places ?? <span className="home-places" />}
        <LanguageButton />
      </header>
      <main className="home-body">{children}</main>
    </div>
  );
}
