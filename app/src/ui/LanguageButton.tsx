// Changes the language. It is named in the language that it leads to, for whoever cannot read this one.

import { Icon } from "./Icon";
import { useTongue, useValue, useWords } from "./use";

/** The other language. */
export function LanguageButton() {
  const w = useWords();
  const tongue = useTongue();
  const other = useValue(tongue.language) === "ko" ? "en" : "ko";
  return (
    <button
      type="button"
      className="button button-quiet"
      lang={other}
      aria-label={w.languageLabel}
      onClick={() => tongue.toggle()}
    >
      <Icon name="globe" />
      {w.language}
    </button>
  );
}
