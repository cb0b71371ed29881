// The way to the provider. The server answers its address in place of redirecting, so it is asked on the press.

import { useState } from "react";
import type { Login } from "../client/account";
import type { SignInProvider } from "../contract/protocol";
import { useWords } from "../ui/use";
import { Refusal } from "./Refusal";
import { whyNot } from "./refused";

interface ProviderButtonProps {
  readonly login: Login;
  readonly provider: SignInProvider | null;
  /** The host's invitation, where one came by it. */
  readonly invite: string | null;
}

/** The button, and the word between it and the form below. */
export function ProviderButton({ login, provider, invite }: ProviderButtonProps) {
  const w = useWords();
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<string | null>(null);
  if (provider === null) return null;
  const go = async () => {
    setBusy(true);
    setRefused(null);
    try {
      location.assign(await login.provider(invite));
    } catch (error) {
      setRefused(whyNot(error, w));
      setBusy(false);
    }
  };
  // The cookie that brings the answer home is of one origin: where this page has another, it leads there first.
  const elsewhere = provider.origin !== login.origin;
  const there = `${provider.origin}/account/${invite === null ? "" : `#register/${invite}`}`;
  return (
    <>
      {elsewhere ? (
        <p className="dim">
          {w.accGoesElsewhere(provider.origin)} <a href={there}>{provider.origin}</a>
        </p>
      ) : (
        <button type="button" className="button" disabled={busy} onClick={() => void go()}>
          {w.accSignInWith(provider.name)}
        </button>
      )}
      <Refusal why={refused} />
      <p className="between" aria-hidden="true">
        {w.accOr}
      </p>
    </>
  );
}
