// How RED reaches the operator beside the light. It is asked, because a beep beside a live camera goes on air; light
// alone is what stands until somebody says that there is an earphone.

import { Icon } from "../ui/Icon";
import { useValue, useWords } from "../ui/use";
import type { Device } from "./CameraPage";

/** Earphones, or light and vibration. */
export function Signs({ device: { settings } }: { device: Device }) {
  const w = useWords();
  const { sound } = useValue(settings.wishes);
  return (
    <fieldset className="signs">
      <legend className="dim">{w.signsAsk}</legend>
      <button
        type="button"
        className="button sign"
        aria-pressed={sound}
        onClick={() => settings.change({ sound: true })}
      >
        <Icon name="tone" />
        {w.signsSound}
      </button>
      <button
        type="button"
        className="button sign"
        aria-pressed={!sound}
        onClick={() => settings.change({ sound: false })}
      >
        <Icon name="program" />
        {w.signsLight}
      </button>
    </fieldset>
  );
}
