// What a page shows before it has joined: an invitation to take, that it is joining, that the server is away, or a field
// for the code.

import { type FormEvent, type ReactNode, useState } from "react";
import type { Member, Membership } from "../client/membership";
import type { Problem } from "../contract/protocol";
import { LanguageButton } from "./LanguageButton";
import { problemWords } from "./sentences";
import { useWords } from "./use";
import "./entrance.css";

/** What a link invites to. */
export interface Invitation {
  readonly title: string;
  readonly detail: string;
  /** On the button that takes it. */
  readonly take: string;
}

interface EntranceProps {
  readonly membership: Membership;
  readonly member: Member;
  readonly invitation: Invitation;
  /** Above what is asked or told. */
  readonly children?: ReactNode;
}

/** Until the page is somebody. */
export function Entrance({ membership, member, invitation, children }: EntranceProps) {
  const w = useWords();
  return (
    <main className="entrance">
      <header className="entrance-head">
        <p className="entrance-brand">{w.appName}</p>
        <LanguageButton />
      </header>
      <div className="entrance-body">
        {children}
        {membership.kind === "code_needed" && (
          <CodeForm heading="h1" problem={membership.problem} use={(code) => member.use(code)} />
        )}
        {membership.kind === "invited" && (
          <section className="invitation">
            <h1>{invitation.title}</h1>
            <p className="dim">{invitation.detail}</p>
            <button type="button" className="button button-main" onClick={() => member.accept()}>
              {invitation.take}
            </button>
          </section>
        )}
        {membership.kind === "out" && <Out problem={membership.problem} />}
        {(membership.kind === "joining" || membership.kind === "unreachable") && (
          <div className="entrance-wait" role="status">
            <h1>{membership.kind === "unreachable" ? w.unreachable : w.joining}</h1>
          </div>
        )}
      </div>
    </main>
  );
}

function Out({ problem }: { problem: Problem }) {
  const { title, detail } = problemWords(problem, useWords());
  return (
    <section className="invitation" role="status">
      <h1>{title}</h1>
      <p className="dim">{detail}</p>
    </section>
  );
}

interface CodeFormProps {
  readonly problem: Problem | null;
  readonly use: (code: string) => void;
  /** Of a link, to be confirmed by a tap. */
  readonly given?: string;
  /** The form is the page, or a part of it. */
  readonly heading?: "h1" | "h2";
}

/** Asks for a code, and says why the last one was refused. */
export function CodeForm({ problem, use, given = "", heading: Heading = "h2" }: CodeFormProps) {
  const w = useWords();
  const [code, setCode] = useState(given);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (code.trim() !== "") use(code);
  };
  const refused = problem === null ? null : problemWords(problem, w);
  return (
    <form className="code-form" onSubmit={submit}>
      <Heading>{w.codeTitle}</Heading>
      <p className="dim">{w.codeHint}</p>
      <label>
        <span className="hidden-words">{w.codeLabel}</span>
        <input
          className="field"
          value={code}
          onChange={({ target }) => setCode(target.value)}
          placeholder="XXXXX-XXXXX"
          autoCapitalize="characters"
          autoComplete="off"
          autoCorrect="off"
          spellCheck={false}
          enterKeyHint="go"
          maxLength={40}
        />
      </label>
      {refused !== null && (
        <p className="refused" role="alert">
          {refused.title} {refused.detail}
        </p>
      )}
      <button type="submit" className="button button-main" disabled={code.trim() === ""}>
        {w.codeJoin}
      </button>
    </form>
  );
}
