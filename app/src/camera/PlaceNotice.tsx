// What becomes of this operator's camera number by others: the director moved it, or somebody asks for it.

import { useState } from "react";
import type { Inside } from "../client/inside";
import type { ParticipantId } from "../contract/protocol";
import { useValue, useWords } from "../ui/use";

interface PlaceNoticeProps {
  readonly inside: Inside;
  /** Opens the sheet with the numbers. */
  readonly choose: () => void;
}

/** Over the stage, while there is something to say. */
export function PlaceNotice({ inside, choose }: PlaceNoticeProps) {
  const w = useWords();
  const { place, moved } = useValue(inside.standing);
  const [kept, setKept] = useState<readonly ParticipantId[]>([]);
  const asker = place.asked_by.find(({ participant }) => !kept.includes(participant));
  if (moved) {
    const { camera } = place;
    const look = () => {
      inside.place.seen();
      if (camera === null) choose();
    };
    return (
      <section className="place-notice" role="alertdialog" aria-label={w.tally}>
        <p>{camera === null ? w.movedOut : w.movedTo(camera)}</p>
        <button type="button" className="button" onClick={look}>
          {camera === null ? w.chooseAnother : w.understood}
        </button>
      </section>
    );
  }
  if (asker === undefined || place.camera === null) return null;
  return (
    <section className="place-notice" role="alertdialog" aria-label={w.cameraNumber(place.camera)}>
      <p>{w.wantsYours(place.camera, asker.name || w.somebody)}</p>
      <button type="button" className="button" onClick={() => void inside.place.giveTo(asker.participant)}>
        {w.handOver}
      </button>
      <button
        type="button"
        className="button button-quiet"
        onClick={() => setKept([...kept, asker.participant])}
      >
        {w.keepIt}
      </button>
    </section>
  );
}
