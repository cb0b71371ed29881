// Back from the provider: logged in at once, or the local account's password is asked for, once.

import { useEffect, useRef, useState } from "react";
import type { Login } from "../client/account";
import { Refused } from "../client/problem";
import type { Problem } from "../contract/protocol";
import { useWords } from "../ui/use";
import { Field, Form, typed } from "./Form";
import { Notice } from "./Notice";
import { asksForCode, refusalWords } from "./refused";
import { CodeField } from "./SecondFactor";

interface FinishProps {
  readonly login: Login;
  readonly waiting: string;
  readonly back: () => void;
}

/** The wait, the question, or the refusal. */
export function Finish({ login, waiting, back }: FinishProps) {
  const w = useWords();
  const [problem, setProblem] = useState<Problem | "network" | null>(null);
  const begun = useRef(false);
  useEffect(() => {
    if (begun.current) return; // it is good once, and an effect may run twice
    begun.current = true;
    login.finish(waiting, {}).catch((error: unknown) => {
      setProblem(error instanceof Refused ? error.problem : "network");
    });
  }, [login, waiting]);
  const [coded, askCode] = useState(false);
  const prove = async (values: FormData) => {
    const [password, code] = [typed(values, "password"), typed(values, "code")];
    try {
      await login.finish(waiting, code === "" ? { password } : { password, code });
    } catch (error) {
      if (!asksForCode(error)) throw error;
      askCode(true);
    }
  };
  if (problem === null) return <Notice title={w.accFinishing} />;
  if (problem === "network") return <Notice title={w.accUnreachable} action={w.accBack} act={back} />;
  if (problem.code !== "password_needed") {
    return (
      <Notice title={w.accRefusedTitle} detail={refusalWords(problem, w)} action={w.accBack} act={back} />
    );
  }
  return (
    <Form
      title={w.accProveTitle}
      button={w.accProveButton}
      intro={<p className="dim">{problem.detail}</p>}
      send={prove}
    >
      <Field label={w.accPassword} name="password" type="password" autoComplete="current-password" />
      {coded && <CodeField hint={w.facCodeHint} first />}
    </Form>
  );
}
