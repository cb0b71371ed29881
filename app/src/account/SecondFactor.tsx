// The second factor of one's account: set up by a picture that an authenticator scans; taken away, and given new codes to
// recover by, by password and code.

import { type ReactNode, useState } from "react";
import { otpauth } from "../client/otpauth";
import type {
  RecoveryCodes,
  RecoveryCodesLeft,
  RecoveryCodesRenewal,
  SecondFactorBegin,
  SecondFactorConfirm,
  SecondFactorEnd,
  SecondFactorSecret,
} from "../contract/protocol";
import { useWords } from "../ui/use";
import type { AccountProps } from "./Account";
import { Copy } from "./Copy";
import { Field, Form, PasswordField, typed } from "./Form";
import { Qr } from "./Qr";
import { Refusal } from "./Refusal";
import { useRead } from "./use-read";

const FEW = 3; // who has so many left should make new ones

/** How far somebody is. */
type Step =
  | { readonly kind: "stands" }
  | { readonly kind: "password" }
  | { readonly kind: "scan"; readonly secret: string }
  | { readonly kind: "keep"; readonly codes: readonly string[] }
  | { readonly kind: "renew" }
  | { readonly kind: "away" };

/** The section. */
export function SecondFactor({ login, account }: AccountProps) {
  const w = useWords();
  const [step, go] = useState<Step>({ kind: "stands" });
  const stand = () => go({ kind: "stands" });
  const begin = async (values: FormData) => {
    const body: SecondFactorBegin = { password: typed(values, "password") };
    const { secret } = await login.ask<SecondFactorSecret>("POST", "/api/second-factor", body);
    go({ kind: "scan", secret });
  };
  const confirm = async (values: FormData) => {
    const body: SecondFactorConfirm = { code: typed(values, "code") };
    const { codes } = await login.ask<RecoveryCodes>("POST", "/api/second-factor/confirm", body);
    go({ kind: "keep", codes });
  };
  const kept = async () => {
    await login.look();
    stand();
  };
  const proof = (values: FormData) => ({ password: typed(values, "password"), code: typed(values, "code") });
  const renew = async (values: FormData) => {
    const body: RecoveryCodesRenewal = proof(values);
    const { codes } = await login.ask<RecoveryCodes>("POST", "/api/second-factor/recovery-codes", body);
    go({ kind: "keep", codes });
  };
  const end = async (values: FormData) => {
    const body: SecondFactorEnd = proof(values);
    await login.ask("DELETE", "/api/second-factor", body);
    await login.look();
    stand();
  };
  if (!account.has_password) return <Section>{<p className="dim">{w.facElsewhere}</p>}</Section>;
  switch (step.kind) {
    case "stands":
      return <Stands login={login} account={account} go={go} />;
    case "password":
      return (
        <Section leave={stand}>
          <Form title={w.facSetUp} level={2} button={w.facGoOn} send={begin}>
            <PasswordField />
          </Form>
        </Section>
      );
    case "scan":
      return (
        <Section leave={stand}>
          <Form
            title={w.facScan}
            level={2}
            button={w.facTurnOn}
            send={confirm}
            intro={
              <Scan
                address={otpauth(new URL(login.origin).host, account.email, step.secret)}
                secret={step.secret}
              />
            }
          >
            <CodeField hint={w.facFirstHint} />
          </Form>
        </Section>
      );
    case "keep":
      return <Keep codes={step.codes} kept={() => void kept()} />;
    case "renew":
      return (
        <Section leave={stand}>
          <Form
            title={w.facRenew}
            level={2}
            button={w.facRenew}
            send={renew}
            intro={<p className="dim">{w.facRenewDetail}</p>}
          >
            <PasswordField />
            <CodeField hint={w.facCodeHint} />
          </Form>
        </Section>
      );
    case "away":
      return (
        <Section leave={stand}>
          <Form title={w.facTurnOff} level={2} button={w.facTurnOff} send={end}>
            <PasswordField />
            <CodeField hint={w.facCodeHint} />
          </Form>
        </Section>
      );
  }
}

/** The field for a code, wherever one is asked for. */
export function CodeField({ hint, first }: { readonly hint: string; readonly first?: boolean }) {
  const w = useWords();
  return (
    <Field
      label={w.facCode}
      name="code"
      autoComplete="one-time-code"
      hint={hint}
      maxLength={40}
      first={first === true}
    />
  );
}

interface SectionProps {
  readonly children: ReactNode;
  readonly leave?: () => void;
}

function Section({ children, leave }: SectionProps) {
  const w = useWords();
  return (
    <section className="stack" aria-label={w.facTitle}>
      {children}
      {leave !== undefined && (
        <button type="button" className="button" onClick={leave}>
          {w.sesCancel}
        </button>
      )}
    </section>
  );
}

interface StandsProps extends AccountProps {
  readonly go: (step: Step) => void;
}

function Stands({ login, account, go }: StandsProps) {
  const w = useWords();
  const on = account.second_factor;
  const words = { on: w.facIsOn, off: w.facIsOff, missing: w.facIsMissing };
  return (
    <section aria-label={w.facTitle}>
      <h2>{w.facTitle}</h2>
      <p className={on === "missing" ? undefined : "dim"}>{words[on]}</p>
      {on === "on" && <Left login={login} />}
      <div className="row-acts">
        {on === "on" ? (
          <>
            <button type="button" className="button" onClick={() => go({ kind: "renew" })}>
              {w.facRenew}
            </button>
            <button type="button" className="button" onClick={() => go({ kind: "away" })}>
              {w.facTurnOff}
            </button>
          </>
        ) : (
          <button
            type="button"
            className={on === "missing" ? "button button-main" : "button"}
            onClick={() => go({ kind: "password" })}
          >
            {w.facSetUp}
          </button>
        )}
      </div>
    </section>
  );
}

/** How many codes to recover by are left; the last ones are said louder. */
function Left({ login }: Pick<AccountProps, "login">) {
  const w = useWords();
  const { answer, refused } = useRead<RecoveryCodesLeft>(login, "/api/second-factor");
  const left = answer?.recovery_codes_left ?? null;
  return (
    <>
      <Refusal why={refused} />
      {left !== null && <p className={left > FEW ? "dim" : undefined}>{w.facLeft(left)}</p>}
    </>
  );
}

function Scan({ address, secret }: { readonly address: string; readonly secret: string }) {
  const w = useWords();
  return (
    <>
      <p className="dim">{w.facScanDetail}</p>
      <Qr text={address} label={w.facQr} />
      <p className="dim">{w.facByHand}</p>
      <p className="address">{secret.replace(/(.{4})(?=.)/g, "$1 ")}</p>
      <Copy text={secret} />
    </>
  );
}

/** Shown once: the server keeps hashes. */
function Keep({ codes, kept }: { readonly codes: readonly string[]; readonly kept: () => void }) {
  const w = useWords();
  return (
    <section className="stack card" aria-label={w.facTitle}>
      <h2>{w.facKeep}</h2>
      <p role="status">{w.facIsOn}</p>
      <p>{w.facKeepDetail}</p>
      <ol className="codes">
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ol>
      <div className="row-acts">
        <Copy text={codes.join("\n")} />
        <button type="button" className="button button-main" onClick={kept}>
          {w.facKept}
        </button>
      </div>
    </section>
  );
}
