// One calm line over the picture: the server is about to be restarted. It stands, empty, before there is anything to say:
// what comes with its words is not announced.

import { useWords } from "./use";
import "./restarting.css";

/** The line. */
export function Restarting({ said }: { said: boolean }) {
  const w = useWords();
  return (
    <p className="restarting" role="status" aria-label={w.server}>
      {said && w.restarting}
    </p>
  );
}
