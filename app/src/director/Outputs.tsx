// Who else is told our lamps. Nobody is until a person says so here, on the interface that they choose; each is this
// machine's, not the show's.

import { useState } from "react";
import { Qr } from "../account/Qr";
import { useDesk, useView, useWords } from "./context";

/** What can be told, with the usual port. */
const KINDS = { vmix: 8099, tsl: 8900, http: 8446, page: 8447 } as const;
type Kind = keyof typeof KINDS;

const isKind = (text: string): text is Kind => text in KINDS;

/** An address as an output is written. */
const bracketed = (address: string) => (address.includes(":") ? `[${address}]` : address);

/** The list, and what can be added. */
export function Outputs() {
  const w = useWords();
  const desk = useDesk();
  const { told, outputs } = useView();
  const set = (next: readonly string[]) => desk.ask({ do: "set_outputs", outputs: [...next] });
  return (
    <>
      <ul>
        {told.map((output) => {
          const link = outputs.find(({ name }) => name === output.split("?")[0]);
          return (
            <li key={output} className="link" data-works={link?.works ?? false}>
              <b>{output.split("?")[0]}</b>
              {link !== undefined && <span className="dim">{w.says(link.says)}</span>}
              {link?.opens !== undefined && <Qr text={link.opens} label={w.pageCode} />}
              <button
                type="button"
                aria-label={w.removeOutput(output)}
                onClick={() => set(told.filter((each) => each !== output))}
              >
                ×
              </button>
            </li>
          );
        })}
        {outputs
          .filter(({ name }) => name === "LAN")
          .map(({ name, works, says }) => (
            <li key={name} className="link" data-works={works}>
              <b>{name}</b> <span className="dim">{w.says(says)}</span>
            </li>
          ))}
      </ul>
      {told.length === 0 && <p className="dim">{w.toldPages}</p>}
      <Add add={(output) => set([...told.filter((each) => each !== output), output])} />
    </>
  );
}

function Add({ add }: { readonly add: (output: string) => void }) {
  const w = useWords();
  const { addresses } = useView();
  const [kind, setKind] = useState<Kind>("vmix");
  const [host, setHost] = useState("");
  const [port, setPort] = useState("");
  const [file, setFile] = useState("");
  const ours = kind !== "tsl";
  const at = ours ? host || (addresses[0] ?? "127.0.0.1") : host.trim();
  return (
    <form
      className="row"
      aria-label={w.addOutput}
      onSubmit={(event) => {
        event.preventDefault();
        if (at === "" || (kind === "http" && file.trim() === "")) return;
        const query = kind === "http" ? `?token-file=${encodeURIComponent(file.trim())}` : "";
        add(`${kind}:${bracketed(at)}:${port || KINDS[kind]}${query}`);
      }}
    >
      <select
        aria-label={w.kindOfOutput}
        value={kind}
        onChange={(event) => isKind(event.target.value) && setKind(event.target.value)}
      >
        {Object.keys(KINDS).map((each) => (
          <option key={each} value={each}>
            {w.outputKind(each)}
          </option>
        ))}
      </select>
      {ours ? (
        <select aria-label={w.interfaceOfOutput} value={at} onChange={(event) => setHost(event.target.value)}>
          {addresses.map((address) => (
            <option key={address} value={address}>
              {address}
            </option>
          ))}
        </select>
      ) : (
        <input
          aria-label={w.hostOfOutput}
          placeholder="192.168.1.40"
          value={host}
          onChange={(event) => setHost(event.target.value)}
        />
      )}
      <input
        aria-label={w.portOfOutput}
        type="number"
        min={1}
        max={65535}
        placeholder={String(KINDS[kind])}
        value={port}
        onChange={(event) => setPort(event.target.value)}
      />
      {kind === "http" && (
        <input
          aria-label={w.tokenFile}
          placeholder="/home/…/token"
          value={file}
          onChange={(event) => setFile(event.target.value)}
        />
      )}
      <button type="submit">{w.addOutput}</button>
    </form>
  );
}
