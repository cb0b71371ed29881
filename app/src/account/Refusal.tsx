// Why something could not be done, where it was asked for. Nothing where it could.

/** The sentence. */
export function Refusal({ why }: { readonly why: string | null }) {
  if (why === null) return null;
  return (
    <p className="refused" role="alert">
      {why}
    </p>
  );
}
