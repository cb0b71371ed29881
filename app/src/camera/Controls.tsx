// The operator's buttons. Each is named, and its name says what it is now.

import type { ReactNode } from "react";
import { askForSound, canVibrate } from "../client/body";
import type { Inside } from "../client/inside";
import { Icon, type IconName } from "../ui/Icon";
import { useValue, useWords } from "../ui/use";
import type { Device } from "./CameraPage";

interface ControlsProps {
  readonly inside: Inside;
  readonly device: Device;
  readonly sound: boolean;
  readonly setSound: (on: boolean) => void;
  readonly large: boolean;
  readonly setLarge: (on: boolean) => void;
  readonly chooseCamera: () => void;
}

/** Sound, vibration, tone, hand, problem, picture, its size, camera number. */
export function Controls({ inside, device, sound, setSound, large, setLarge, chooseCamera }: ControlsProps) {
  const w = useWords();
  const { settings, phone, arms } = device;
  const { signal } = useValue(inside.cues.view);
  const pictureOff = useValue(inside.pictureOff);
  const wishes = useValue(settings.wishes);
  const toggleSound = () => {
    if (!sound) askForSound();
    setSound(!sound);
  };
  const toggleTone = () => {
    settings.change({ sound: !wishes.sound });
    // So that its operator knows what to listen for.
    if (!wishes.sound) void arms.arm().then(() => phone.beep());
  };
  const size = (
    <Control
      icon={large ? "shrink" : "expand"}
      label={large ? w.shrink : w.expand}
      pressed={large}
      press={() => setLarge(!large)}
    >
      {w.expandShort}
    </Control>
  );
  if (large) {
    return (
      <nav className="controls" aria-label={w.controls}>
        {size}
      </nav>
    );
  }
  return (
    <nav className="controls" aria-label={w.controls}>
      <Control
        icon={sound ? "soundOn" : "soundOff"}
        label={sound ? w.soundOn : w.soundOff}
        pressed={sound}
        press={toggleSound}
      >
        {w.sound}
      </Control>
      <Control
        icon="vibrate"
        label={canVibrate() ? w.vibrate : w.noVibration}
        pressed={canVibrate() && wishes.vibrate}
        disabled={!canVibrate()}
        press={() => settings.change({ vibrate: !wishes.vibrate })}
      >
        {w.vibrateShort}
      </Control>
      <Control icon="tone" label={`${w.tone}. ${w.toneWarning}`} pressed={wishes.sound} press={toggleTone}>
        {w.toneShort}
      </Control>
      <Control
        icon="hand"
        label={signal === "hand" ? w.handDown : w.hand}
        pressed={signal === "hand"}
        press={() => inside.cues.signal("hand")}
      >
        {w.handShort}
      </Control>
      <Control
        icon="unknown"
        label={signal === "problem" ? w.problemOver : w.problem}
        pressed={signal === "problem"}
        press={() => inside.cues.signal("problem")}
      >
        {w.problemShort}
      </Control>
      <Control
        icon="play"
        label={pictureOff ? w.pictureOn : w.pictureSpare}
        pressed={!pictureOff}
        press={() => inside.wantPicture(pictureOff)}
      >
        {w.pictureShort}
      </Control>
      {size}
      <Control icon="camera" label={w.chooseCamera} press={chooseCamera}>
        {w.chooseCamera}
      </Control>
    </nav>
  );
}

interface ControlProps {
  readonly icon: IconName;
  readonly label: string;
  readonly pressed?: boolean;
  readonly disabled?: boolean;
  readonly press: () => void;
  readonly children: ReactNode;
}

function Control({ icon, label, pressed, disabled = false, press, children }: ControlProps) {
  return (
    <button
      type="button"
      className="button control"
      aria-label={label}
      title={label}
      aria-pressed={pressed}
      disabled={disabled}
      onClick={press}
    >
      <Icon name={icon} />
      <span className="control-word">{children}</span>
    </button>
  );
}
