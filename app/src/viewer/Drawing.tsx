// The drawing of each state that stands in the picture's place: one stroke, one grid of 96, drawn here so that nothing
// is fetched. The sentence beside it says the same, so it is hidden from assistive technology.

import type { ReactNode } from "react";
import type { Scene } from "../client/scene";

/** What can be drawn: every scene but the picture itself, and what a link can come to. */
export type DrawingName = Exclude<Scene["kind"], "live"> | "expired" | "unreachable";

const SCREEN = <rect x="10" y="18" width="76" height="50" rx="6" />;
const FOOT = <path d="M36 80h24M48 68v12" />;

const ANTENNA = (
  <>
    <path d="M48 50v32M36 82h24" />
    <circle cx="48" cy="44" r="5" className="drawing-full" />
  </>
);

const SHAPES: Record<DrawingName, ReactNode> = {
  opening: (
    <>
      {SCREEN}
      {FOOT}
      <path d="M40 32l18 11-18 11z" className="drawing-pulse" />
    </>
  ),
  before: (
    <>
      <path d="M10 14h76M14 14v64M82 14v64M10 82h76" />
      <path d="M14 14c2 30-1 48 0 64M24 14c2 24-1 44-2 64M34 14c1 18-4 38-12 58" />
      <path d="M82 14c-2 30 1 48 0 64M72 14c-2 24 1 44 2 64M62 14c-1 18 4 38 12 58" />
    </>
  ),
  rehearsal: (
    <>
      <path d="M12 38h72v42a4 4 0 01-4 4H16a4 4 0 01-4-4z" />
      <path d="M12 38l70-17-3-11L9 27z" className="drawing-clap" />
      <path d="M28 22l8 11M48 17l8 11M66 13l7 10" className="drawing-clap" />
      <path d="M24 54h30M24 68h18" />
    </>
  ),
  ended: (
    <>
      {SCREEN}
      {FOOT}
      <path d="M34 43l10 10 19-20" />
    </>
  ),
  full: (
    <>
      {[20, 48, 76].map((x) => (
        <path key={x} d={`M${x - 9} 38v-8a9 9 0 0118 0v8M${x - 11} 38h22v10h-22z`} />
      ))}
      {[34, 62].map((x) => (
        <path key={x} d={`M${x - 9} 74v-8a9 9 0 0118 0v8M${x - 11} 74h22v10h-22z`} className="drawing-full" />
      ))}
      <path d="M10 12h76" />
    </>
  ),
  expired: (
    <>
      <path d="M42 30l6-6a15 15 0 0121 0l3 3a15 15 0 010 21l-6 6" />
      <path d="M54 66l-6 6a15 15 0 01-21 0l-3-3a15 15 0 010-21l6-6" />
      <path d="M38 20l-3-10M24 32l-10-3M58 76l3 10M72 64l10 3" />
    </>
  ),
  director_lost: (
    <>
      <path d="M22 14v40M74 14v40M22 50h52M22 26h52" />
      <path d="M28 50l40 34M68 50L28 84" />
      <path d="M16 50h12M68 50h12" />
    </>
  ),
  network_lost: (
    <>
      {ANTENNA}
      <path d="M34 56a20 20 0 010-24M62 56a20 20 0 000-24" className="drawing-pulse" />
      <path d="M24 66a34 34 0 010-44M72 66a34 34 0 000-44" className="drawing-pulse drawing-later" />
      <path d="M14 84L82 12" className="drawing-strike" />
    </>
  ),
  restarting: (
    <>
      {SCREEN}
      {FOOT}
      <path d="M58 36a12 12 0 10 2 10M60 30v8h-8" className="drawing-pulse" />
    </>
  ),
  picture_lost: (
    <>
      {SCREEN}
      {FOOT}
      <path d="M10 43h20l6-12 10 26 10-20 5 6h25" className="drawing-pulse" />
    </>
  ),
  unreachable: (
    <>
      <path d="M28 66a16 16 0 01-2-32 24 24 0 0146 4 14 14 0 01-2 28z" />
      <path d="M40 78l16 0M48 70v0" />
      <path d="M48 40v12M48 60v.5" className="drawing-pulse" />
    </>
  ),
  refused: (
    <>
      {SCREEN}
      {FOOT}
      <path d="M36 31l24 24M60 31L36 55" />
    </>
  ),
};

/** A state's drawing. */
export function Drawing({ name }: { name: DrawingName }) {
  return (
    <svg className="drawing" viewBox="0 0 96 96" aria-hidden="true" focusable="false" data-name={name}>
      {SHAPES[name]}
    </svg>
  );
}
