// Signing in: at the provider where there is one, and by e-mail and password.

import { useState } from "react";
import type { Login } from "../client/account";
import type { SignInOffer } from "../contract/protocol";
import { useWords } from "../ui/use";
import { Field, Form, typed } from "./Form";
import { ProviderButton } from "./ProviderButton";
import { asksForCode } from "./refused";
import { CodeField } from "./SecondFactor";

interface SignInProps {
  readonly login: Login;
  readonly offer: SignInOffer;
  /** The way to an account, where this page has one. */
  readonly register?: () => void;
}

/** The form. */
export function SignIn({ login, offer, register }: SignInProps) {
  const w = useWords();
  const [coded, askCode] = useState(false);
  const send = async (values: FormData) => {
    const code = typed(values, "code");
    const who = { email: typed(values, "email"), password: typed(values, "password") };
    try {
      await login.logIn(code === "" ? who : { ...who, code });
    } catch (error) {
      if (!asksForCode(error)) throw error;
      askCode(true);
    }
  };
  return (
    <div className="stack">
      <Form
        title={w.accSignIn}
        button={w.accSignIn}
        send={send}
        intro={<ProviderButton login={login} provider={offer.provider} invite={null} />}
      >
        <Field label={w.accEmail} name="email" type="email" autoComplete="username" maxLength={254} />
        <Field label={w.accPassword} name="password" type="password" autoComplete="current-password" />
        {coded && <CodeField hint={w.facCodeHint} first />}
      </Form>
      <p className="dim">{w.accForgotten}</p>
      {register !== undefined && <WayIn offer={offer} register={register} />}
    </div>
  );
}

/** How one comes to an account here. */
function WayIn({ offer, register }: { readonly offer: SignInOffer; readonly register: () => void }) {
  const w = useWords();
  if (offer.registration === "closed") return <p className="dim">{w.accRegisterClosed}</p>;
  if (offer.registration === "invite") return <p className="dim">{w.accRegisterByInvite}</p>;
  return (
    <p className="aside">
      {w.accRegisterAsk}
      <button type="button" className="button" onClick={register}>
        {w.accRegister}
      </button>
    </p>
  );
}
