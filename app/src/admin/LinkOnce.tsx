// A link of the host's that works once. The server keeps its hash alone: here is the one place where it can be read.

import { useState } from "react";
import { Ask } from "../account/Ask";
import { Copy } from "../account/Copy";
import { Qr } from "../account/Qr";
import type { Login } from "../client/account";
import type { OneTimeLink } from "../contract/protocol";
import { useTongue, useValue, useWords } from "../ui/use";

interface LinkOnceProps {
  readonly login: Login;
  /** What the button says. */
  readonly name: string;
  /** What the link is for, and for whom. */
  readonly told: string;
  readonly path: string;
  readonly body?: unknown;
}

/** The button, and the link that it made. */
export function LinkOnce({ login, name, told, path, body }: LinkOnceProps) {
  const [made, setMade] = useState<OneTimeLink | null>(null);
  const make = async () => setMade(await login.ask<OneTimeLink>("POST", path, body));
  return (
    <>
      <Ask act={make}>{name}</Ask>
      {made !== null && <Made told={told} made={made} origin={login.origin} away={() => setMade(null)} />}
    </>
  );
}

interface MadeProps {
  readonly told: string;
  readonly made: OneTimeLink;
  readonly origin: string;
  readonly away: () => void;
}

/** The link, to be handed over now. */
export function Made({ told, made, origin, away }: MadeProps) {
  const w = useWords();
  const language = useValue(useTongue().language);
  const address = origin + made.path;
  const until = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" });
  return (
    <section className="made" aria-label={told}>
      <div className="stack-s">
        <p>
          <strong>{told}</strong>
        </p>
        <p className="dim">{w.hostLinkOnce(until.format(made.expires_at))}</p>
        <p className="address">{address}</p>
        <div className="row-acts">
          <Copy text={address} />
          <button type="button" className="button button-quiet" onClick={away}>
            {w.hostLinkAway}
          </button>
        </div>
      </div>
      <Qr text={address} label={w.sesQr(told)} />
    </section>
  );
}
