// The picture, or the state that stands in its place, and the player's buttons. It begins muted, as every browser
// demands, with one large button for the sound.

import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { askForSound } from "../client/body";
import { Idle } from "../client/idle";
import type { Inside } from "../client/inside";
import type { ScreenLock } from "../client/wakelock";
import { Icon } from "../ui/Icon";
import { LanguageButton } from "../ui/LanguageButton";
import { Picture } from "../ui/Picture";
import { Restarting } from "../ui/Restarting";
import { sceneNotice } from "../ui/sentences";
import { useValue, useWords } from "../ui/use";
import { Card } from "./Card";
import { Network } from "./Network";
import { Player } from "./Player";
import "./viewer.css";

/** A joined viewer's page. */
export function Watch({ inside, lock }: { inside: Inside; lock: ScreenLock }) {
  const w = useWords();
  const session = useValue(inside.session);
  const scene = useValue(inside.scene);
  const restarting = useValue(inside.restarting);
  const stream = useValue(inside.playback.stream);
  const { delay } = useValue(inside.gauge.gauges);
  const [sound, setSound] = useState(false);
  const [asked, setAsked] = useState(false);
  const [network, setNetwork] = useState(false);
  const [video, setVideo] = useState<HTMLVideoElement | null>(null);
  const stage = useRef<HTMLElement>(null);
  const { idle, touched } = useIdle();
  const framed = useCallback(
    (times: Parameters<typeof inside.gauge.framed>[0]) => inside.gauge.framed(times),
    [inside],
  );
  const notice = sceneNotice(scene, w);
  const live = scene.kind === "live";

  const toggleSound = () => {
    if (!sound) askForSound();
    void lock.want();
    setAsked(true);
    setSound(!sound);
  };

  return (
    <main
      ref={stage}
      className="watch"
      data-scene={scene.kind}
      data-idle={idle && live && asked && !network}
      onPointerMove={touched}
      onPointerDown={touched}
      onKeyDown={touched}
    >
      <Picture
        stream={stream}
        sound={sound}
        notice={null}
        cover={
          notice !== null && scene.kind !== "live" ? (
            <Card key={scene.kind} drawing={scene.kind} notice={notice} />
          ) : null
        }
        framed={framed}
        element={setVideo}
      >
        <Restarting said={live && restarting} />
        {live && !asked && (
          <button type="button" className="button button-main watch-sound" onClick={toggleSound}>
            <Icon name="soundOn" />
            {w.tapForSound}
          </button>
        )}
      </Picture>
      <header className="watch-head">
        <h1>{session.name}</h1>
        {live && delay !== null && <p className="watch-delay">{w.glassToGlass(delay.ms, delay.error_ms)}</p>}
        {live && <p className="watch-live">{session.state === "rehearsal" ? w.rehearsal : w.live}</p>}
        <LanguageButton />
      </header>
      {network && <Network inside={inside} />}
      <Player
        inside={inside}
        stage={stage.current}
        video={video}
        sound={{ on: sound, toggle: toggleSound }}
        network={{ on: network, toggle: () => setNetwork(!network) }}
      />
    </main>
  );
}

function useIdle(): { idle: boolean; touched: () => void } {
  const hands = useMemo(
    () =>
      new Idle({
        after: (ms, run) => {
          const id = setTimeout(run, ms);
          return () => clearTimeout(id);
        },
      }),
    [],
  );
  useEffect(() => () => hands.stop(), [hands]);
  return { idle: useValue(hands.idle), touched: hands.touched };
}
