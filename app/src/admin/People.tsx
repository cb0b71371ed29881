// Everybody with an account: found by name or e-mail, and what the host can do for each.

import { type FormEvent, useState } from "react";
import { Refusal } from "../account/Refusal";
import { useRead } from "../account/use-read";
import type { Login } from "../client/account";
import type { HostUser } from "../contract/protocol";
import { useWords } from "../ui/use";
import { Invite } from "./Invite";
import { PersonRow } from "./PersonRow";

const MOST = 200; // as many as the server gives at once

/** The list, its search, and the invitation. */
export function People({ login }: { readonly login: Login }) {
  const w = useWords();
  const [who, setWho] = useState("");
  const path = `/api/admin/users?${new URLSearchParams({ who })}`;
  const { answer: people, refused, read } = useRead<readonly HostUser[]>(login, path);
  return (
    <>
      <section aria-label={w.hostUsers}>
        <h1 className="home-title">{w.hostUsers}</h1>
        <Search show={setWho} />
        <Refusal why={refused} />
        {people?.length === 0 && <p className="dim">{w.hostNobodyFound}</p>}
        <ul className="rows">
          {people?.map((one) => (
            <PersonRow key={one.id} login={login} one={one} changed={read} />
          ))}
        </ul>
        {people?.length === MOST && <p className="dim">{w.hostMorePeople(MOST)}</p>}
      </section>
      {people !== null && <Invite login={login} />}
    </>
  );
}

function Search({ show }: { readonly show: (who: string) => void }) {
  const w = useWords();
  const [who, setWho] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    show(who.trim());
  };
  return (
    <search>
      <form className="filter" onSubmit={submit}>
        <label>
          {w.hostSearch}
          <input
            className="field line-field"
            type="search"
            value={who}
            maxLength={254}
            onChange={({ target }) => setWho(target.value)}
          />
        </label>
        <button type="submit" className="button">
          {w.hostFilter}
        </button>
      </form>
    </search>
  );
}
