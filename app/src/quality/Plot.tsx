// One plot over the last ten minutes: uPlot in React's hands. It knows no unit: what it shows comes with how to say it.

import { useEffect, useRef } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";

const HEIGHT = 132;
const SHORTEST_S = 60; // a plot that has just begun is not stretched
const INK = "#a3afbb";
const GRID = "#1f262e";

/** One line of a plot. */
export interface Line {
  readonly name: string;
  readonly colour: string;
  readonly values: readonly (number | null)[];
  /** Holds its value until the next one: for counts. */
  readonly stepped?: boolean;
}

interface PlotProps {
  readonly title: string;
  /** Unix seconds, ascending. */
  readonly times: readonly number[];
  readonly lines: readonly Line[];
  readonly say: (value: number) => string;
  /** What the axis reaches to at least, so that noise does not look like an event. */
  readonly least: number;
}

/** A plot, and in words what it shows now. */
export function Plot({ title, times, lines, say, least }: PlotProps) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const saying = useRef(say);
  saying.current = say;
  const shape = lines.map(({ name, colour, stepped }) => `${name} ${colour} ${stepped}`).join("|");
  const drawn = useRef(lines);
  drawn.current = lines;

  // biome-ignore lint/correctness/useExhaustiveDependencies: `shape` is what a plot is made anew for
  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    const made = new uPlot(options(drawn.current, element.clientWidth, least, saying), [[]], element);
    plot.current = made;
    const observer = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height: HEIGHT }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [shape, least]);

  useEffect(() => {
    plot.current?.setData([[...times], ...lines.map(({ values }) => [...values])] as uPlot.AlignedData);
  }, [times, lines]);

  return (
    <figure className="plot" aria-label={title}>
      <figcaption>
        <span className="plot-title">{title}</span>
        {lines.map(({ name, colour, values }) => (
          <span key={name} className="plot-now">
            <svg className="plot-key" viewBox="0 0 8 8" aria-hidden="true">
              <rect width="8" height="8" rx="2" fill={colour} />
            </svg>
            {name} <b>{nowWords(values.at(-1), say)}</b>
          </span>
        ))}
      </figcaption>
      <div ref={place} className="plot-place" aria-hidden="true" />
    </figure>
  );
}

const nowWords = (value: number | null | undefined, say: (value: number) => string): string =>
  value === null || value === undefined ? "–" : say(value);

function options(
  lines: readonly Line[],
  width: number,
  least: number,
  say: { readonly current: (value: number) => string },
): uPlot.Options {
  const font = "11px system-ui, sans-serif";
  const axis = { stroke: INK, font, grid: { stroke: GRID, width: 1 }, ticks: { show: false } };
  const stepped = uPlot.paths.stepped?.({ align: 1 });
  return {
    width,
    height: HEIGHT,
    padding: [8, 24, 0, 0], // the last time of day has room
    cursor: { show: false },
    legend: { show: false },
    scales: {
      x: { range: (_plot, min, max) => [Math.min(min, max - SHORTEST_S), max] },
      y: { range: (_plot, _min, max) => [0, Math.max(least, (max ?? 0) * 1.1)] },
    },
    axes: [
      { ...axis, size: 22, space: 60, values: (_plot, ticks) => ticks.map(clock) },
      { ...axis, size: 58, space: 28, values: (_plot, ticks) => ticks.map((tick) => say.current(tick)) },
    ],
    series: [
      {},
      ...lines.map((line) => ({
        stroke: line.colour,
        width: 1.75,
        points: { show: false },
        ...(line.stepped && stepped ? { paths: stepped } : {}),
      })),
    ],
  };
}

/** The wall clock's time, as on the studio's wall. */
export function clock(unixSeconds: number): string {
  return new Date(unixSeconds * 1000).toLocaleTimeString("en-GB");
}
