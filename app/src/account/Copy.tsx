// Puts a text into the clipboard, and says so.

import { useState } from "react";
import { useWords } from "../ui/use";

/** The button. */
export function Copy({ text }: { readonly text: string }) {
  const w = useWords();
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setCopied(true);
    } catch {
      setCopied(false); // no clipboard without https, or it was refused: the text can be marked by hand
    }
  };
  return (
    <button type="button" className="button" onClick={() => void copy()}>
      {copied ? w.sesCopied : w.sesCopy}
    </button>
  );
}
