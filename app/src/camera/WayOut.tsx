// Inside another app's browser: what is missing there, and the way out.

import { wayOut } from "../client/inapp";
import { useWords } from "../ui/use";

/** Nothing in a browser of its own. */
export function WayOut() {
  const w = useWords();
  const out = wayOut(navigator.userAgent, location.href);
  if (out === null) return null;
  return (
    <aside className="way-out">
      <p>{w.inApp(out.app)}</p>
      {out.link === null ? (
        <p className="dim">{w.inAppMenu}</p>
      ) : (
        <a className="button" href={out.link}>
          {w.inAppOut}
        </a>
      )}
    </aside>
  );
}
