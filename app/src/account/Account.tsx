// One's account: who one is here, where one is signed in, the password, and leaving.

import type { Login } from "../client/account";
import type { AccountSummary } from "../contract/protocol";
import { useWords } from "../ui/use";
import { AskSure } from "./Ask";
import { ChangePassword } from "./ChangePassword";
import { DeleteAccount } from "./DeleteAccount";
import { Logins } from "./Logins";
import { SecondFactor } from "./SecondFactor";

export interface AccountProps {
  readonly login: Login;
  readonly account: AccountSummary;
}

/** The page. */
export function Account({ login, account, gone }: AccountProps & { readonly gone: () => void }) {
  const w = useWords();
  return (
    <>
      <section className="account" aria-label={account.name}>
        <h1 className="home-title">{account.name}</h1>
        <p>{account.email}</p>
        <p className="dim">{account.email_verified ? w.accProven : w.accUnproven}</p>
        <div className="row-acts">
          <AskSure
            sure={w.accSignOutEverywhereSure}
            yes={w.accSignOutEverywhere}
            act={() => login.leave("everywhere")}
          >
            {w.accSignOutEverywhere}
          </AskSure>
        </div>
      </section>
      <Logins login={login} />
      <SecondFactor login={login} account={account} />
      <ChangePassword login={login} account={account} />
      <DeleteAccount login={login} account={account} gone={gone} />
    </>
  );
}
