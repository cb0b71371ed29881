// The sheet that asks for a name and a camera. A number that somebody has says so, and what may be wished; the lamp
// lights once a number is ours. Start is the tap that a phone demands before it keeps its screen lit, vibrates or sounds.

import { type FormEvent, useState } from "react";
import { canVibrate } from "../client/body";
import { type Inside, isCameraNumber } from "../client/inside";
import { CAMERA_NUMBER_MAX } from "../contract/protocol";
import { LanguageButton } from "../ui/LanguageButton";
import { lockWords } from "../ui/sentences";
import { useValue, useWords } from "../ui/use";
import type { Device } from "./CameraPage";
import { Signs } from "./Signs";
import { Wanted } from "./Wanted";
import "./sheet.css";

const USUAL = 8; // offered where the director has not said which cameras there are
const NAME_LONGEST = 60;

interface ChooseCameraProps {
  readonly inside: Inside;
  readonly device: Device;
  readonly done: () => void;
}

/** Name, camera number, and Start. */
export function ChooseCamera({ inside, device, done }: ChooseCameraProps) {
  const w = useWords();
  const { camera } = useValue(inside.tally);
  const session = useValue(inside.session);
  const { place } = useValue(inside.standing);
  const [name, setName] = useState(place.name);

  const start = (event: FormEvent) => {
    event.preventDefault();
    void inside.place.rename(name);
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
      <label className="sheet-own">
        <span className="dim">{w.yourName}</span>
        <input
          className="field"
          value={name}
          maxLength={NAME_LONGEST}
          autoComplete="given-name"
          onChange={({ target }) => setName(target.value)}
          onBlur={() => void inside.place.rename(name)}
        />
      </label>
      <h1>{w.whichCamera}</h1>
      <Numbers inside={inside} />
      <Signs device={device} />
      <div className="sheet-foot">
        <Wanted inside={inside} />
        <button type="submit" className="button button-main" disabled={camera === null}>
          {w.start}
        </button>
      </div>
      <p className="dim sheet-hint">
        {isSecureContext ? w.startHint : lockWords("insecure", w)}
        {!canVibrate() && ` ${w.noVibration}.`}
      </p>
    </form>
  );
}

/** The show's cameras, or that of the link alone. */
function Numbers({ inside }: { inside: Inside }) {
  const w = useWords();
  const { camera } = useValue(inside.tally);
  const known = useValue(inside.cameras);
  const [other, setOther] = useState("");
  const { offered: bound } = inside.me;
  const all =
    known.length > 0 ? known : Array.from({ length: USUAL }, (_, i) => ({ camera: i + 1, name: "" }));
  const own = { camera: bound ?? 0, name: known.find((one) => one.camera === bound)?.name ?? "" };
  const type = (text: string) => {
    setOther(text);
    if (isCameraNumber(Number(text))) inside.follow(Number(text));
  };
  return (
    <div className="sheet-cameras">
      {(bound === null ? all : [own]).map(({ camera: number, name }) => (
        <button
          key={number}
          type="button"
          aria-pressed={camera === number}
          className="button sheet-camera"
          onClick={() => {
            setOther("");
            inside.follow(number);
          }}
        >
          <span className="hidden-words">{w.cameraNumber(number)} </span>
          <span className="sheet-number" aria-hidden="true">
            {number}
          </span>
          {name !== "" && name !== w.cameraNumber(number) && <span className="sheet-name">{name}</span>}
        </button>
      ))}
      {bound === null && (
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
      )}
    </div>
  );
}
