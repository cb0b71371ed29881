// The confidence monitor: the picture as it comes back from the cloud, and how late it is. Not there while off air.

import { useEffect, useRef } from "react";
import { usePictures, useView, useWords } from "./context";

/** What viewers see. */
export function Monitor() {
  const w = useWords();
  const pictures = usePictures();
  const { monitor } = useView();
  const canvas = useRef<HTMLCanvasElement>(null);
  const seen = monitor.state === "seen";
  useEffect(() => {
    const pane = seen ? canvas.current?.getContext("2d", { alpha: false }) : null;
    return pane ? pictures.show("monitor", pane) : undefined;
  }, [pictures, seen]);
  if (monitor.state === "off") return null;
  return (
    <section className="card monitor" aria-label={w.monitor}>
      <header>
        <h2>{w.monitor}</h2>
        <span className="dim">
          {monitor.state === "seen" ? w.monitorLate(monitor.delay_ms) : w.monitorIs(monitor.state)}
        </span>
      </header>
      {seen && <canvas ref={canvas} />}
    </section>
  );
}
