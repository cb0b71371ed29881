// The sources of the show: found on the network, by address, a device, a file, a test picture. Each has a name and a
// camera number. Changed while on air they are taken up when the programme is off air, and it is said.

import { useEffect, useRef, useState } from "react";
import type { ShowSource, SourceInput } from "../contract/protocol";
import { useDesk, useView, useWords } from "./context";
import { withoutSource } from "./maker";

/** Where NDI's maker gives the runtime away. */
const NDI_RUNTIME = "https://ndi.video/tools/";

/** The list, and what can be added. */
export function Sources() {
  const w = useWords();
  const desk = useDesk();
  const view = useView();
  const sources = view.show?.show.sources ?? [];
  const set = (next: readonly ShowSource[]) => desk.edit((show) => ({ ...show, sources: [...next] }));
  // Waits for the show that is made for it.
  const first = useRef<ShowSource | null>(null);
  const add = (input: SourceInput, name: string) => {
    const used = new Set(sources.map((one) => one.camera));
    const camera = Array.from({ length: 99 }, (_, i) => i + 1).find((n) => !used.has(n));
    const source: ShowSource = { name, input, ...(camera === undefined ? {} : { camera }) };
    if (view.show !== null) return set([...sources, source]);
    first.current = source;
    desk.ask({ do: "new_show", name: w.firstShow });
  };
  useEffect(() => {
    const source = first.current;
    if (view.show === null || source === null) return;
    first.current = null;
    desk.edit((show) => ({ ...show, sources: [...show.sources, source] }));
  }, [view.show, desk]);
  return (
    <>
      {view.show === null && <p className="dim">{w.needsShow}</p>}
      <ol className="sources">
        {sources.map((source, place) => (
          <Source
            // biome-ignore lint/suspicious/noArrayIndexKey: a source's place is its key
            key={place}
            place={place}
            source={source}
            change={(next) => set(sources.map((one, i) => (i === place ? next : one)))}
            remove={() => desk.edit((show) => withoutSource(show, place))}
          />
        ))}
      </ol>
      {view.can_undo && (
        <button type="button" onClick={() => desk.ask({ do: "undo" })}>
          {w.undo}
        </button>
      )}
      <Found add={add} taken={sources} />
      <h3>{w.addOther}</h3>
      <div className="row">
        <button type="button" onClick={() => add({ kind: "test" }, w.testPicture)}>
          {w.testPicture}
        </button>
        <button
          type="button"
          onClick={() => add({ kind: "v4l2", device: "/dev/video0" }, w.camera(sources.length + 1))}
        >
          {w.capture}
        </button>
      </div>
      <Typed
        label={w.addAddress}
        hint="192.168.1.20:5961"
        done={(address) => add({ kind: "ndi_address", address }, address)}
      />
      <Typed
        label={w.addFile}
        hint="/home/…/opener.mp4"
        done={(path) => add({ kind: "file", path }, path.split("/").at(-1) ?? path)}
      />
    </>
  );
}

interface SourceProps {
  readonly place: number;
  readonly source: ShowSource;
  readonly change: (next: ShowSource) => void;
  readonly remove: () => void;
}

function Source({ place, source, change, remove }: SourceProps) {
  const w = useWords();
  const [name, setName] = useState(source.name ?? "");
  const camera = (text: string) => {
    const { camera: _, ...rest } = source;
    const number = Number(text);
    change(number >= 1 && number <= 99 ? { ...rest, camera: number } : rest);
  };
  return (
    <li>
      <b>{place + 1}</b>
      <input
        aria-label={w.sourceName(place + 1)}
        value={name}
        onChange={(event) => setName(event.target.value)}
        onBlur={() => name !== source.name && change({ ...source, name })}
      />
      <label>
        {w.cameraNumber}
        <input
          type="number"
          min={1}
          max={99}
          aria-label={w.cameraOfSource(place + 1)}
          defaultValue={source.camera ?? ""}
          onBlur={(event) =>
            Number(event.target.value) !== (source.camera ?? 0) && camera(event.target.value)
          }
        />
      </label>
      <button type="button" aria-label={w.removeSource(place + 1)} onClick={remove}>
        ×
      </button>
    </li>
  );
}

interface FoundProps {
  readonly add: (input: SourceInput, name: string) => void;
  readonly taken: readonly ShowSource[];
}

function Found({ add, taken }: FoundProps) {
  const w = useWords();
  const { found } = useView();
  const known = new Set(taken.map((one) => (one.input.kind === "ndi" ? one.input.name : "")));
  return (
    <>
      <h3>{w.onTheNetwork}</h3>
      {found.state === "no_runtime" && (
        <p className="notice">
          {w.noNdi} <code>{NDI_RUNTIME}</code>
          <small>{found.reason}</small>
        </p>
      )}
      {found.state === "sources" && found.names.length === 0 && <p className="dim">{w.looking}</p>}
      {found.state === "sources" && (
        <ul className="found">
          {found.names.map((name) => (
            <li key={name}>
              <span>{name}</span>
              <button
                type="button"
                disabled={known.has(name)}
                aria-label={w.addNamed(name)}
                onClick={() => add({ kind: "ndi", name }, name.replace(/^.*\((.*)\)$/, "$1"))}
              >
                {known.has(name) ? w.added : w.add}
              </button>
            </li>
          ))}
        </ul>
      )}
      <p className="dim small">{w.ndiMark}</p>
    </>
  );
}

function Typed({
  label,
  hint,
  done,
}: {
  readonly label: string;
  readonly hint: string;
  readonly done: (text: string) => void;
}) {
  const w = useWords();
  const [text, setText] = useState("");
  return (
    <form
      className="row"
      onSubmit={(event) => {
        event.preventDefault();
        if (text.trim() === "") return;
        done(text.trim());
        setText("");
      }}
    >
      <label>
        {label}
        <input value={text} placeholder={hint} onChange={(event) => setText(event.target.value)} />
      </label>
      <button type="submit">{w.add}</button>
    </form>
  );
}
