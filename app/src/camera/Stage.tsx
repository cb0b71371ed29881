// The stage: lamp, picture, status, controls, and the sheet that asks for a camera number. The lamp is true from
// the first moment; Start only unlocks what a phone gives to a tap: screen lock, vibration, sound. Who has started and comes
// again, reloaded, has lamp and picture by themselves, and what the phone took back is asked for by one wide tap.

import { useCallback, useEffect, useState } from "react";
import type { Inside } from "../client/inside";
import { Lamp } from "../ui/Lamp";
import { Picture } from "../ui/Picture";
import { Restarting } from "../ui/Restarting";
import { pictureNotice, whyWords } from "../ui/sentences";
import { usePainted, useValue, useWords } from "../ui/use";
import type { Device } from "./CameraPage";
import { ChooseCamera } from "./ChooseCamera";
import { Controls } from "./Controls";
import { ArmBar, CueCard } from "./CueCard";
import { PlaceNotice } from "./PlaceNotice";
import { Status } from "./Status";
import { WayOut } from "./WayOut";
import "./camera.css";

/** A joined operator's page. */
export function Stage({ inside, device }: { inside: Inside; device: Device }) {
  const w = useWords();
  const display = useValue(inside.tally);
  const session = useValue(inside.session);
  const playback = useValue(inside.playback.state);
  const picture = useValue(inside.picture);
  const stream = useValue(inside.playback.stream);
  const { participant } = inside.me;
  const [choosing, setChoosing] = useState(!device.settings.hasStarted(participant));
  const [sound, setSound] = useState(false);
  const [large, setLarge] = useState(false);

  const { lock } = device;
  useEffect(() => {
    if (!choosing) void lock.want();
  }, [choosing, lock]);
  usePainted(display, (shown) => inside.painted(shown));
  const framed = useCallback(
    (times: Parameters<typeof inside.gauge.framed>[0]) => inside.gauge.framed(times),
    [inside],
  );
  const { role } = inside.me;
  const restarting = useValue(inside.restarting);
  const pictureOff = useValue(inside.pictureOff);
  const blocked = useCallback((now: boolean) => device.blocked.set(now), [device]);
  const notice = pictureOff
    ? { title: w.pictureOff, detail: w.pictureOffDetail }
    : pictureNotice({ session: session.state, role, playback, picture, restarting }, w);
  const camera = display.camera === null ? "" : w.cameraNumber(display.camera);
  const word = display.word === null ? "" : `${display.word.epoch}.${display.word.seq}`;

  return (
    <main className="stage" data-large={large} data-choosing={choosing}>
      <Lamp
        tally={display.tally}
        camera={display.name === camera ? camera : [camera, display.name].filter(Boolean).join(" · ")}
        why={whyWords(display.why, w)}
        word={word}
        freshForMs={inside.freshForMs(display)}
      />
      <Picture stream={stream} sound={sound} notice={notice} framed={framed} blocked={blocked}>
        <Restarting said={restarting && notice === null} />
        <CueCard inside={inside} />
      </Picture>
      {!choosing && <ArmBar device={device} />}
      <Status inside={inside} lock={device.lock} />
      <WayOut />
      <Controls
        inside={inside}
        device={device}
        sound={sound}
        setSound={setSound}
        large={large}
        setLarge={setLarge}
        chooseCamera={() => setChoosing(true)}
      />
      <PlaceNotice inside={inside} choose={() => setChoosing(true)} />
      {choosing && (
        <ChooseCamera
          inside={inside}
          device={device}
          done={() => {
            device.settings.started(participant);
            setChoosing(false);
          }}
        />
      )}
    </main>
  );
}
