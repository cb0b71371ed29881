// One's sessions: make, rename, end, open again, and their links.

import { useState } from "react";
import type { Login } from "../client/account";
import type { SessionCreated } from "../contract/protocol";
import { useWords } from "../ui/use";
import { Field, Form, typed } from "./Form";
import { Refusal } from "./Refusal";
import { SessionRow } from "./SessionRow";
import { useRead } from "./use-read";

/** The list, newest first, and the form for a new one. */
export function Sessions({ login }: { login: Login }) {
  const w = useWords();
  const { answer: sessions, refused, read } = useRead<readonly SessionCreated[]>(login, "/api/sessions");
  const [count, setCount] = useState(0); // of those made here: each begins an empty form
  const make = async (values: FormData) => {
    await login.ask("POST", "/api/sessions", { name: typed(values, "name") });
    setCount(count + 1);
    await read();
  };
  return (
    <>
      <section aria-label={w.accSessions}>
        <h1 className="home-title">{w.accSessions}</h1>
        <Refusal why={refused} />
        {sessions?.length === 0 && <p className="dim">{w.sesNone}</p>}
        <ul className="rows">
          {sessions?.map((made) => (
            <SessionRow key={made.session.id} login={login} made={made} changed={read} />
          ))}
        </ul>
      </section>
      <Form key={count} level={2} title={w.sesNew} button={w.sesCreate} send={make}>
        <Field label={w.sesName} name="name" autoComplete="off" maxLength={120} />
      </Form>
    </>
  );
}
