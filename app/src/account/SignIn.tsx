// Signing in: at the provider where there is one, and by e-mail and password.

import type { Login } from "../client/account";
import type { SignInOffer } from "../contract/protocol";
import { useWords } from "../ui/use";
import { Field, Form, typed } from "./Form";
import { ProviderButton } from "./ProviderButton";

interface SignInProps {
  readonly login: Login;
  readonly offer: SignInOffer;
}

/** The form. */
export function SignIn({ login, offer }: SignInProps) {
  const w = useWords();
  const send = (values: FormData) =>
    login.logIn({ email: typed(values, "email"), password: typed(values, "password") });
  return (
    <div className="stack">
      <Form
        title={w.accSignIn}
        button={w.accSignIn}
        send={send}
        intro={<ProviderButton login={login} provider={offer.provider} />}
      >
        <Field label={w.accEmail} name="email" type="email" autoComplete="username" maxLength={254} />
        <Field label={w.accPassword} name="password" type="password" autoComplete="current-password" />
      </Form>
      <p className="dim">{w.accForgotten}</p>
    </div>
  );
}
