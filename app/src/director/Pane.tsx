// One picture: its canvas, its name, its border, and on it whatever keeps it from being seen.

import { useEffect, useRef } from "react";
import { usePictures, useView, useWords } from "./context";
import { Meter } from "./Meter";

interface PaneProps {
  readonly of: number | "programme" | "preview";
  readonly name: string;
  /** Whose picture it is. */
  readonly source: number | null;
  readonly tally: "program" | "preview" | "idle";
  readonly onPress?: () => void;
}

/** A picture. */
export function Pane({ of, name, source, tally, onPress }: PaneProps) {
  const w = useWords();
  const pictures = usePictures();
  const view = useView();
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const pane = canvas.current?.getContext("2d", { alpha: false });
    return pane ? pictures.show(of, pane) : undefined;
  }, [of, pictures]);
  const shown = view.sources.find((one) => one.number === source);
  const bus = typeof of === "string";
  const trouble = shown !== undefined && shown.state !== "live" ? w.sourceDoes(shown.state) : null;
  const red = view.air.state === "off" ? w.onProgramme : w.red;
  const lit = tally === "program" ? red : tally === "preview" ? w.green : "";
  const lamp = shown?.lamp ? w.sourceLamp(shown.lamp) : null;
  const facts = [name, bus ? shown?.label : lit, trouble, bus ? null : lamp].filter(Boolean).join(", ");
  const inside = (
    <>
      <canvas ref={canvas} />
      {shown === undefined && <span className="no-signal">{bus ? w.nothingYet : w.noSignal}</span>}
      {trouble !== null && (
        <span className="no-signal" data-state={shown?.state}>
          {trouble}
        </span>
      )}
      <span className="pane-name">
        {bus && <b>{name}</b>}
        {shown !== undefined && <Label number={shown.number} camera={shown.camera} label={shown.label} />}
      </span>
      {!bus && lit !== "" && (
        <span className="pane-lit" data-lamp={shown?.lamp ?? ""}>
          {[lit, lamp].filter(Boolean).join(" · ")}
        </span>
      )}
      <Meter of={of} />
    </>
  );
  if (onPress === undefined)
    return (
      <section className="pane" data-tally={tally} data-of={of} data-source={source ?? ""} aria-label={facts}>
        {inside}
      </section>
    );
  return (
    <button
      type="button"
      className="pane"
      data-tally={tally}
      data-of={of}
      aria-label={facts}
      aria-keyshortcuts={typeof of === "number" && of < 10 ? String(of) : undefined}
      onClick={onPress}
    >
      {inside}
    </button>
  );
}

function Label({ number, camera, label }: { number: number; camera: number | null; label: string }) {
  const w = useWords();
  return (
    <>
      <span className="pane-number">{number}</span>
      <span className="pane-label">{label}</span>
      {camera !== null && <span className="pane-camera">{w.camera(camera)}</span>}
    </>
  );
}
