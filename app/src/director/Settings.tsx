// The cloud's address, once; who we are there; the session and its links.

import { useState } from "react";
import type { Password } from "../contract/desktop";
import { useDesk, useView, useWords } from "./context";

/** The settings. */
export function Settings() {
  const w = useWords();
  const desk = useDesk();
  const { cloud, account, session, air } = useView();
  const [address, setAddress] = useState(cloud.address ?? "");
  const [fingerprint, setFingerprint] = useState(cloud.fingerprint ?? "");
  return (
    <>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          desk.ask({ do: "set_cloud", address, fingerprint });
        }}
      >
        <label>
          {w.cloudAddress}
          <input
            value={address}
            placeholder="https://live.example.org"
            onChange={(event) => setAddress(event.target.value)}
          />
        </label>
        <details open={fingerprint !== ""}>
          <summary>{w.ownCertificate}</summary>
          <label>
            {w.fingerprint}
            <input
              value={fingerprint}
              placeholder="sha256:…"
              onChange={(event) => setFingerprint(event.target.value)}
            />
          </label>
        </details>
        <button type="submit">{w.keep}</button>
      </form>
      {cloud.address !== null && account.state === "out" && <SignIn />}
      {account.state === "browser" && (
        <p className="row">
          {w.waitingForBrowser}
          <button type="button" onClick={() => desk.ask({ do: "sign_out" })}>
            {w.cancel}
          </button>
        </p>
      )}
      {cloud.trouble !== null && <p className="notice">{w.says(cloud.trouble)}</p>}
      {account.state === "in" && (
        <p className="row">
          <b>{account.name}</b> <span className="dim">{account.email}</span>
          <button type="button" disabled={air.state !== "off"} onClick={() => desk.ask({ do: "sign_out" })}>
            {w.signOut}
          </button>
        </p>
      )}
      {account.state === "in" && <p className="dim">{w.loginKept(account.kept)}</p>}
      {session !== null && (
        <>
          <h3>{w.session}</h3>
          <p>{session.name}</p>
          <p className="link-line">
            {w.forOperators} <code>{session.camera_link}</code>
          </p>
          <p className="link-line">
            {w.forViewers} <code>{session.viewer_link}</code>
          </p>
          <button
            type="button"
            disabled={air.state !== "off"}
            onClick={() => desk.ask({ do: "new_session" })}
          >
            {w.newSession}
          </button>
        </>
      )}
    </>
  );
}

function SignIn() {
  const w = useWords();
  const desk = useDesk();
  const { cloud } = useView();
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        desk.ask({ do: "sign_in", email, password: password as Password });
        setPassword("");
      }}
    >
      <label>
        {w.email}
        <input
          type="email"
          autoComplete="username"
          value={email}
          onChange={(event) => setEmail(event.target.value)}
        />
      </label>
      <label>
        {w.password}
        <input
          type="password"
          autoComplete="current-password"
          value={password}
          onChange={(event) => setPassword(event.target.value)}
        />
      </label>
      <button type="submit" disabled={cloud.busy}>
        {cloud.busy ? w.asking : w.signIn}
      </button>
      <button type="button" disabled={cloud.busy} onClick={() => desk.ask({ do: "sign_in_by_browser" })}>
        {w.signInByBrowser}
      </button>
    </form>
  );
}
