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

/** Border and face. */
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
      <section className="lamp" role="status" aria-live="assertive" aria-label={w.tally} data-tally={tally}>
        <Face tally={tally} camera={camera} why={why} />
        {freshForMs !== null && (
          <div key={word} className="lamp lamp-cover" data-tally="unknown" style={cover} aria-hidden="true">
            <Face tally="unknown" camera={camera} why={w.becauseStale} />
          </div>
        )}
      </section>
    </>
  );
}

function Face({ tally, camera, why }: { tally: Tally; camera: string; why: string }) {
  const w = useWords();
  return (
    <div className="lamp-face">
      <p className="lamp-word">
        <Icon name={tally} />
        <span>{lampWord(tally, w)}</span>
      </p>
      <p className="lamp-camera">{camera}</p>
      <p className="lamp-why">{why}</p>
    </div>
  );
}
