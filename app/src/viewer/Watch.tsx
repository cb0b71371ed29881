// The picture, its sound, its quality. It begins muted, as every browser demands, and says how to hear it.

import { useCallback, useState } from "react";
import { askForSound } from "../client/body";
import type { Inside } from "../client/inside";
import type { ScreenLock } from "../client/wakelock";
import { Icon } from "../ui/Icon";
import { LanguageButton } from "../ui/LanguageButton";
import { Picture } from "../ui/Picture";
import { connectionWords, pictureNotice } from "../ui/sentences";
import { useEver, useValue, useWords } from "../ui/use";
import { Quality } from "./Quality";
import "./viewer.css";

/** A joined viewer's page. */
export function Watch({ inside, lock }: { inside: Inside; lock: ScreenLock }) {
  const w = useWords();
  const session = useValue(inside.session);
  const playback = useValue(inside.playback.state);
  const picture = useValue(inside.picture);
  const stream = useValue(inside.playback.stream);
  const connection = useValue(inside.connection.state);
  const { delay } = useValue(inside.gauge.gauges);
  const [sound, setSound] = useState(false);
  const everOpen = useEver(connection.kind === "open");
  const framed = useCallback(
    (times: Parameters<typeof inside.gauge.framed>[0]) => inside.gauge.framed(times),
    [inside],
  );
  const { role } = inside.me;
  const notice = pictureNotice({ session: session.state, role, playback, picture }, w);
  const over = session.state === "ended";

  const toggleSound = () => {
    if (!sound) askForSound();
    void lock.want();
    setSound(!sound);
  };

  return (
    <main className="watch">
      <header className="watch-head">
        <h1>{session.name}</h1>
        {session.state === "live" && notice === null && <p className="watch-live">{w.live}</p>}
        {session.state === "rehearsal" && <p className="watch-live">{w.rehearsal}</p>}
        <LanguageButton />
      </header>
      <Picture stream={stream} sound={sound} notice={notice} framed={framed} />
      <footer className="watch-foot">
        {!over && (
          <button type="button" className={sound ? "button" : "button button-main"} onClick={toggleSound}>
            <Icon name={sound ? "soundOn" : "soundOff"} />
            {sound ? w.mute : w.tapForSound}
          </button>
        )}
        {!over && <Quality inside={inside} />}
        <p className="watch-facts" role="status" aria-label={w.status}>
          {!over && connectionWords(connection, everOpen, w)}
          {delay !== null && ` · ${w.glassToGlass(delay.ms, delay.error_ms)}`}
        </p>
      </footer>
    </main>
  );
}
