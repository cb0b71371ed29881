// A form: fields with their names, one button, and why it was refused. It sends once at a time.

import { type FormEvent, type ReactNode, useId, useState } from "react";
import { Refused } from "../client/problem";
import { useWords } from "../ui/use";
import { refusalWords } from "./refused";

interface FormProps {
  readonly title: string;
  readonly button: string;
  /** Sends; what it throws is told. */
  readonly send: (values: FormData) => Promise<void>;
  readonly children: ReactNode;
  /** Above the fields. */
  readonly intro?: ReactNode;
}

/** The form. */
export function Form({ title, button, send, children, intro }: FormProps) {
  const w = useWords();
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<string | null>(null);
  const heading = useId();
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (busy) return;
    const values = new FormData(event.currentTarget);
    setBusy(true);
    setRefused(null);
    try {
      await send(values);
    } catch (error) {
      setRefused(error instanceof Refused ? refusalWords(error.problem, w) : w.accUnreachable);
    } finally {
      setBusy(false);
    }
  };
  return (
    <form className="card" aria-labelledby={heading} onSubmit={(event) => void submit(event)}>
      <h1 id={heading}>{title}</h1>
      {intro}
      {children}
      {refused !== null && (
        <p className="refused" role="alert">
          {refused}
        </p>
      )}
      <button type="submit" className="button button-main" disabled={busy}>
        {busy ? w.accBusy : button}
      </button>
    </form>
  );
}

interface FieldProps {
  readonly label: string;
  readonly name: string;
  readonly type?: "text" | "email" | "password";
  readonly autoComplete: string;
  readonly hint?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
}

/** One line to type. */
export function Field({ label, hint, type = "text", ...field }: FieldProps) {
  const id = useId();
  return (
    <div className="line">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        className="field line-field"
        type={type}
        required
        spellCheck={false}
        autoCapitalize="none"
        aria-describedby={hint === undefined ? undefined : `${id}-hint`}
        {...field}
      />
      {hint !== undefined && (
        <p className="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  );
}

/** What was typed. */
export function typed(values: FormData, name: string): string {
  const value = values.get(name);
  return typeof value === "string" ? value : "";
}
