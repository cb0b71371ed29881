// A password that is being chosen.

import { useWords } from "../ui/use";
import { Field } from "./Form";

/** The field. */
export function NewPassword({ label }: { label: string }) {
  const w = useWords();
  return (
    <Field
      label={label}
      name="password"
      type="password"
      autoComplete="new-password"
      hint={w.accPasswordRule}
      minLength={8}
      maxLength={128}
    />
  );
}
