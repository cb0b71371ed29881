// The sheet that asks which camera this is. Choosing lights the lamp at once; Start is the tap that a phone demands
// before it keeps its screen lit, vibrates or sounds.

import { type FormEvent, useState } from "react";
import { canVibrate } from "../client/body";
import { type Inside, isCameraNumber } from "../client/inside";
import { CAMERA_NUMBER_MAX } from "../contract/protocol";
import { LanguageButton } from "../ui/LanguageButton";
import { lockWords } from "../ui/sentences";
import { useValue, useWords } from "../ui/use";
import type { Device } from "./CameraPage";
import { Signs } from "./Signs";
import "./sheet.css";

const USUAL = 8; // offered where the director has not said which cameras there are

interface ChooseCameraProps {
  readonly inside: Inside;
  readonly device: Device;
  readonly done: () => void;
}

/** Camera number, and Start. */
export function ChooseCamera({ inside, device, done }: ChooseCameraProps) {
  const w = useWords();
  const { camera } = useValue(inside.tally);
  const session = useValue(inside.session);
  const known = useValue(inside.cameras);
  const [other, setOther] = useState("");
  const offered =
    known.length > 0 ? known : Array.from({ length: USUAL }, (_, i) => ({ camera: i + 1, name: "" }));

  const type = (text: string) => {
    setOther(text);
    if (isCameraNumber(Number(text))) inside.follow(Number(text));
  };
  const start = (event: FormEvent) => {
    event.preventDefault();
    void device.lock.want();
    device.phone.vibrate([30]);
    void device.arms.arm();
    done();
  };

  return (
    <form className="sheet" onSubmit={start} aria-label={w.whichCamera}>
      <div className="sheet-head">
        <p className="dim">{session.name}</p>
        <LanguageButton />
      </div>
      <h1>{w.whichCamera}</h1>
      <div className="sheet-cameras">
        {offered.map(({ camera: number, name }) => (
          <button
            key={number}
            type="button"
            aria-pressed={camera === number}
            aria-label={`${w.cameraNumber(number)} ${name}`.trim()}
            className="button sheet-camera"
            onClick={() => {
              setOther("");
              inside.follow(number);
            }}
          >
            <span className="sheet-number">{number}</span>
            {name !== "" && <span className="sheet-name">{name}</span>}
          </button>
        ))}
        <label className="sheet-other">
          <span className="dim">{w.otherNumber}</span>
          <input
            className="field"
            type="number"
            inputMode="numeric"
            min={1}
            max={CAMERA_NUMBER_MAX}
            value={other}
            onChange={({ target }) => type(target.value)}
          />
        </label>
      </div>
      <Signs device={device} />
      <button type="submit" className="button button-main" disabled={camera === null}>
        {w.start}
      </button>
      <p className="dim sheet-hint">
        {isSecureContext ? w.startHint : lockWords("insecure", w)}
        {!canVibrate() && ` ${w.noVibration}.`}
      </p>
    </form>
  );
}
