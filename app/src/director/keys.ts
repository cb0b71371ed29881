// Which key does what. Pure. Bound by the key's place (`KeyboardEvent.code`), so a Hangul layout loses none; a key
// that is held down and what an input method composes are no presses.

/** What a key can do. */
export type Action =
  | "cut"
  | "auto"
  | "black"
  | "key"
  | "join"
  | "go_live"
  | "rehearse"
  | "stop"
  | "silence"
  | "record"
  | `preview_${number}`
  | `hot_${number}`;

/** What of a keyboard event counts. */
export type Press = Pick<
  KeyboardEvent,
  "code" | "shiftKey" | "ctrlKey" | "altKey" | "metaKey" | "repeat" | "isComposing"
>;

const NUMBERS = [1, 2, 3, 4, 5, 6, 7, 8, 9] as const;

/** The keys of a show that says nothing else. */
export const USUAL_KEYS: Readonly<Record<string, string>> = {
  cut: "Space",
  auto: "Enter",
  black: "KeyF",
  key: "KeyK",
  join: "KeyJ",
  go_live: "Shift+KeyL",
  rehearse: "Shift+KeyR",
  stop: "Shift+Escape",
  silence: "KeyM",
  record: "Shift+KeyE",
  ...Object.fromEntries(NUMBERS.map((n) => [`preview_${n}`, `Digit${n}`])),
  ...Object.fromEntries(NUMBERS.map((n) => [`hot_${n}`, `Shift+Digit${n}`])),
};

/** The keys as this show has them. */
export function keysOf(own: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const said = Object.entries(own).filter(([, key]) => key !== undefined && key !== "");
  return { ...USUAL_KEYS, ...(Object.fromEntries(said) as Record<string, string>) };
}

/** A press as a show writes it: `Shift+Digit1`. Null: only a modifier, or no press at all. */
export function written(press: Press): string | null {
  return press.repeat ? null : held(press);
}

/** The same, of a key that may be held down. */
function held(press: Press): string | null {
  if (press.isComposing || press.code === "") return null;
  if (/^(Shift|Control|Alt|Meta)(Left|Right)$/.test(press.code) || press.code === "CapsLock") return null;
  const modifiers = [
    press.ctrlKey && "Ctrl",
    press.altKey && "Alt",
    press.shiftKey && "Shift",
    press.metaKey && "Meta",
  ].filter((one) => one !== false);
  return [...modifiers, press.code].join("+");
}

/** What a press asks for. */
export function actionOf(press: Press, keys: Readonly<Record<string, string>>): Action | null {
  return press.repeat ? null : boundTo(press, keys);
}

/** What a key is bound to, pressed or held down. */
export function boundTo(press: Press, keys: Readonly<Record<string, string>>): Action | null {
  const key = held(press);
  if (key === null) return null;
  // The number block is a row of digits too.
  const plain = key.replace(/Numpad(\d)$/, "Digit$1").replace(/NumpadEnter$/, "Enter");
  const found = Object.entries(keys).find(([, bound]) => bound === key || bound === plain);
  return found === undefined ? null : (found[0] as Action);
}

/** Which actions share a key, so that one of them would never be done. */
export function clashes(keys: Readonly<Record<string, string>>): ReadonlySet<string> {
  const actions = Object.keys(keys);
  return new Set(
    actions.filter((one) => actions.some((other) => other !== one && keys[other] === keys[one])),
  );
}

/** A key as it is printed on it. */
export function printed(key: string): string {
  return key
    .split("+")
    .map((part) => part.replace(/^(Key|Digit)(?=.$)/, "").replace(/^Escape$/, "Esc"))
    .join(" + ");
}
