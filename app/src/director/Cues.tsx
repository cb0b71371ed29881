// What is said to operators, in a word or a line, and what they answer.

import { useState } from "react";
import type { CueText } from "../contract/protocol";
import { useDesk, useView, useWords } from "./context";

/** Cues and answers. */
export function Cues() {
  const w = useWords();
  const desk = useDesk();
  const view = useView();
  const [to, setTo] = useState<number | null>(null);
  const [text, setText] = useState("");
  const say = (said: string) => {
    desk.ask({ do: "cue", to, text: said === "" ? null : (said as CueText) });
    setText("");
  };
  const standing = view.cues.cues.filter((cue) => to === null || cue.to === null || cue.to === to);
  return (
    <section className="card cues" aria-label={w.cues}>
      <header>
        <h2>{w.cues}</h2>
        <select
          aria-label={w.cueTo}
          value={to ?? ""}
          onChange={(event) => setTo(Number(event.target.value) || null)}
        >
          <option value="">{w.everybody}</option>
          {view.lamps.map(({ camera, name }) => (
            <option key={camera} value={camera}>
              {name ? `${camera} ${name}` : w.camera(camera)}
            </option>
          ))}
        </select>
      </header>
      <div className="presets">
        {w.presets.map((preset) => (
          <button key={preset} type="button" onClick={() => say(preset)}>
            {preset}
          </button>
        ))}
      </div>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (text.trim() !== "") say(text.trim());
          (document.activeElement as HTMLElement | null)?.blur();
        }}
      >
        <input
          value={text}
          maxLength={80}
          placeholder={w.cueText}
          aria-label={w.cueText}
          onChange={(event) => setText(event.target.value)}
        />
        <button type="submit">{w.say}</button>
      </form>
      {standing.length > 0 && (
        <ul className="standing">
          {standing.map((cue) => (
            <li key={`${cue.id.epoch} ${cue.id.n}`}>
              <b>{cue.to === null ? w.everybody : w.camera(cue.to)}</b> {cue.text}
              <button
                type="button"
                aria-label={w.takeBack(cue.text)}
                onClick={() => desk.ask({ do: "cue", to: cue.to, text: null })}
              >
                ×
              </button>
            </li>
          ))}
        </ul>
      )}
      <ul className="answers" aria-live="polite">
        {view.answers.slice(0, 4).map((one) => (
          <li key={one.n} data-answer={one.answer}>
            {one.camera !== null && <b>{one.camera}</b>} {one.name} · {one.text} · {w.answer(one.answer)}
          </li>
        ))}
      </ul>
    </section>
  );
}
