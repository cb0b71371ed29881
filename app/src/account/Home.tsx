// Inside: one's sessions, one's account, and the way to the host's page.

import { useState } from "react";
import type { Login } from "../client/account";
import type { AccountSummary } from "../contract/protocol";
import { useWords } from "../ui/use";
import { Account } from "./Account";
import { Head, Tab } from "./Head";
import { Sessions } from "./Sessions";

interface HomeProps {
  readonly login: Login;
  readonly account: AccountSummary;
  /** The account is deleted. */
  readonly gone: () => void;
}

/** The page of somebody who is logged in. */
export function Home({ login, account, gone }: HomeProps) {
  const w = useWords();
  const [place, go] = useState<"sessions" | "account">(
    account.second_factor === "missing" ? "account" : "sessions", // what is wanted of them comes first
  );
  return (
    <div className="home">
      <Head login={login}>
        <Tab name="sessions" place={place} go={go}>
          {w.accSessions}
        </Tab>
        <Tab name="account" place={place} go={go}>
          {w.accAccount}
        </Tab>
        {account.host && (
          <a className="button button-quiet" href="/admin/">
            {w.accHost}
          </a>
        )}
      </Head>
      <main className="home-body">
        {place === "sessions" ? (
          <Sessions login={login} />
        ) : (
          <Account login={login} account={account} gone={gone} />
        )}
      </main>
    </div>
  );
}
