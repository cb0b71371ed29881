// What an operator sees of the director's own page: the lamp, and which camera it is of. No picture is here.

import { useState } from "react";
import { canVibrate } from "../client/body";
import { Lamp } from "../ui/Lamp";
import { LanguageButton } from "../ui/LanguageButton";
import { passWords, whyWords } from "../ui/sentences";
import { usePainted, useValue, useWords } from "../ui/use";
import type { OwnSeat } from "./seat";
import "./own.css";

interface OwnPageProps {
  readonly seat: OwnSeat;
  /** Asks for the motor, in a tap; whether the phone gave it. */
  readonly arm: () => boolean;
}

/** The whole page. */
export function OwnPage({ seat, arm }: OwnPageProps) {
  const w = useWords();
  const display = useValue(seat.tally);
  const cameras = useValue(seat.cameras);
  const refused = useValue(seat.refused);
  const [armed, setArmed] = useState(false);
  usePainted(display, (shown) => seat.painted(shown));
  const camera = display.camera === null ? "" : w.cameraNumber(display.camera);

  return (
    <main className="own">
      <Lamp
        tally={display.tally}
        camera={display.name === camera ? camera : [camera, display.name].filter(Boolean).join(" · ")}
        why={refused === null ? whyWords(display.why, w) : passWords(refused, w)}
        word={display.word === null ? "" : `${display.word.epoch}.${display.word.seq}`}
        freshForMs={seat.freshForMs(display)}
      />
      <section className="own-cameras" aria-label={w.whichCamera}>
        {cameras.map((one) => (
          <button
            key={one.camera}
            type="button"
            className="button"
            aria-pressed={one.camera === display.camera}
            aria-label={w.cameraNumber(one.camera)}
            onClick={() => seat.follow(one.camera)}
          >
            {one.camera}
          </button>
        ))}
      </section>
      {canVibrate() && (
        <button type="button" className="button" aria-pressed={armed} onClick={() => setArmed(arm())}>
          {w.vibrate}
        </button>
      )}
      <p className="dim">
        {w.ownLimits}
        {!canVibrate() && ` ${w.noVibration}.`}
      </p>
      <LanguageButton />
    </main>
  );
}
