// From the browser's events to the desk: keys, and whether they reach us. Nothing is decided here but whose a key is.

import type { Desk, Focus } from "./desk";

const FIELDS = "input, textarea, select, [contenteditable]";

/** Where keys go now. */
function focus(): Focus {
  if (!document.hasFocus()) return "window";
  const active = document.activeElement;
  if (active === null || active === document.body) return "ours";
  // A control reached by Tab is pressed by Space and Enter: they are its own.
  return active.matches(FIELDS) || active.matches("button:focus-visible, a:focus-visible") ? "field" : "ours";
}

/** Begins to hear. */
export function hear(desk: Desk): void {
  const look = () => desk.setFocus(focus());
  for (const event of ["focus", "blur"]) window.addEventListener(event, () => setTimeout(look));
  document.addEventListener("focusin", look);
  document.addEventListener("focusout", () => setTimeout(look));
  document.addEventListener("keydown", (event) => {
    look();
    if (event.code === "Escape" && desk.focus.get() === "field" && desk.learning.get() === null) {
      (document.activeElement as HTMLElement | null)?.blur();
    } else if (desk.press(event)) event.preventDefault();
  });
  // A button that was clicked does not keep Space and Enter for itself.
  document.addEventListener("click", (event) => {
    const button = (event.target as Element | null)?.closest("button");
    if (event.detail > 0) button?.blur();
  });
  document.addEventListener("contextmenu", (event) => {
    if (!(event.target as Element).matches(FIELDS)) event.preventDefault();
  });
  look();
}
