// One line of facts in words: connection, delay, screen.

import type { Inside } from "../client/inside";
import { Value } from "../client/value";
import type { ScreenLock } from "../client/wakelock";
import type { Delay, LanPath } from "../contract/protocol";
import { Icon } from "../ui/Icon";
import { connectionWords, lanWords, lockWords } from "../ui/sentences";
import { useEver, useValue, useWords } from "../ui/use";
import type { Words } from "../ui/words/words";

const NO_PATH = new Value<LanPath | null>(null);

/** The page's state of health. */
export function Status({ inside, lock }: { inside: Inside; lock: ScreenLock }) {
  const w = useWords();
  const connection = useValue(inside.connection.state);
  const lit = useValue(lock.state);
  const { silent } = useValue(inside.cues.view);
  const { stats, delay: late } = useValue(inside.gauge.gauges);
  const path = useValue(inside.lan?.path ?? NO_PATH);
  const open = connection.kind === "open";
  const everOpen = useEver(open);
  const roundTripMs = inside.connection.roundTripMs ?? stats?.roundTripMs ?? null;
  const { place } = useValue(inside.standing);
  const delay = open ? delayWords(late, roundTripMs, w) : null;
  return (
    <section className="status" aria-label={w.status}>
      {place.name !== "" && (
        <p className="fact">
          <Icon name="camera" />
          {place.name}
        </p>
      )}
      <p className={open ? "fact" : "fact fact-bad"} role="status">
        <Icon name={open ? "link" : "broken"} />
        {connectionWords(connection, everOpen, w)}
      </p>
      {delay !== null && (
        <p className="fact">
          <Icon name="clock" />
          {delay}
        </p>
      )}
      {path !== null && (
        <p className="fact">
          <Icon name={path === "proven" ? "link" : "broken"} />
          {lanWords(path, w)}
        </p>
      )}
      {silent && (
        <p className="fact">
          <Icon name="soundOff" />
          {w.silenced}
        </p>
      )}
      {stats !== null && stats.loss >= 0.005 && (
        <p className="fact fact-bad">{w.loss((stats.loss * 100).toFixed(1))}</p>
      )}
      <p className={lit === "held" ? "fact" : "fact fact-bad"}>
        <Icon name={lit === "held" ? "lit" : "dark"} />
        {lockWords(lit, w)}
      </p>
    </section>
  );
}

/** The true delay where frames carry capture times, else the network's. */
function delayWords(late: Delay | null, roundTripMs: number | null, w: Words): string | null {
  if (late !== null) return w.glassToGlass(late.ms, late.error_ms);
  return roundTripMs === null ? null : w.roundTrip(Math.round(roundTripMs));
}
