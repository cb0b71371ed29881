// Letting somebody make an account, where the server's settings allow it.

import { useState } from "react";
import { Field, Form, typed } from "../account/Form";
import type { Login } from "../client/account";
import type { OneTimeLink } from "../contract/protocol";
import { useWords } from "../ui/use";
import { Made } from "./LinkOnce";

/** The form, and the link that it made. */
export function Invite({ login }: { readonly login: Login }) {
  const w = useWords();
  const [made, setMade] = useState<OneTimeLink | null>(null);
  const send = async (values: FormData) => {
    const email = typed(values, "email").trim();
    setMade(await login.ask<OneTimeLink>("POST", "/api/account-invites", email === "" ? {} : { email }));
  };
  if (made !== null) {
    return <Made told={w.hostInviteMade} made={made} origin={login.origin} away={() => setMade(null)} />;
  }
  return (
    <Form title={w.hostInvite} level={2} button={w.hostInviteMake} send={send}>
      <Field
        label={w.accEmail}
        name="email"
        type="email"
        autoComplete="off"
        hint={w.hostInviteHint}
        maxLength={254}
        optional
      />
    </Form>
  );
}
