// The tally lamp: a border round the whole page and a face with the word. Colour is never the only sign: RED is a
// solid thick border, a filled panel and a disc; GREEN a striped border and a dashed ring; unknown a hatched one.
//
// Invariant: should the page hang, the browser itself covers the lamp with *unknown* when its word grows stale; the
// cover is an animation of opacity, which needs no script to run.

import type { CSSProperties } from "react";
import type { Tally } from "../contract/protocol";
import { Icon } from "./Icon";
import { lampWord } from "./sentences";
import { useWords } from "./use";
import "./lamp.css";

interface LampProps {
  readonly tally: Tally;
  /** The camera, as its operator knows it. */
  readonly camera: string;
  readonly why: string;
  /** Changes with each word of the director. */
  readonly word: string;
  /** How long this may still be shown, in ms; null where nothing can grow stale. */
  readonly freshForMs: number | null;
}

/** Border and panel. */
export function Lamp({ tally, camera, why, word, freshForMs }: LampProps) {
  const w = useWords();
  const cover: CSSProperties = { animationDuration: `${Math.max(0, freshForMs ?? 0)}ms` };
  return (
    <>
      <div className="lamp-border" data-tally={tally} aria-hidden="true">
        {freshForMs !== null && (
          <div key={word} className="lamp-border lamp-cover" data-tally="unknown" style={cover} />
        )}
      </div>
      <div className="lamp" data-tally={tally}>
        <section className="lamp-face" role="status" aria-live="assertive" aria-label={w.tally}>
          <p className="lamp-word">
            <Icon name={tally} />
            <span>{lampWord(tally, w)}</span>
          </p>
          <p className="lamp-camera">{camera}</p>
          <p className="lamp-why">{why}</p>
        </section>
        {freshForMs !== null && (
          <div key={word} className="lamp lamp-cover" data-tally="unknown" style={cover} aria-hidden="true">
            <div className="lamp-face">
              <p className="lamp-word">
                <Icon name="unknown" />
                {/* Drawn, not said: until it is uncovered this word is not on the page. */}
                <span className="lamp-cover-word" data-word={w.lampUnknown} />
              </p>
            </div>
          </div>
        )}
      </div>
    </>
  );
}
