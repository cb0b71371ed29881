// One session of one's own: what it is called, where it stands, and what can be done with it.

import { useState } from "react";
import type { Login } from "../client/account";
import type { SessionCreated, SessionPatch, SessionState } from "../contract/protocol";
import { useWords } from "../ui/use";
import type { Words } from "../ui/words/words";
import { Ask, AskSure } from "./Ask";
import { Field, Form, typed } from "./Form";
import { SessionLinks } from "./SessionLinks";

interface SessionRowProps {
  readonly login: Login;
  readonly made: SessionCreated;
  readonly changed: () => Promise<void>;
}

type Open = "nothing" | "name" | "links";

/** The row. */
export function SessionRow({ login, made, changed }: SessionRowProps) {
  const w = useWords();
  const [open, setOpen] = useState<Open>("nothing");
  const { id, name, state } = made.session;
  const patch = async (change: SessionPatch) => {
    await login.ask("PATCH", `/api/sessions/${id}`, change);
    setOpen("nothing");
    await changed();
  };
  const toggle = (what: Open) => setOpen(open === what ? "nothing" : what);
  return (
    <li className="row" aria-label={name}>
      <div className="row-head">
        <p className="row-name">{name}</p>
        <p className="state" data-state={state}>
          {stateWord(state, w)}
        </p>
      </div>
      <div className="row-acts">
        {state !== "ended" && (
          <button
            type="button"
            className="button"
            aria-expanded={open === "links"}
            onClick={() => toggle("links")}
          >
            {w.sesLinks}
          </button>
        )}
        <button
          type="button"
          className="button"
          aria-expanded={open === "name"}
          onClick={() => toggle("name")}
        >
          {w.sesRename}
        </button>
        {state === "ended" ? (
          <Ask act={() => patch({ state: "open" })}>{w.sesReopen}</Ask>
        ) : (
          <AskSure sure={w.sesEndSure} yes={w.sesEndYes} act={() => patch({ state: "ended" })}>
            {w.sesEnd}
          </AskSure>
        )}
      </div>
      {open === "name" && (
        <Form
          title={w.sesRename}
          level={2}
          button={w.sesSave}
          send={(values) => patch({ name: typed(values, "name") })}
        >
          <Field label={w.sesName} name="name" autoComplete="off" maxLength={120} />
        </Form>
      )}
      {open === "links" && <SessionLinks made={made} origin={login.origin} />}
    </li>
  );
}

/** Where a session stands, in a word. */
export function stateWord(state: SessionState, w: Words): string {
  const words: Record<SessionState, string> = {
    open: w.sesOpen,
    rehearsal: w.sesRehearsal,
    live: w.sesLive,
    ended: w.sesEnded,
  };
  return words[state];
}
