// Tries what an operator's phone needs, before the show: one tap, a list, and a report to send.

import { useState } from "react";
import { Icon } from "../ui/Icon";
import { LanguageButton } from "../ui/LanguageButton";
import { useWords } from "../ui/use";
import type { Words } from "../ui/words/words";
import { type Ability, reportOf, tryAll, type Verdict } from "./abilities";
import { thisBrowser } from "./bench";
import "./check.css";

/** The page. */
export function CheckPage() {
  const w = useWords();
  const [tried, setTried] = useState<Ability[]>([]);
  const answer = (name: Ability["name"], verdict: Verdict) =>
    setTried(tried.map((one) => (one.name === name ? { ...one, verdict } : one)));
  return (
    <main className="check">
      <header className="check-head">
        <h1>{w.checkTitle}</h1>
        <LanguageButton />
      </header>
      <button
        type="button"
        className="button button-main"
        onClick={() => void tryAll(thisBrowser()).then(setTried)}
      >
        {w.checkTry}
      </button>
      <ul className="check-list">
        {tried.map((one) => (
          <Row key={one.name} ability={one} answer={(verdict) => answer(one.name, verdict)} />
        ))}
      </ul>
      {tried.length > 0 && <Share tried={tried} />}
    </main>
  );
}

function Row({ ability, answer }: { ability: Ability; answer: (verdict: Verdict) => void }) {
  const w = useWords();
  const { name, verdict, detail } = ability;
  const said = { yes: w.checkYes, no: w.checkNo, ask: w.checkAsk }[verdict];
  return (
    <li className="check-row" data-verdict={verdict}>
      <Icon
        name={{ yes: "program", no: "unknown", ask: "preview" }[verdict] as "program" | "unknown" | "preview"}
      />
      <span className="check-name">{abilityWords(name, w)}</span>
      <span className="check-said">{said}</span>
      {verdict === "ask" ? (
        <span className="check-answers">
          <button type="button" className="button" onClick={() => answer("yes")}>
            {w.checkYes}
          </button>
          <button type="button" className="button" onClick={() => answer("no")}>
            {w.checkNo}
          </button>
        </span>
      ) : (
        <span className="dim check-detail">{detail}</span>
      )}
    </li>
  );
}

function Share({ tried }: { tried: readonly Ability[] }) {
  const w = useWords();
  const [copied, setCopied] = useState(false);
  const report = reportOf(tried, navigator.userAgent, new Date().toISOString().slice(0, 10));
  const share = async () => {
    try {
      if (navigator.share === undefined) {
        await navigator.clipboard.writeText(report);
        setCopied(true);
      } else await navigator.share({ text: report });
    } catch {
      // Not wanted, or not allowed: the text stands below.
    }
  };
  return (
    <section>
      <button type="button" className="button" onClick={() => void share()}>
        {copied ? w.checkCopied : w.checkShare}
      </button>
      <pre className="check-report">{report}</pre>
    </section>
  );
}

function abilityWords(name: Ability["name"], w: Words): string {
  const words: Record<Ability["name"], string> = {
    secure: w.checkSecure,
    h264: w.checkH264,
    vibration: w.checkVibration,
    sound: w.checkSound,
    screen: w.checkScreen,
    full_screen: w.checkFullScreen,
    battery: w.checkBattery,
    shell: w.checkShell,
    in_app: w.checkOwnBrowser,
  };
  return words[name];
}
