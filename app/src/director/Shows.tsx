// The shows: open, make, copy, rename, write to a file, read from one; where each stands; two versions side by side.

import { useState } from "react";
import type { Conflict, ListedShow } from "../contract/desktop";
import { useTongue, useValue } from "../ui/use";
import { useDesk, useView, useWords } from "./context";

/** The list. */
export function Shows() {
  const w = useWords();
  const desk = useDesk();
  const view = useView();
  const [name, setName] = useState("");
  const onAir = view.air.state !== "off";
  return (
    <>
      {view.conflict !== null && <TwoVersions conflict={view.conflict} />}
      <ul className="shows">
        {view.shows.map((show) => (
          <Show key={show.id} show={show} open={show.id === view.show?.id} onAir={onAir} />
        ))}
      </ul>
      {onAir && <p className="dim">{w.showsWhileLive}</p>}
      <form
        className="row"
        onSubmit={(event) => {
          event.preventDefault();
          if (name.trim() !== "") desk.ask({ do: "new_show", name: name.trim() });
          setName("");
        }}
      >
        <label>
          {w.newShow}
          <input value={name} maxLength={120} onChange={(event) => setName(event.target.value)} />
        </label>
        <button type="submit">{w.make}</button>
      </form>
      <div className="row">
        <label className="button-like">
          {w.readFile}
          <input
            type="file"
            accept=".json,application/json"
            onChange={(event) => {
              const file = event.target.files?.[0];
              event.target.value = "";
              void file?.text().then((text) => desk.ask({ do: "import_show", text }));
            }}
          />
        </label>
        <button type="button" onClick={() => desk.ask({ do: "sync" })}>
          {w.syncNow}
        </button>
      </div>
      <AfterTheShow />
    </>
  );
}

const RATES = [24, 25, 30, 50, 60] as const;

function AfterTheShow() {
  const w = useWords();
  const desk = useDesk();
  const language = useValue(useTongue().language);
  const [rate, setRate] = useState(30);
  return (
    <form
      className="row"
      aria-label={w.afterTheShow}
      onSubmit={(event) => {
        event.preventDefault();
        desk.ask({ do: "report", language, frames_per_second: rate });
      }}
    >
      <label>
        {w.framesPerSecond}
        <select value={rate} onChange={(event) => setRate(Number(event.target.value))}>
          {RATES.map((one) => (
            <option key={one}>{one}</option>
          ))}
        </select>
      </label>
      <button type="submit">{w.writeReport}</button>
      <span className="dim">{w.reportSays}</span>
    </form>
  );
}

function Show({
  show,
  open,
  onAir,
}: {
  readonly show: ListedShow;
  readonly open: boolean;
  readonly onAir: boolean;
}) {
  const w = useWords();
  const desk = useDesk();
  const [renaming, setRenaming] = useState<string | null>(null);
  const rename = () => {
    if (renaming !== null && renaming.trim() !== "")
      desk.edit((present) => ({ ...present, name: renaming.trim() }));
    setRenaming(null);
  };
  return (
    <li data-open={open}>
      {renaming === null ? (
        <button
          type="button"
          className="show-open"
          aria-current={open}
          disabled={show.name === null || (onAir && !open)}
          onClick={() => desk.ask({ do: "open_show", id: show.id })}
        >
          {show.name ?? w.unreadable}
        </button>
      ) : (
        <input
          aria-label={w.rename}
          value={renaming}
          maxLength={120}
          onChange={(event) => setRenaming(event.target.value)}
          onBlur={rename}
          onKeyDown={(event) => event.key === "Enter" && rename()}
        />
      )}
      <em data-sync={show.sync}>{w.sync(show.sync)}</em>
      {show.trouble !== null && <small>{w.says(show.trouble)}</small>}
      <span className="verbs">
        {show.sync === "two_versions" && (
          <button type="button" disabled={onAir} onClick={() => desk.ask({ do: "compare", id: show.id })}>
            {w.compare}
          </button>
        )}
        {open && (
          <button type="button" onClick={() => setRenaming(show.name ?? "")}>
            {w.rename}
          </button>
        )}
        <button
          type="button"
          disabled={onAir}
          onClick={() => desk.ask({ do: "duplicate_show", id: show.id })}
        >
          {w.duplicate}
        </button>
        <button type="button" onClick={() => desk.ask({ do: "export_show", id: show.id })}>
          {w.writeFile}
        </button>
        <button type="button" disabled={onAir} onClick={() => desk.ask({ do: "delete_show", id: show.id })}>
          {w.remove}
        </button>
      </span>
    </li>
  );
}

function TwoVersions({ conflict }: { readonly conflict: Conflict }) {
  const w = useWords();
  const desk = useDesk();
  const { id } = conflict;
  return (
    <section className="conflict" aria-label={w.twoVersions}>
      <h3>{w.twoVersions}</h3>
      <table>
        <thead>
          <tr>
            <th>{w.where}</th>
            <th>{w.ours}</th>
            <th>{w.theirs}</th>
          </tr>
        </thead>
        <tbody>
          {conflict.differences.map(({ path, ours, theirs }) => (
            <tr key={path}>
              <td>{path}</td>
              <td>{ours ?? "–"}</td>
              <td>{theirs ?? "–"}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <div className="row">
        <button type="button" onClick={() => desk.ask({ do: "choose", id, keep: "ours" })}>
          {w.keepOurs}
        </button>
        <button type="button" onClick={() => desk.ask({ do: "choose", id, keep: "theirs" })}>
          {w.keepTheirs}
        </button>
        <button type="button" onClick={() => desk.ask({ do: "choose", id, keep: "both" })}>
          {w.keepBoth}
        </button>
        <button type="button" onClick={() => desk.ask({ do: "compare", id: null })}>
          {w.later}
        </button>
      </div>
    </section>
  );
}
