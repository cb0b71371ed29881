// The account pages: the link decides what is asked first; who is here decides what is drawn else.

import { type ReactNode, useEffect, useState } from "react";
import type { Login, Person } from "../client/account";
import type { AccountLink } from "../client/account-link";
import type { SignInOffer } from "../contract/protocol";
import { LanguageButton } from "../ui/LanguageButton";
import { useValue, useWords } from "../ui/use";
import { Reset, Verify } from "./ByLink";
import { Desktop } from "./Desktop";
import type { DesktopAsk } from "./desktop-ask";
import { Finish } from "./Finish";
import { Home } from "./Home";
import { Notice } from "./Notice";
import { AlreadyIn, Register } from "./Register";
import { refusalWords, refusedWords } from "./refused";
import { SetUp } from "./SetUp";
import { SignIn } from "./SignIn";
import "./account.css";

/** What is asked: by the link at first, then by the page itself. */
type Asked = AccountLink | { readonly kind: "deleted" };

interface AccountPageProps {
  readonly login: Login;
  readonly link: AccountLink;
  readonly desktop: DesktopAsk;
}

/** The page. */
export function AccountPage({ login, link, desktop }: AccountPageProps) {
  const [asked, ask] = useState<Asked>(link);
  useEffect(() => {
    void login.open();
  }, [login]);
  const person = useValue(login.person);
  const byLink = asked.kind === "reset" || asked.kind === "verify" || asked.kind === "register";
  if (person.kind === "in" && !byLink && desktop.link === null) {
    return <Home login={login} account={person.account} gone={() => ask({ kind: "deleted" })} />;
  }
  return (
    <Shell>
      <Entry login={login} person={person} asked={asked} desktop={desktop} ask={ask} />
    </Shell>
  );
}

interface EntryProps {
  readonly login: Login;
  readonly person: Person;
  readonly asked: Asked;
  readonly desktop: DesktopAsk;
  readonly ask: (asked: Asked) => void;
}

/** Whatever is asked before somebody is at home. */
function Entry({ login, person, asked, desktop, ask }: EntryProps) {
  const w = useWords();
  const home = () => ask({ kind: "home" });
  // A link of the host's does what it says for whoever holds it, whoever is logged in here.
  if (asked.kind === "reset") return <Reset login={login} token={asked.token} done={home} />;
  if (asked.kind === "verify") return <Verify login={login} token={asked.token} done={home} />;
  switch (person.kind) {
    case "opening":
      return <Notice title={w.accOpening} />;
    case "unreachable": {
      const why = person.problem === null ? w.accUnreachable : refusalWords(person.problem, w);
      return <Notice title={why} action={w.accTryAgain} act={() => void login.open()} />;
    }
    case "out":
      return <Outside login={login} asked={asked} offer={person.offer} ask={ask} />;
    case "in": {
      const waiting = desktop.link;
      if (asked.kind === "register") return <AlreadyIn login={login} account={person.account} />;
      if (waiting === null) return null; // at home
      return <Desktop login={login} link={waiting} account={person.account} done={() => desktop.forget()} />;
    }
  }
}

interface OutsideProps {
  readonly login: Login;
  readonly asked: Asked;
  readonly offer: SignInOffer;
  readonly ask: (asked: Asked) => void;
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
    case "deleted":
      return <Notice title={w.accDeleted} detail={w.accDeletedDetail} action={w.accBack} act={home} />;
    case "register":
      if (!offer.set_up) return <SetUp login={login} />;
      return <Register login={login} offer={offer} token={asked.token} done={home} />;
    default:
      if (!offer.set_up) return <SetUp login={login} />;
      return <SignIn login={login} offer={offer} register={() => ask({ kind: "register", token: null })} />;
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
