// The way to the cloud, layer by layer: a small plot for each figure, and its newest value in words.

import type { Way } from "../contract/desktop";
import { useValue } from "../ui/use";
import { useDesk, useView, useWords } from "./context";
import { line } from "./history";

const WIDTH = 64;
const HEIGHT = 18;

/** Both layers. */
export function Push() {
  const w = useWords();
  const view = useView();
  const past = useValue(useDesk().past);
  if (view.pushes.length === 0) return null;
  return (
    <section className="card push" aria-label={w.wayOut}>
      <header>
        <h2>{w.wayOut}</h2>
        <span className="dim">{view.encoder}</span>
      </header>
      {view.pushes.map(({ layer, connected, arrives, path }) => {
        const ways = past.get(layer)?.ways ?? [];
        return (
          <div key={layer} className="layer" data-arrives={arrives}>
            <b>{w.layer(layer)}</b>
            <span className="dim">{arrives ? w.arrives : connected ? w.connected : w.calling}</span>
            {path !== null && (
              <div className="figures">
                <Figure ways={ways} of={(way) => way.bits_per_second / 1e6} least={0.2} name={w.rate}>
                  {(path.bits_per_second / 1e6).toFixed(2)} Mbit/s
                </Figure>
                <Figure ways={ways} of={(way) => way.rtt_ms} least={50} name={w.roundTrip}>
                  {Math.round(path.rtt_ms)} ms
                </Figure>
                <Figure ways={ways} of={(way) => way.lost_per_mille} least={10} name={w.lost}>
                  {(path.lost_per_mille / 10).toFixed(1)} %
                </Figure>
                <Figure ways={ways} of={(way) => way.repeated_per_mille} least={10} name={w.repeated}>
                  {(path.repeated_per_mille / 10).toFixed(1)} %
                </Figure>
              </div>
            )}
          </div>
        );
      })}
    </section>
  );
}

interface FigureProps {
  readonly ways: readonly Way[];
  readonly of: (way: Way) => number;
  readonly least: number;
  readonly name: string;
  readonly children: React.ReactNode;
}

function Figure({ ways, of, least, name, children }: FigureProps) {
  return (
    <span className="figure">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
        <polyline points={line(ways.map(of), least, WIDTH, HEIGHT - 2)} />
      </svg>
      <span className="dim">{name}</span>
      <b>{children}</b>
    </span>
  );
}
