// A button that asks the server for something, and says why it was refused; and one that asks its person first.

import { type ReactNode, useState } from "react";
import { Refused } from "../client/problem";
import { useWords } from "../ui/use";
import { refusalWords } from "./refused";

interface AskProps {
  readonly act: () => Promise<void>;
  readonly children: ReactNode;
}

/** One press, one request. */
export function Ask({ act, children }: AskProps) {
  const w = useWords();
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<string | null>(null);
  const press = async () => {
    setBusy(true);
    setRefused(null);
    try {
      await act();
    } catch (error) {
      setRefused(error instanceof Refused ? refusalWords(error.problem, w) : w.accUnreachable);
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <button type="button" className="button" disabled={busy} onClick={() => void press()}>
        {children}
      </button>
      {refused !== null && (
        <p className="refused" role="alert">
          {refused}
        </p>
      )}
    </>
  );
}

/** For what cannot be taken back: the question stands where the button was. */
export function AskSure({
  act,
  children,
  sure,
  yes,
}: AskProps & { readonly sure: string; readonly yes: string }) {
  const w = useWords();
  const [asked, setAsked] = useState(false);
  if (!asked) {
    return (
      <button type="button" className="button" onClick={() => setAsked(true)}>
        {children}
      </button>
    );
  }
  return (
    <fieldset className="sure">
      <legend>{sure}</legend>
      <Ask act={act}>{yes}</Ask>
      <button type="button" className="button button-quiet" onClick={() => setAsked(false)}>
        {w.sesCancel}
      </button>
    </fieldset>
  );
}
