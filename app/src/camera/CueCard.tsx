// The director's cue over the picture, until it is answered; and, full width, the tap that a phone wants before it
// sounds or vibrates again.

import type { Inside } from "../client/inside";
import { Icon } from "../ui/Icon";
import { useValue, useWords } from "../ui/use";
import type { Device } from "./CameraPage";

/** What the director says. */
export function CueCard({ inside: { cues } }: { inside: Inside }) {
  const w = useWords();
  const { cue } = useValue(cues.view);
  return (
    <section className="cue" role="status" aria-live="assertive" aria-label={w.cue} data-open={cue !== null}>
      {cue !== null && (
        <>
          <p className="cue-text">{cue.text}</p>
          <div className="cue-answers">
            <button type="button" className="button" onClick={() => cues.answer("read")}>
              {w.cueRead}
            </button>
            <button type="button" className="button button-main" onClick={() => cues.answer("ready")}>
              {w.cueReady}
            </button>
            <button type="button" className="button" onClick={() => cues.answer("cannot")}>
              {w.cueCannot}
            </button>
          </div>
        </>
      )}
    </section>
  );
}

/** What is not armed any more. */
export function ArmBar({ device: { arms, lock, phone } }: { device: Device }) {
  const w = useWords();
  const { sound, vibration } = useValue(arms.armed);
  if (sound !== "unarmed" && vibration !== "unarmed") return null;
  return (
    <button
      type="button"
      className="button arm-bar"
      onClick={() => {
        void lock.want();
        phone.vibrate([30]);
        void arms.arm();
      }}
    >
      <Icon name="tone" />
      {w.armTap}
    </button>
  );
}
