// What a link of the host does: a new password, or the proof of an e-mail.

import { useState } from "react";
import type { Login } from "../client/account";
import { useWords } from "../ui/use";
import { Form, typed } from "./Form";
import { NewPassword } from "./NewPassword";
import { Notice } from "./Notice";

interface LinkProps {
  readonly login: Login;
  readonly token: string;
  readonly done: () => void;
}

/** The form, then that it holds. */
export function Reset({ login, token, done }: LinkProps) {
  const w = useWords();
  const [holds, setHolds] = useState(false);
  const send = async (values: FormData) => {
    await login.reset(token, typed(values, "password"));
    setHolds(true);
  };
  if (holds) {
    return <Notice title={w.accResetDone} detail={w.accResetDoneDetail} action={w.accSignIn} act={done} />;
  }
  return (
    <Form
      title={w.accResetTitle}
      button={w.accSetPassword}
      send={send}
      intro={<p className="dim">{w.accResetDetail}</p>}
    >
      <NewPassword label={w.accNewPassword} />
    </Form>
  );
}

/** The question, then that the e-mail is proven. It asks first: whatever opens links by itself must not spend them. */
export function Verify({ login, token, done }: LinkProps) {
  const w = useWords();
  const [proven, setProven] = useState(false);
  const send = async () => {
    await login.verify(token);
    setProven(true);
  };
  if (proven) return <Notice title={w.accVerified} action={w.accGoOn} act={done} />;
  return (
    <Form
      title={w.accVerifyTitle}
      button={w.accVerifyButton}
      send={send}
      intro={<p className="dim">{w.accVerifyDetail}</p>}
    >
      {null}
    </Form>
  );
}
