// Where one is signed in, and the end of each.

import type { Login } from "../client/account";
import type { LoginSummary } from "../contract/protocol";
import { useTongue, useValue, useWords } from "../ui/use";
import { Ask } from "./Ask";
import { agentWords } from "./agent";
import { Refusal } from "./Refusal";
import { useRead } from "./use-read";

/** The list, the one used last first. */
export function Logins({ login }: { readonly login: Login }) {
  const w = useWords();
  const language = useValue(useTongue().language);
  const { answer: logins, refused, read } = useRead<readonly LoginSummary[]>(login, "/api/logins");
  const when = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" });
  const end = async (id: string) => {
    await login.ask("DELETE", `/api/logins/${id}`);
    await read();
  };
  return (
    <section aria-label={w.accLogins}>
      <h2>{w.accLogins}</h2>
      <Refusal why={refused} />
      <ul className="rows">
        {logins?.map(({ id, agent, address, created_at, used_at, current }) => (
          <li className="row" key={id} aria-label={agentWords(agent) || address}>
            <div className="row-head">
              <p className="row-name">{agentWords(agent) || address}</p>
              {current && <p className="state">{w.accLoginThis}</p>}
            </div>
            <p className="dim">
              {address} · {w.accLoginUsed(when.format(created_at), when.format(used_at))}
            </p>
            {!current && (
              <div className="row-acts">
                <Ask act={() => end(id)}>{w.accLoginEnd}</Ask>
              </div>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
