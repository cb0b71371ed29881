// Another password, or the first one of an account that signs in at the provider.

import { useState } from "react";
import { useWords } from "../ui/use";
import type { AccountProps } from "./Account";
import { Field, Form, typed } from "./Form";
import { NewPassword } from "./NewPassword";

/** The form; empty again once the password holds. */
export function ChangePassword({ login, account }: AccountProps) {
  const w = useWords();
  const [changes, setChanges] = useState(0);
  const send = async (values: FormData) => {
    await login.changePassword(typed(values, "current"), typed(values, "password"));
    setChanges(changes + 1);
  };
  const first = !account.has_password;
  return (
    <Form
      key={changes}
      title={first ? w.accFirstPassword : w.accChangePassword}
      level={2}
      button={w.accSetPassword}
      send={send}
      intro={
        <>
          {first && <p className="dim">{w.accFirstPasswordDetail}</p>}
          {changes > 0 && <p role="status">{w.accPasswordChanged}</p>}
          {/* For a keeper of passwords: whose it is. */}
          <input type="email" name="whose" autoComplete="username" value={account.email} readOnly hidden />
        </>
      }
    >
      {!first && (
        <Field
          label={w.accOldPassword}
          name="current"
          type="password"
          autoComplete="current-password"
          maxLength={128}
        />
      )}
      <NewPassword label={w.accNewPassword} />
    </Form>
  );
}
