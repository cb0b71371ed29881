// The two links of a session, as text, as a code and as a QR code. The code stands in the fragment, where no server
// logs it.

import { useState } from "react";
import { encode } from "uqr";
import type { SessionCreated } from "../contract/protocol";
import { useWords } from "../ui/use";

interface SessionLinksProps {
  readonly made: SessionCreated;
  readonly origin: string;
}

/** Both. */
export function SessionLinks({ made, origin }: SessionLinksProps) {
  const w = useWords();
  return (
    <section className="links" aria-label={w.sesLinksOf(made.session.name)}>
      <Link who={w.sesCameraLink} address={`${origin}/camera/#${made.camera_code}`} code={made.camera_code} />
      <Link who={w.sesViewerLink} address={`${origin}/viewer/#${made.viewer_code}`} code={made.viewer_code} />
    </section>
  );
}

interface LinkProps {
  readonly who: string;
  readonly address: string;
  readonly code: string;
}

function Link({ who, address, code }: LinkProps) {
  const w = useWords();
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(address);
      setCopied(true);
    } catch {
      setCopied(false); // no clipboard without https, or it was refused: the link can be marked by hand
    }
  };
  return (
    <div className="link">
      <h2>{who}</h2>
      <Qr text={address} label={w.sesQr(who)} />
      <a href={address}>{address}</a>
      <p className="dim">{w.sesCode(forPeople(code))}</p>
      <button type="button" className="button" onClick={() => void copy()}>
        {copied ? w.sesCopied : w.sesCopy}
      </button>
    </div>
  );
}

function Qr({ text, label }: { readonly text: string; readonly label: string }) {
  const { data, size } = encode(text, { border: 4 });
  const path = data.flatMap((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : ""))).join("");
  return (
    <svg className="qr" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={label}>
      <path d={`M0 0h${size}v${size}H0z`} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  );
}

/** Two groups, as people read it out. */
function forPeople(code: string): string {
  const half = Math.floor(code.length / 2);
  return `${code.slice(0, half)}-${code.slice(half)}`;
}
