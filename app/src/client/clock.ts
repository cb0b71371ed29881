// A clock for judging whether a tally is still fresh. `performance.now` may stand still while a phone sleeps and
// `Date.now` may be set back, so it advances by whichever of the two says that more time has passed. Invariant:
// it never runs backwards, and it is never slower than either.

/** Milliseconds since the clock was made. */
export type Clock = () => number;

/** Joins a monotonic and a wall clock into one that is pessimistic about freshness. */
export function pessimisticClock(monotonic: () => number, wall: () => number): Clock {
  let elapsed = 0;
  let lastMonotonic = monotonic();
  let lastWall = wall();
  return () => {
    const nowMonotonic = monotonic();
    const nowWall = wall();
    elapsed += Math.max(0, nowMonotonic - lastMonotonic, nowWall - lastWall);
    lastMonotonic = nowMonotonic;
    lastWall = nowWall;
    return elapsed;
  };
}
