// How the server fares now, and each session that runs.

import { useEffect } from "react";
import { AskSure } from "../account/Ask";
import { refusalWords } from "../account/refused";
import { stateWord } from "../account/SessionRow";
import type { Login } from "../client/account";
import type { Repeated } from "../client/repeated";
import type { HostNow, HostSession } from "../contract/protocol";
import { useValue, useWords } from "../ui/use";

interface NowProps {
  readonly login: Login;
  readonly now: Repeated<HostNow>;
}

/** The figures, and the list. */
export function Now({ login, now }: NowProps) {
  const w = useWords();
  useEffect(() => {
    now.start();
    return () => now.stop();
  }, [now]);
  const { answer, refused } = useValue(now.heard);
  const sessions = answer?.sessions ?? [];
  const live = sessions.filter(({ session }) => session.state === "live").length;
  const pushed = sessions.filter(({ arriving }) => arriving !== null).length;
  return (
    <section aria-label={w.hostFigures}>
      <h1 className="home-title">{w.hostFigures}</h1>
      {refused !== null && (
        <p className="refused" role="alert">
          {refused === "network" ? w.accUnreachable : refusalWords(refused, w)}
        </p>
      )}
      {answer !== null && (
        <dl className="figures">
          <Figure name={w.hostLive} value={live} />
          <Figure name={w.hostPushes} value={pushed} />
          <Figure name={w.hostViewers} value={answer.viewers} />
        </dl>
      )}
      <h2>{w.hostSessions}</h2>
      {answer !== null && sessions.length === 0 && <p className="dim">{w.hostNothing}</p>}
      <ul className="rows">
        {sessions.map((one) => (
          <Row key={one.session.id} login={login} one={one} />
        ))}
      </ul>
    </section>
  );
}

function Figure({ name, value }: { readonly name: string; readonly value: number }) {
  return (
    <div className="figure-one">
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function Row({ login, one }: { readonly login: Login; readonly one: HostSession }) {
  const w = useWords();
  const { id, name, state } = one.session;
  const arriving = one.arriving === null ? "–" : `${Math.round(one.arriving / 1_000)} kbps`;
  return (
    <li className="row" aria-label={name}>
      <div className="row-head">
        <p className="row-name">{name}</p>
        <p className="state" data-state={state}>
          {stateWord(state, w)}
        </p>
      </div>
      <p className="dim">
        {w.hostBy(one.by)} · {w.hostViewers} {one.viewers} · {w.hostPushes} {arriving}
      </p>
      <div className="row-acts">
        <AskSure
          sure={w.sesEndSure}
          yes={w.sesEndYes}
          act={() => login.ask("POST", `/api/admin/sessions/${id}/end`)}
        >
          {w.hostEndSession}
        </AskSure>
      </div>
    </li>
  );
}
