// Everybody with an account.

import { useCallback, useEffect, useState } from "react";
import { Ask, AskSure } from "../account/Ask";
import { refusalWords } from "../account/refused";
import type { Login } from "../client/account";
import { Refused } from "../client/problem";
import type { HostUser } from "../contract/protocol";
import { useWords } from "../ui/use";

/** The list. */
export function People({ login }: { readonly login: Login }) {
  const w = useWords();
  const [people, setPeople] = useState<readonly HostUser[]>([]);
  const [refused, setRefused] = useState<string | null>(null);
  const read = useCallback(async () => {
    try {
      setPeople(await login.ask<HostUser[]>("GET", "/api/admin/users"));
      setRefused(null);
    } catch (error) {
      setRefused(error instanceof Refused ? refusalWords(error.problem, w) : w.accUnreachable);
    }
  }, [login, w]);
  useEffect(() => {
    void read();
  }, [read]);
  return (
    <section aria-label={w.hostUsers}>
      <h1 className="home-title">{w.hostUsers}</h1>
      {refused !== null && (
        <p className="refused" role="alert">
          {refused}
        </p>
      )}
      <ul className="rows">
        {people.map((one) => (
          <Row key={one.id} login={login} one={one} changed={read} />
        ))}
      </ul>
    </section>
  );
}

interface RowProps {
  readonly login: Login;
  readonly one: HostUser;
  readonly changed: () => Promise<void>;
}

function Row({ login, one, changed }: RowProps) {
  const w = useWords();
  const shut = async (disabled: boolean) => {
    await login.ask("PATCH", `/api/admin/users/${one.id}`, { disabled });
    await changed();
  };
  return (
    <li className="row" aria-label={one.name}>
      <div className="row-head">
        <p className="row-name">{one.name}</p>
        {one.host && <p className="state">{w.hostIsHost}</p>}
        {one.elsewhere && <p className="state">{w.hostByProvider}</p>}
        {one.disabled && <p className="state">{w.hostIsDisabled}</p>}
      </div>
      <p className="dim">
        {one.email} · {w.accSessions} {one.sessions}
      </p>
      {!one.host && (
        <div className="row-acts">
          {one.disabled ? (
            <Ask act={() => shut(false)}>{w.hostEnable}</Ask>
          ) : (
            <AskSure sure={w.hostDisableSure(one.name)} yes={w.hostYes} act={() => shut(true)}>
              {w.hostDisable}
            </AskSure>
          )}
        </div>
      )}
    </li>
  );
}
