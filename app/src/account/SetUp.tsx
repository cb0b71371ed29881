// The first account of a new server.

import type { Login } from "../client/account";
import { useWords } from "../ui/use";
import { Field, Form, typed } from "./Form";
import { NewPassword } from "./NewPassword";

/** The form. */
export function SetUp({ login }: { login: Login }) {
  const w = useWords();
  const send = (values: FormData) =>
    login.setUp({
      setup_token: typed(values, "token").trim(),
      email: typed(values, "email"),
      name: typed(values, "name"),
      password: typed(values, "password"),
    });
  return (
    <Form
      title={w.accSetUpTitle}
      button={w.accRegister}
      send={send}
      intro={<p className="dim">{w.accSetUpDetail}</p>}
    >
      <Field label={w.accSetUpToken} name="token" autoComplete="one-time-code" hint={w.accSetUpTokenHint} />
      <Field label={w.accEmail} name="email" type="email" autoComplete="username" maxLength={254} />
      <Field label={w.accName} name="name" autoComplete="name" hint={w.accNameHint} maxLength={80} />
      <NewPassword label={w.accPassword} />
    </Form>
  );
}
