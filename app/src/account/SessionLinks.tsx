// The two links of a session, as text, as a code and as a QR code. The code stands in the fragment, where no server
// logs it.

import type { SessionCreated } from "../contract/protocol";
import { useWords } from "../ui/use";
import { Copy } from "./Copy";
import { Qr } from "./Qr";

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
  return (
    <div className="link">
      <h2>{who}</h2>
      <Qr text={address} label={w.sesQr(who)} />
      <a href={address}>{address}</a>
      <p className="dim">{w.sesCode(forPeople(code))}</p>
      <Copy text={address} />
    </div>
  );
}

/** Two groups, as people read it out. */
function forPeople(code: string): string {
  const half = Math.floor(code.length / 2);
  return `${code.slice(0, half)}-${code.slice(half)}`;
}
