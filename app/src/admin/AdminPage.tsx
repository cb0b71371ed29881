// The host's page: people, sessions with live figures, and what happened.

import { type ReactNode, useEffect, useState } from "react";
import { Head, Tab } from "../account/Head";
import { Notice } from "../account/Notice";
import { refusalWords } from "../account/refused";
import { SignIn } from "../account/SignIn";
import type { Login } from "../client/account";
import type { Repeated } from "../client/repeated";
import type { HostNow } from "../contract/protocol";
import { useValue, useWords } from "../ui/use";
import { Audit } from "./Audit";
import { Now } from "./Now";
import { People } from "./People";
import "../account/account.css";
import "./admin.css";

interface AdminPageProps {
  readonly login: Login;
  readonly now: Repeated<HostNow>;
}

/** The page. */
export function AdminPage({ login, now }: AdminPageProps) {
  const w = useWords();
  const person = useValue(login.person);
  useEffect(() => {
    void login.open();
  }, [login]);
  switch (person.kind) {
    case "opening":
      return (
        <Frame login={login}>
          <Notice title={w.accOpening} />
        </Frame>
      );
    case "unreachable": {
      const why = person.problem === null ? w.accUnreachable : refusalWords(person.problem, w);
      return (
        <Frame login={login}>
          <Notice title={why} action={w.accTryAgain} act={() => void login.open()} />
        </Frame>
      );
    }
    case "out":
      return (
        <Frame login={login}>
          <p className="dim">{w.hostOnly}</p>
          <SignIn login={login} offer={{ ...person.offer, provider: null }} />
        </Frame>
      );
    case "in":
      if (person.account.host && person.account.second_factor === "missing") {
        return (
          <Frame login={login}>
            <Notice title={w.facIsMissing} action={w.facSetUp} act={() => location.assign("/account/")} />
          </Frame>
        );
      }
      return <Places login={login} now={now} />;
  }
}

/** The page of somebody who is logged in; the server says whether that is a host. */
function Places({ login, now }: AdminPageProps) {
  const w = useWords();
  const [place, go] = useState<"now" | "people" | "audit">("now");
  const { answer } = useValue(now.heard);
  const tabs = (
    <>
      <Tab name="now" place={place} go={go}>
        {w.hostFigures}
      </Tab>
      <Tab name="people" place={place} go={go}>
        {w.hostUsers}
      </Tab>
      <Tab name="audit" place={place} go={go}>
        {w.hostAudit}
      </Tab>
      <a className="button button-quiet" href="/account/">
        {w.accAccount}
      </a>
    </>
  );
  return (
    <Frame login={login} tabs={tabs}>
      {place === "now" && <Now login={login} now={now} />}
      {place === "people" && <People login={login} />}
      {place === "audit" && <Audit login={login} days={answer?.audit_days ?? null} />}
    </Frame>
  );
}

interface FrameProps {
  readonly login: Login;
  readonly tabs?: ReactNode;
  readonly children: ReactNode;
}

function Frame({ login, tabs = null, children }: FrameProps) {
  return (
    <div className="home">
      <Head login={login}>{tabs}</Head>
      <main className="home-body">{children}</main>
    </div>
  );
}
