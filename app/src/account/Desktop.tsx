// A program on this computer asks for a login: its person says yes or no.

import { useState } from "react";
import type { Login } from "../client/account";
import { type DesktopLink, desktopAddress } from "../client/account-link";
import type { AccountSummary, DesktopCode } from "../contract/protocol";
import { useWords } from "../ui/use";
import { Form } from "./Form";
import { Notice } from "./Notice";

interface DesktopProps {
  readonly login: Login;
  readonly link: DesktopLink;
  readonly account: AccountSummary;
  readonly done: () => void;
}

/** The question. */
export function Desktop({ login, link, account, done }: DesktopProps) {
  const w = useWords();
  const [said, setSaid] = useState<"yes" | "no" | null>(null);
  const yes = async () => {
    const { challenge } = link;
    const { code } = await login.ask<DesktopCode>("POST", "/api/signin/desktop", { challenge });
    done();
    setSaid("yes");
    location.assign(desktopAddress(link, code));
  };
  const no = () => {
    done();
    setSaid("no");
  };
  if (said === "yes") return <Notice title={w.accDesktopDone} />;
  if (said === "no") return <Notice title={w.accRefusedTitle} />;
  return (
    <div className="stack">
      <Form
        title={w.accDesktopTitle}
        button={w.accDesktopYes}
        send={yes}
        intro={
          <>
            <p>{w.accDesktopDetail(account.name)}</p>
            <p className="dim">{w.accDesktopWarning}</p>
          </>
        }
      >
        {null}
      </Form>
      <button type="button" className="button" onClick={no}>
        {w.accDesktopNo}
      </button>
    </div>
  );
}
