// The player's buttons: sound, save data, picture in picture, full screen, network. A button that this browser cannot
// keep its promise of is not there; all others are there from the beginning, so that nothing moves.

import { useState } from "react";
import type { Inside } from "../client/inside";
import { theatreOf } from "../client/theatre";
import type { Problem } from "../contract/protocol";
import { Icon, type IconName } from "../ui/Icon";
import { problemWords } from "../ui/sentences";
import { useValue, useWords } from "../ui/use";

interface Switch {
  readonly on: boolean;
  readonly toggle: () => void;
}

interface PlayerProps {
  readonly inside: Inside;
  readonly stage: HTMLElement | null;
  readonly video: HTMLVideoElement | null;
  readonly sound: Switch;
  readonly network: Switch;
}

/** One row, below the picture or over its lower edge. */
export function Player({ inside, stage, video, sound, network }: PlayerProps) {
  const w = useWords();
  const scene = useValue(inside.scene);
  const saving = useValue(inside.saving);
  const [refused, setRefused] = useState<Problem | null>(null);
  const [{ float, fullScreen }] = useState(() => theatreOf(document));
  const live = scene.kind === "live";
  const save = async () => setRefused(await inside.saveData(!saving));

  return (
    <nav className="watch-foot" aria-label={w.watchControls} hidden={scene.kind === "ended"}>
      <Button
        icon={sound.on ? "soundOn" : "soundOff"}
        label={w.sound}
        pressed={sound.on}
        press={sound.toggle}
      />
      <Button icon="saving" label={w.saveData} pressed={saving} press={() => void save()} />
      {refused !== null && (
        <p className="watch-refused" role="alert">
          {problemWords(refused, w).title}
        </p>
      )}
      <span className="watch-gap" />
      <Button icon="link" label={w.network} pressed={network.on} press={network.toggle} />
      {float !== null && (
        <Button icon="float" label={w.float} disabled={!live} press={() => video !== null && float(video)} />
      )}
      {fullScreen !== null && (
        <Button
          icon="fullScreen"
          label={w.fullScreen}
          press={() => stage !== null && video !== null && fullScreen(stage, video)}
        />
      )}
    </nav>
  );
}

interface ButtonProps {
  readonly icon: IconName;
  readonly label: string;
  readonly pressed?: boolean;
  readonly disabled?: boolean;
  readonly press: () => void;
}

function Button({ icon, label, pressed, disabled = false, press }: ButtonProps) {
  return (
    <button
      type="button"
      className="button watch-button"
      aria-label={label}
      aria-pressed={pressed}
      title={label}
      disabled={disabled}
      onClick={press}
    >
      <Icon name={icon} />
      <span className="watch-word">{label}</span>
    </button>
  );
}
