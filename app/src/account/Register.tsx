// Making an account: where everybody may, or by the host's invitation.

import type { Login } from "../client/account";
import type { AccountSummary, SignInOffer } from "../contract/protocol";
import { useWords } from "../ui/use";
import { Ask } from "./Ask";
import { Field, Form, typed } from "./Form";
import { NewPassword } from "./NewPassword";
import { Notice } from "./Notice";
import { ProviderButton } from "./ProviderButton";

interface RegisterProps {
  readonly login: Login;
  readonly offer: SignInOffer;
  /** Of the invitation; null: without one. */
  readonly token: string | null;
  /** There is an account: just made, or had before. */
  readonly done: () => void;
}

/** The form, or that nobody can. */
export function Register({ login, offer, token, done }: RegisterProps) {
  const w = useWords();
  if (offer.registration === "closed" || (offer.registration === "invite" && token === null)) {
    const title = offer.registration === "closed" ? w.accRegisterClosed : w.accRegisterByInvite;
    return <Notice title={title} action={w.accBack} act={done} />;
  }
  const send = async (values: FormData) => {
    await login.register({
      email: typed(values, "email"),
      name: typed(values, "name"),
      password: typed(values, "password"),
      ...(token === null ? {} : { invite: token }),
    });
    done();
  };
  return (
    <div className="stack">
      <Form
        title={w.accRegisterTitle}
        button={w.accRegister}
        send={send}
        intro={
          <>
            {token !== null && <p className="dim">{w.accRegisterInvited}</p>}
            <ProviderButton login={login} provider={offer.provider} invite={token} />
          </>
        }
      >
        <Field label={w.accEmail} name="email" type="email" autoComplete="username" maxLength={254} />
        <Field label={w.accName} name="name" autoComplete="name" hint={w.accNameHint} maxLength={80} />
        <NewPassword label={w.accPassword} />
      </Form>
      <p className="aside">
        {w.accHaveOne}
        <button type="button" className="button" onClick={done}>
          {w.accSignIn}
        </button>
      </p>
    </div>
  );
}

interface AlreadyInProps {
  readonly login: Login;
  readonly account: AccountSummary;
}

/** An invitation that is opened by somebody who has an account. */
export function AlreadyIn({ login, account }: AlreadyInProps) {
  const w = useWords();
  return (
    <section className="card">
      <h1>{w.accAlreadyIn(account.name)}</h1>
      <p className="dim">{w.accAlreadyInDetail}</p>
      <Ask act={() => login.leave("here")}>{w.accSignOut}</Ask>
    </section>
  );
}
