// The front page: says what this is, takes a code, and leads to the page that the code is for.

import { useEffect, useState } from "react";
import { type Entrance, Member, type Membership, normaliseCode } from "../client/membership";
import { CodeForm } from "../ui/Entrance";
import { Icon } from "../ui/Icon";
import { LanguageButton } from "../ui/LanguageButton";
import { pageOf } from "../ui/right-page";
import { useWords } from "../ui/use";
import "../ui/entrance.css";
import "./landing.css";

/** The page. */
export function Landing({ entrance }: { entrance: Entrance }) {
  const w = useWords();
  const [typed, setTyped] = useState({ code: "" });
  const membership = useJoin(entrance, typed);
  const problem = membership?.kind === "code_needed" ? membership.problem : null;
  const busy = membership !== null && membership.kind !== "code_needed";
  return (
    <main className="entrance">
      <header className="entrance-head">
        <p className="entrance-brand">{w.appName}</p>
        <LanguageButton />
      </header>
      <div className="entrance-body landing">
        <div className="landing-words">
          <h1>{w.landingTitle}</h1>
          <p>
            <Icon name="camera" />
            {w.landingCamera}
          </p>
          <p>
            <Icon name="play" />
            {w.landingViewer}
          </p>
        </div>
        {busy ? (
          <p className="entrance-wait" role="status">
            {membership.kind === "unreachable" ? w.unreachable : w.joining}
          </p>
        ) : (
          <CodeForm problem={problem} given={entrance.code} use={(code) => setTyped({ code })} />
        )}
      </div>
    </main>
  );
}

/** Joins by the code, each time one is typed; the page that is led to finds the token in the tab. */
function useJoin(entrance: Entrance, typed: { readonly code: string }): Membership | null {
  const [membership, setMembership] = useState<Membership | null>(null);
  useEffect(() => {
    // Back from the page that was led to: the form again, not the wait of then.
    const shown = ({ persisted }: PageTransitionEvent) => persisted && setMembership(null);
    addEventListener("pageshow", shown);
    return () => removeEventListener("pageshow", shown);
  }, []);
  useEffect(() => {
    if (typed.code === "") return;
    const member = new Member({ ...entrance, code: normaliseCode(typed.code) });
    member.accept();
    const changed = () => {
      const state = member.state.get();
      setMembership(state);
      if (state.kind === "joined") location.assign(`/${pageOf(state.join.role)}/#${member.code}`);
    };
    const unwatch = member.state.watch(changed);
    changed();
    return () => {
      unwatch();
      member.stop();
    };
  }, [entrance, typed]);
  return membership;
}
