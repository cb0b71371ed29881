// Switchers whose tally is heard: each with its address, and below it its inputs as it sends them, with the camera that each
// feeds. What is red there is on air now, so a director sees at once whether a number is right.

import { useState } from "react";
import type { Mapped, Password, SwitcherView } from "../contract/desktop";
import type { ShowSwitcher, SwitcherProtocol } from "../contract/protocol";
import { useDesk, useView, useWords } from "./context";
import { KINDS, type Kind, portOf, withCamera, withoutSwitcher } from "./switchers";

/** The list, and what can be added. */
export function Switchers() {
  const w = useWords();
  const desk = useDesk();
  const view = useView();
  const switchers = view.show?.show.switchers ?? [];
  return (
    <>
      <ul className="switchers">
        {switchers.map((one) => {
          const link = view.switchers.find(({ name }) => name === one.name);
          return (
            <li key={one.name}>
              <p className="link" data-works={link?.works ?? false}>
                <b>{one.name}</b> <code>{`${one.host}:${portOf(one)}`}</code>
                <span className="dim">{link === undefined ? w.notHeardYet : w.says(link.says)}</span>
                <button
                  type="button"
                  aria-label={w.removeSwitcher(one.name)}
                  onClick={() => desk.edit((show) => withoutSwitcher(show, one.name))}
                >
                  ×
                </button>
              </p>
              <Inputs heard={view.heard.find(({ name }) => name === one.name)} />
            </li>
          );
        })}
      </ul>
      {switchers.length === 0 && <p className="dim">{w.ownSwitcher}</p>}
      {view.show !== null && <Add taken={switchers.map(({ name }) => name)} />}
    </>
  );
}

function Inputs({ heard }: { readonly heard: SwitcherView | undefined }) {
  const w = useWords();
  if (heard === undefined || heard.inputs.length === 0) return null;
  return (
    <ol className="inputs">
      {heard.inputs.map((input) => (
        <Input
          key={`${input.index} ${input.input}`}
          switcher={heard.name}
          input={input}
          red={heard.on_air.includes(input.input) || heard.on_air.includes(String(input.index))}
          label={w.cameraOfInput(input.input)}
        />
      ))}
    </ol>
  );
}

interface InputProps {
  readonly switcher: string;
  readonly input: Mapped;
  readonly red: boolean;
  readonly label: string;
}

function Input({ switcher, input, red, label }: InputProps) {
  const desk = useDesk();
  const { heard } = useView();
  const camera = input.cameras[0] ?? 0;
  return (
    <li>
      <span className="lamp" data-tally={red ? "program" : "idle"}>
        {input.index ?? "·"}
      </span>
      <span>{input.input}</span>
      <input
        type="number"
        min={1}
        max={99}
        aria-label={label}
        key={camera}
        defaultValue={camera === 0 ? "" : camera}
        onBlur={(event) => {
          const chosen = Number(event.target.value);
          if (chosen !== camera) desk.edit((show) => withCamera(show, heard, switcher, input, chosen));
        }}
      />
    </li>
  );
}

function Add({ taken }: { readonly taken: readonly string[] }) {
  const w = useWords();
  const desk = useDesk();
  const [kind, setKind] = useState<Kind>("vmix");
  const [host, setHost] = useState("");
  const [port, setPort] = useState("");
  const [password, setPassword] = useState("");
  const add = () => {
    const usual = KINDS[kind];
    const name = [usual.name, ...Array.from({ length: 16 }, (_, n) => `${usual.name}-${n + 2}`)].find(
      (each) => !taken.includes(each),
    );
    const number = Number(port);
    if (name === undefined || host.trim() === "" || (usual.port === null && !(number > 0))) return;
    const secret = `obs-${name}`;
    if (kind === "obs" && password !== "")
      desk.ask({ do: "keep_secret", name: secret, secret: password as Password });
    const protocol: SwitcherProtocol =
      kind === "obs" && password !== ""
        ? { kind, password: { secret } }
        : kind === "tsl"
          ? { kind, transport: "udp" }
          : { kind };
    const one: ShowSwitcher = { name, host: host.trim(), protocol, ...(number > 0 ? { port: number } : {}) };
    desk.edit((show) => ({ ...show, switchers: [...show.switchers, one] }));
    setHost("");
    setPort("");
    setPassword("");
  };
  return (
    <form
      className="row"
      aria-label={w.addSwitcher}
      onSubmit={(event) => {
        event.preventDefault();
        add();
      }}
    >
      <select
        aria-label={w.kindOfSwitcher}
        value={kind}
        onChange={(event) => setKind(event.target.value as Kind)}
      >
        {Object.entries(KINDS).map(([each, { title }]) => (
          <option key={each} value={each}>
            {title}
          </option>
        ))}
      </select>
      <input
        aria-label={w.hostOfSwitcher}
        placeholder={kind === "tsl" ? "0.0.0.0" : "192.168.1.30"}
        value={host}
        onChange={(event) => setHost(event.target.value)}
      />
      <input
        aria-label={w.portOfSwitcher}
        type="number"
        min={1}
        max={65535}
        placeholder={String(KINDS[kind].port ?? "")}
        value={port}
        onChange={(event) => setPort(event.target.value)}
      />
      {kind === "obs" && (
        <input
          aria-label={w.passwordOfSwitcher}
          type="password"
          autoComplete="off"
          value={password}
          onChange={(event) => setPassword(event.target.value)}
        />
      )}
      <button type="submit">{w.addSwitcher}</button>
    </form>
  );
}
