// One account as the host sees it.

import { Ask, AskSure } from "../account/Ask";
import type { Login } from "../client/account";
import type { HostUser, HostUserPatch } from "../contract/protocol";
import { useTongue, useValue, useWords } from "../ui/use";
import { LinkOnce } from "./LinkOnce";

interface PersonRowProps {
  readonly login: Login;
  readonly one: HostUser;
  readonly changed: () => Promise<void>;
}

/** The row. */
export function PersonRow({ login, one, changed }: PersonRowProps) {
  const w = useWords();
  const language = useValue(useTongue().language);
  const since = new Intl.DateTimeFormat(language, { dateStyle: "medium" }).format(one.created_at);
  return (
    <li className="row" aria-label={one.name}>
      <div className="row-head">
        <p className="row-name">{one.name}</p>
        {one.host && <p className="state">{w.hostIsHost}</p>}
        {one.elsewhere && <p className="state">{w.hostByProvider}</p>}
        {!one.email_verified && <p className="state">{w.hostUnproven}</p>}
        {one.second_factor && <p className="state">{w.hostHasFactor}</p>}
        {one.disabled && <p className="state">{w.hostIsDisabled}</p>}
      </div>
      <p className="dim">
        {one.email} · {w.hostSince(since)} · {w.accSessions} {one.sessions}
      </p>
      <Acts login={login} one={one} changed={changed} />
    </li>
  );
}

function Acts({ login, one, changed }: PersonRowProps) {
  const w = useWords();
  const { id, name, host, disabled, second_factor } = one;
  const change = async (patch: HostUserPatch) => {
    await login.ask("PATCH", `/api/admin/users/${id}`, patch);
    await changed();
  };
  if (disabled) {
    return (
      <div className="row-acts">
        <Ask act={() => change({ disabled: false })}>{w.hostEnable}</Ask>
      </div>
    );
  }
  return (
    <div className="row-acts">
      <LinkOnce
        login={login}
        name={w.hostReset}
        told={w.hostResetFor(name)}
        path={`/api/users/${id}/reset`}
      />
      {!one.email_verified && (
        <LinkOnce
          login={login}
          name={w.hostVerify}
          told={w.hostVerifyFor(one.email)}
          path={`/api/users/${id}/verify-link`}
        />
      )}
      <AskSure
        sure={w.hostLogoutSure(name)}
        yes={w.hostYes}
        done={w.hostLoggedOut}
        act={() => login.ask("POST", `/api/admin/users/${id}/logout`)}
      >
        {w.hostLogout}
      </AskSure>
      {second_factor && (
        <AskSure
          sure={w.hostResetFactorSure(name)}
          yes={w.hostYes}
          act={async () => {
            await login.ask("DELETE", `/api/admin/users/${id}/second-factor`);
            await changed();
          }}
        >
          {w.hostResetFactor}
        </AskSure>
      )}
      <AskSure
        sure={host ? w.hostUnmakeSure(name) : w.hostMakeSure(name)}
        yes={w.hostYes}
        act={() => change({ host: !host })}
      >
        {host ? w.hostUnmake : w.hostMake}
      </AskSure>
      {!host && (
        <AskSure sure={w.hostDisableSure(name)} yes={w.hostYes} act={() => change({ disabled: true })}>
          {w.hostDisable}
        </AskSure>
      )}
    </div>
  );
}
