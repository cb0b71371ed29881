// Who makes the programme: this switcher, or another one whose programme is one of the sources. Pure.

import type { Show } from "../contract/protocol";

/** The source that carries another switcher's programme, counted from 1; 0: cuts are made here. */
export function madeBy({ programme }: Show): number {
  return programme.mode === "beside" ? programme.source : 0;
}

/** The programme is that source's from now on; 0: cuts are made here. */
export function withMaker(show: Show, source: number): Show {
  const there = Number.isInteger(source) && source >= 1 && source <= show.sources.length;
  return { ...show, programme: there ? { mode: "beside", source } : { mode: "own" } };
}

/** Without the source at this place; the programme stays the source that it was, or is made here when it went. */
export function withoutSource(show: Show, place: number): Show {
  const sources = show.sources.filter((_, at) => at !== place);
  const made = madeBy(show);
  const next = made === place + 1 ? 0 : made > place + 1 ? made - 1 : made;
  return next === made ? { ...show, sources } : withMaker({ ...show, sources }, next);
}
