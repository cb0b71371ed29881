// The way in for operators, large enough to be scanned across a room. Esc or its key closes it; switching goes on.

import { encode } from "uqr";
import { useValue } from "../ui/use";
import { useDesk, useView, useWords } from "./context";

/** Over the pictures, while it is wanted. */
export function Join() {
  const w = useWords();
  const desk = useDesk();
  const view = useView();
  const shown = useValue(desk.joining);
  if (!shown || view.session === null) return null;
  const { name, camera_link, viewer_link } = view.session;
  return (
    <section className="join" aria-label={w.join}>
      <h2>{name}</h2>
      <div>
        <Way title={w.forOperators} link={camera_link} large />
        <Way title={w.forViewers} link={viewer_link} />
      </div>
      <button type="button" onClick={() => desk.join(false)}>
        {w.close}
      </button>
    </section>
  );
}

function Way({
  title,
  link,
  large,
}: {
  readonly title: string;
  readonly link: string;
  readonly large?: boolean;
}) {
  const { data, size } = encode(link, { border: 3 });
  const path = data.flatMap((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : ""))).join("");
  return (
    <figure data-large={large ?? false}>
      <svg viewBox={`0 0 ${size} ${size}`} role="img" aria-label={title}>
        <path d={`M0 0h${size}v${size}H0z`} fill="#fff" />
        <path d={path} fill="#000" />
      </svg>
      <figcaption>
        <b>{title}</b>
        <code>{link}</code>
      </figcaption>
    </figure>
  );
}
