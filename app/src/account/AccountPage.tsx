// The account pages: who is here decides what is drawn; the link decides what is asked first.

import { type ReactNode, useEffect, useState } from "react";
import type { Login } from "../client/account";
import type { AccountLink } from "../client/account-link";
import type { SignInOffer } from "../contract/protocol";
import { LanguageButton } from "../ui/LanguageButton";
import { useValue, useWords } from "../ui/use";
import { Desktop } from "./Desktop";
import type { DesktopAsk } from "./desktop-ask";
import { Finish } from "./Finish";
import { Home } from "./Home";
import { Notice } from "./Notice";
import { refusedWords } from "./refused";
import { SetUp } from "./SetUp";
import { SignIn } from "./SignIn";
import "./account.css";

interface AccountPageProps {
  readonly login: Login;
  readonly link: AccountLink;
  readonly desktop: DesktopAsk;
}

/** The page. */
export function AccountPage({ login, link, desktop }: AccountPageProps) {
  const [asked, setAsked] = useState<AccountLink>(link);
  useEffect(() => {
    void login.open();
  }, [login]);
  const person = useValue(login.person);
  const w = useWords();
  if (person.kind === "opening") return <Shell>{<Notice title={w.accOpening} />}</Shell>;
  if (person.kind === "unreachable") {
    return (
      <Shell>
        <Notice title={w.accUnreachable} action={w.accTryAgain} act={() => void login.open()} />
      </Shell>
    );
  }
  if (person.kind === "out") {
    return (
      <Shell>
        <Outside login={login} asked={asked} offer={person.offer} ask={setAsked} />
      </Shell>
    );
  }
  const waiting = desktop.link;
  if (waiting !== null) {
    return (
      <Shell>
        <Desktop login={login} link={waiting} account={person.account} done={() => desktop.forget()} />
      </Shell>
    );
  }
  return <Home login={login} account={person.account} />;
}

interface OutsideProps {
  readonly login: Login;
  readonly asked: AccountLink;
  readonly offer: SignInOffer;
  readonly ask: (link: AccountLink) => void;
}

function Outside({ login, asked, offer, ask }: OutsideProps) {
  const w = useWords();
  const home = () => ask({ kind: "home" });
  switch (asked.kind) {
    case "signin":
      return <Finish login={login} waiting={asked.waiting} back={home} />;
    case "refused":
      return (
        <Notice
          title={w.accRefusedTitle}
          detail={refusedWords(asked.code, w)}
          action={w.accBack}
          act={home}
        />
      );
    default:
      if (!offer.set_up) return <SetUp login={login} />;
      return <SignIn login={login} offer={offer} />;
  }
}

function Shell({ children }: { children: ReactNode }) {
  const w = useWords();
  return (
    <main className="entrance">
      <header className="entrance-head">
        <a className="entrance-brand" href="/">
          {w.appName}
        </a>
        <LanguageButton />
      </header>
      <div className="entrance-body">{children}</div>
    </main>
  );
}
