// A button that asks the server for something, and says why it was refused; and one that asks its person first.

import { type ReactNode, useState } from "react";
import { useWords } from "../ui/use";
import { Refusal } from "./Refusal";
import { whyNot } from "./refused";

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
      setRefused(whyNot(error, w));
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <button type="button" className="button" disabled={busy} onClick={() => void press()}>
        {children}
      </button>
      <Refusal why={refused} />
    </>
  );
}

interface AskSureProps extends AskProps {
  /** The question. */
  readonly sure: string;
  readonly yes: string;
  /** Said once it is done, where nothing else on the page shows it. */
  readonly done?: string;
}

/** For what cannot be taken back: the question stands where the button was, until it is answered. */
export function AskSure({ act, children, sure, yes, done }: AskSureProps) {
  const w = useWords();
  const [stands, setStands] = useState<"button" | "question" | "done">("button");
  if (stands !== "question") {
    return (
      <>
        <button type="button" className="button" onClick={() => setStands("question")}>
          {children}
        </button>
        {stands === "done" && done !== undefined && <p role="status">{done}</p>}
      </>
    );
  }
  const answered = async () => {
    await act();
    setStands("done");
  };
  return (
    <fieldset className="sure">
      <legend>{sure}</legend>
      <Ask act={answered}>{yes}</Ask>
      <button type="button" className="button button-quiet" onClick={() => setStands("button")}>
        {w.sesCancel}
      </button>
    </fieldset>
  );
}
