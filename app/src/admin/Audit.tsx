// What happened: who did what, when, from where.

import { type FormEvent, useCallback, useEffect, useState } from "react";
import { Refusal } from "../account/Refusal";
import { whyNot } from "../account/refused";
import type { Login } from "../client/account";
import type { AuditEntry } from "../contract/protocol";
import { useTongue, useValue, useWords } from "../ui/use";

const PAGE = 100; // as many as the server gives at once

interface Filter {
  readonly what: string;
  readonly who: string;
}

interface AuditProps {
  readonly login: Login;
  /** For how many days an entry is kept, 0 for ever; null where that is not known yet. */
  readonly days: number | null;
}

/** The list, its filter, and the way to what is older. */
export function Audit({ login, days }: AuditProps) {
  const w = useWords();
  const [filter, setFilter] = useState<Filter>({ what: "", who: "" });
  const [entries, setEntries] = useState<readonly AuditEntry[] | null>(null);
  const [more, setMore] = useState(false);
  const [refused, setRefused] = useState<string | null>(null);
  const read = useCallback(
    async (before: string | null) => {
      try {
        const query = new URLSearchParams({ ...filter, ...(before === null ? {} : { before }) });
        const page = await login.ask<AuditEntry[]>("GET", `/api/admin/audit?${query}`);
        setEntries((shown) => (before === null ? page : [...(shown ?? []), ...page]));
        setMore(page.length === PAGE);
        setRefused(null);
      } catch (error) {
        setRefused(whyNot(error, w));
      }
    },
    [filter, login, w],
  );
  useEffect(() => {
    void read(null);
  }, [read]);
  const last = entries?.at(-1);
  return (
    <section aria-label={w.hostAudit}>
      <h1 className="home-title">{w.hostAudit}</h1>
      {days !== null && <p className="dim">{days === 0 ? w.hostKeptForEver : w.hostKept(days)}</p>}
      <FilterForm show={setFilter} />
      <Refusal why={refused} />
      {entries?.length === 0 && <p className="dim">{w.hostNothing}</p>}
      <Entries entries={entries ?? []} />
      {more && last !== undefined && (
        <button type="button" className="button" onClick={() => void read(last.id)}>
          {w.hostMore}
        </button>
      )}
    </section>
  );
}

function Entries({ entries }: { readonly entries: readonly AuditEntry[] }) {
  const w = useWords();
  const language = useValue(useTongue().language);
  const when = new Intl.DateTimeFormat(language, { dateStyle: "short", timeStyle: "medium" });
  return (
    <ul className="rows audit">
      {entries.map(({ id, at, who, what, detail, address }) => (
        <li className="row" key={id}>
          <div className="row-head">
            <p className="row-name">{what}</p>
            <time className="dim" dateTime={new Date(at).toISOString()}>
              {when.format(at)}
            </time>
          </div>
          <p className="dim">{[who || w.hostNobody, address].filter(Boolean).join(" · ")}</p>
          {detail !== "{}" && <code>{detail}</code>}
        </li>
      ))}
    </ul>
  );
}

function FilterForm({ show }: { readonly show: (filter: Filter) => void }) {
  const w = useWords();
  const [what, setWhat] = useState("");
  const [who, setWho] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    show({ what: what.trim(), who: who.trim() });
  };
  return (
    <form className="filter" onSubmit={submit}>
      <label>
        {w.hostFilterWhat}
        <input
          className="field line-field"
          value={what}
          maxLength={120}
          onChange={({ target }) => setWhat(target.value)}
        />
      </label>
      <label>
        {w.hostFilterWho}
        <input
          className="field line-field"
          value={who}
          maxLength={120}
          onChange={({ target }) => setWho(target.value)}
        />
      </label>
      <button type="submit" className="button">
        {w.hostFilter}
      </button>
    </form>
  );
}
