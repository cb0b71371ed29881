// The end of an account: what goes with it is said, and its e-mail typed, before anything is asked of the server.

import { useState } from "react";
import type { SessionCreated } from "../contract/protocol";
import { useWords } from "../ui/use";
import type { AccountProps } from "./Account";
import { Field, Form, PasswordField, typed } from "./Form";
import { Refusal } from "./Refusal";
import { stateWord } from "./SessionRow";
import { useRead } from "./use-read";

/** A button first, then the form. */
export function DeleteAccount(props: AccountProps & { readonly gone: () => void }) {
  const w = useWords();
  const [asked, setAsked] = useState(false);
  return (
    <section aria-label={w.accDelete}>
      {asked ? (
        <Sure {...props} stay={() => setAsked(false)} />
      ) : (
        <button type="button" className="button" onClick={() => setAsked(true)}>
          {w.accDelete}
        </button>
      )}
    </section>
  );
}

interface SureProps extends AccountProps {
  readonly gone: () => void;
  readonly stay: () => void;
}

function Sure({ login, account, gone, stay }: SureProps) {
  const w = useWords();
  const [whose, setWhose] = useState("");
  const send = async (values: FormData) => {
    await login.deleteAccount(account.has_password ? typed(values, "password") : null);
    gone();
  };
  return (
    <div className="stack">
      <Form
        title={w.accDelete}
        level={2}
        button={w.accDeleteYes}
        ready={whose.trim().toLowerCase() === account.email}
        send={send}
        intro={
          <>
            <p className="dim">{w.accDeleteDetail}</p>
            <Ending login={login} />
          </>
        }
      >
        <Field label={w.accDeleteConfirm} name="whose" type="email" autoComplete="off" onType={setWhose} />
        {account.has_password && <PasswordField />}
      </Form>
      <button type="button" className="button" onClick={stay}>
        {w.sesCancel}
      </button>
    </div>
  );
}

/** The sessions that end with it. */
function Ending({ login }: Pick<AccountProps, "login">) {
  const w = useWords();
  const { answer, refused } = useRead<readonly SessionCreated[]>(login, "/api/sessions");
  const running = answer?.filter(({ session }) => session.state !== "ended") ?? [];
  return (
    <>
      <Refusal why={refused} />
      {running.length > 0 && <p>{w.accDeleteSessions(running.length)}</p>}
      <ul className="ending">
        {running.map(({ session: { id, name, state } }) => (
          <li key={id}>
            {name} <span className="dim">({stateWord(state, w)})</span>
          </li>
        ))}
      </ul>
    </>
  );
}
