// A state that stands in the picture's place: its drawing, its sentence, what to do.

import type { Notice } from "../ui/sentences";
import { Drawing, type DrawingName } from "./Drawing";
import "./card.css";

/** A state. */
export function Card({ drawing, notice }: { drawing: DrawingName; notice: Notice }) {
  return (
    <div className="card">
      <Drawing name={drawing} />
      <p className="card-title">{notice.title}</p>
      <p className="card-detail">{notice.detail}</p>
    </div>
  );
}
