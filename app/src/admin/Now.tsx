// How the server fares now, and each session that runs.

import { useEffect, useState } from "react";
import { AskSure } from "../account/Ask";
import { Refusal } from "../account/Refusal";
import { refusalWords } from "../account/refused";
import { stateWord } from "../account/SessionRow";
import type { Login } from "../client/account";
import type { Repeated } from "../client/repeated";
import type { HostNow, HostSession } from "../contract/protocol";
import { useTongue, useValue, useWords } from "../ui/use";
import { load, megabytes } from "./figures";

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
  const why = refused === null ? null : refused === "network" ? w.accUnreachable : refusalWords(refused, w);
  const sessions = answer?.sessions ?? [];
  const live = sessions.filter(({ session }) => session.state === "live").length;
  const pushed = sessions.filter(({ arriving }) => arriving !== null).length;
  return (
    <section aria-label={w.hostFigures}>
      <h1 className="home-title">{w.hostFigures}</h1>
      <Refusal why={why} />
      {answer !== null && (
        <dl className="figures">
          <Figure name={w.hostLive} value={live} />
          <Figure name={w.hostPushes} value={pushed} />
          <Figure name={w.hostViewers} value={answer.viewers} />
          <Figure name={w.hostConnected} value={answer.connected} />
          <Machine now={answer} />
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

/** What the server takes of its machine, where the system tells. */
function Machine({ now }: { readonly now: HostNow }) {
  const w = useWords();
  const language = useValue(useTongue().language);
  const [pair, setPair] = useState<{ readonly before: HostNow; readonly now: HostNow }>({ before: now, now });
  useEffect(() => setPair(({ now: before }) => ({ before, now })), [now]);
  if (now.process === null) return null;
  const busy = load(pair.before, pair.now);
  const { resident_bytes, open_files, max_files } = now.process;
  const files = new Intl.NumberFormat(language);
  return (
    <>
      <Figure name={w.hostProcessor} value={busy === null ? "–" : `${Math.round(busy)}\u00a0%`} />
      <Figure name={w.hostMemory} value={`${megabytes(resident_bytes)}\u00a0MB`} />
      <Figure name={w.hostFiles(files.format(max_files))} value={files.format(open_files)} />
    </>
  );
}

function Figure({ name, value }: { readonly name: string; readonly value: number | string }) {
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
