// A form: fields with their names, one button, and why it was refused. It sends once at a time.

import { type FormEvent, type ReactNode, useEffect, useId, useRef, useState } from "react";
import { useWords } from "../ui/use";
import { Refusal } from "./Refusal";
import { whyNot } from "./refused";

interface FormProps {
  readonly title: string;
  readonly button: string;
  /** Sends; what it throws is told. */
  readonly send: (values: FormData) => Promise<void>;
  readonly children: ReactNode;
  /** Above the fields. */
  readonly intro?: ReactNode;
  /** 1 where the form is the page, 2 where it is a part of it. */
  readonly level?: 1 | 2;
  /** Whether what is typed may be sent; the fields say the rest themselves. */
  readonly ready?: boolean;
}

/** The form. What is typed stays until it has been taken. */
export function Form({ title, button, send, children, intro, level = 1, ready = true }: FormProps) {
  const w = useWords();
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<string | null>(null);
  const heading = useId();
  const Heading = `h${level}` as const;
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (busy) return;
    const values = new FormData(event.currentTarget);
    setBusy(true);
    setRefused(null);
    try {
      await send(values);
    } catch (error) {
      setRefused(whyNot(error, w));
    } finally {
      setBusy(false);
    }
  };
  return (
    <form className="card" aria-labelledby={heading} onSubmit={(event) => void submit(event)}>
      <Heading id={heading}>{title}</Heading>
      {intro}
      {children}
      <Refusal why={refused} />
      <button type="submit" className="button button-main" disabled={busy || !ready}>
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
  /** Hears each change. */
  readonly onType?: (text: string) => void;
  readonly optional?: boolean;
  /** Where one types next, once it is there. */
  readonly first?: boolean;
}

/** One line to type. Whatever is not optional must be typed. */
export function Field({
  label,
  hint,
  type = "text",
  onType,
  optional = false,
  first = false,
  ...field
}: FieldProps) {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (first) input.current?.focus();
  }, [first]);
  return (
    <div className="line">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        ref={input}
        className="field line-field"
        type={type}
        required={!optional}
        spellCheck={false}
        autoCapitalize="none"
        aria-describedby={hint === undefined ? undefined : `${id}-hint`}
        onChange={onType && (({ target }) => onType(target.value))}
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

/** The password that one has. */
export function PasswordField() {
  const w = useWords();
  return (
    <Field
      label={w.accPassword}
      name="password"
      type="password"
      autoComplete="current-password"
      maxLength={128}
    />
  );
}

/** What was typed. */
export function typed(values: FormData, name: string): string {
  const value = values.get(name);
  return typeof value === "string" ? value : "";
}
