// The head of each page that is for somebody: where one can go, and the way out.

import type { ReactNode } from "react";
import type { Login } from "../client/account";
import { LanguageButton } from "../ui/LanguageButton";
import { useWords } from "../ui/use";
import { Ask } from "./Ask";
import "./home.css";

interface HeadProps {
  readonly login: Login;
  /** The places of this page; null where nobody is logged in. */
  readonly children: ReactNode;
}

/** The head. */
export function Head({ login, children }: HeadProps) {
  const w = useWords();
  return (
    <header className="home-head">
      <a className="entrance-brand" href="/">
        {w.appName}
      </a>
      {children === null ? (
        <span className="home-places" />
      ) : (
        <nav className="home-places" aria-label={w.accPlaces}>
          {children}
        </nav>
      )}
      <div className="home-acts">
        <LanguageButton />
        {children !== null && <Ask act={() => login.leave("here")}>{w.accSignOut}</Ask>}
      </div>
    </header>
  );
}

interface TabProps<T extends string> {
  readonly name: T;
  readonly place: T;
  readonly go: (name: T) => void;
  readonly children: ReactNode;
}

/** One place. */
export function Tab<T extends string>({ name, place, go, children }: TabProps<T>) {
  return (
    <button
      type="button"
      className="button button-quiet"
      aria-current={place === name ? "page" : undefined}
      onClick={() => go(name)}
    >
      {children}
    </button>
  );
}
