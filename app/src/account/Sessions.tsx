// One's sessions: make, rename, end, open again, and their links.

import { useCallback, useEffect, useState } from "react";
import type { Login } from "../client/account";
import { Refused } from "../client/problem";
import type { SessionCreated } from "../contract/protocol";
import { useWords } from "../ui/use";
import { Field, Form, typed } from "./Form";
import { refusalWords } from "./refused";
import { SessionRow } from "./SessionRow";

/** The list, newest first, and the form for a new one. */
export function Sessions({ login }: { login: Login }) {
  const w = useWords();
  const [sessions, setSessions] = useState<readonly SessionCreated[] | null>(null);
  const [refused, setRefused] = useState<string | null>(null);
  const [count, setCount] = useState(0); // of those made here: each begins an empty form
  const read = useCallback(async () => {
    try {
      setSessions(await login.ask<SessionCreated[]>("GET", "/api/sessions"));
      setRefused(null);
    } catch (error) {
      setRefused(error instanceof Refused ? refusalWords(error.problem, w) : w.accUnreachable);
    }
  }, [login, w]);
  useEffect(() => {
    void read();
  }, [read]);
  const make = async (values: FormData) => {
    await login.ask("POST", "/api/sessions", { name: typed(values, "name") });
    setCount(count + 1);
    await read();
  };
  return (
    <>
      <section aria-label={w.accSessions}>
        <h1 className="home-title">{w.accSessions}</h1>
        {refused !== null && (
          <p className="refused" role="alert">
            {refused}
          </p>
        )}
        {sessions?.length === 0 && <p className="dim">{w.sesNone}</p>}
        <ul className="rows">
          {sessions?.map((made) => (
            <SessionRow key={made.session.id} login={login} made={made} changed={read} />
          ))}
        </ul>
      </section>
      <Form key={count} title={w.sesNew} button={w.sesCreate} send={make}>
        <Field label={w.sesName} name="name" autoComplete="off" maxLength={120} />
      </Form>
    </>
  );
}
