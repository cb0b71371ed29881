// One thing to tell, and at most one thing to do about it.

interface NoticeProps {
  readonly title: string;
  readonly detail?: string;
  readonly action?: string;
  readonly act?: () => void;
}

/** Told where a form would be. */
export function Notice({ title, detail, action, act }: NoticeProps) {
  return (
    <section className="card" role="status">
      <h1>{title}</h1>
      {detail !== undefined && <p className="dim">{detail}</p>}
      {action !== undefined && (
        <button type="button" className="button" onClick={act}>
          {action}
        </button>
      )}
    </section>
  );
}
