// The downstream key and the programme's sound: what they are made of. Whether the key is on is pressed below.

import { useState } from "react";
import { useDesk, useView, useWords } from "./context";

/** Key and sound. */
export function Overlay() {
  const w = useWords();
  const desk = useDesk();
  const view = useView();
  const [title, setTitle] = useState("");
  const [subtitle, setSubtitle] = useState("");
  const [path, setPath] = useState("");
  const { sound } = view;
  const from = sound.from === "picture" ? "" : String(sound.from.source);
  return (
    <>
      <h3>{w.lowerThird}</h3>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          desk.ask({ do: "key_picture", picture: { kind: "lower_third", title, subtitle } });
        }}
      >
        <label>
          {w.keyTitle}
          <input value={title} onChange={(event) => setTitle(event.target.value)} />
        </label>
        <label>
          {w.keySubtitle}
          <input value={subtitle} onChange={(event) => setSubtitle(event.target.value)} />
        </label>
        <button type="submit">{w.load}</button>
      </form>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          desk.ask({ do: "key_picture", picture: { kind: "still", path } });
        }}
      >
        <label>
          {w.still}
          <input
            value={path}
            placeholder="/home/…/logo.png"
            onChange={(event) => setPath(event.target.value)}
          />
        </label>
        <button type="submit">{w.load}</button>
      </form>
      <h3>{w.sound}</h3>
      <label>
        {w.soundFrom}
        <select
          value={from}
          onChange={(event) => {
            const source = event.target.value;
            const next = source === "" ? ("picture" as const) : { source: Number(source) };
            desk.ask({ do: "sound", settings: { ...sound, from: next } });
          }}
        >
          <option value="">{w.soundFollows}</option>
          {view.sources.map(({ number, label }) => (
            <option key={number} value={number}>
              {number} {label}
            </option>
          ))}
        </select>
      </label>
      <label>
        {w.gain(sound.gain_tenths_db / 10)}
        <input
          type="range"
          min={-600}
          max={120}
          step={5}
          value={sound.gain_tenths_db}
          onChange={(event) =>
            desk.ask({ do: "sound", settings: { ...sound, gain_tenths_db: Number(event.target.value) } })
          }
        />
      </label>
      <button
        type="button"
        aria-pressed={sound.mute}
        onClick={() => desk.ask({ do: "sound", settings: { ...sound, mute: !sound.mute } })}
      >
        {w.mute}
      </button>
      {view.setting_undo !== null && (
        <button type="button" onClick={() => desk.ask({ do: "undo_setting" })}>
          {w.undo}
        </button>
      )}
    </>
  );
}
