// What a link into the account pages asks for. Its secrets stand in the fragment, which a browser sends to nobody.

/** What the page was opened for. */
export type AccountLink =
  | { readonly kind: "home" }
  | { readonly kind: "signin"; readonly waiting: string }
  | { readonly kind: "refused"; readonly code: string }
  | { readonly kind: "reset"; readonly token: string }
  | { readonly kind: "verify"; readonly token: string }
  /** A new account; by an invitation where there is a token. */
  | { readonly kind: "register"; readonly token: string | null }
  | DesktopLink;

/** A desktop program on this machine asks for a login (RFC 8252). */
export interface DesktopLink {
  readonly kind: "desktop";
  readonly port: number;
  readonly challenge: string;
  readonly state: string;
}

const HOME: AccountLink = { kind: "home" };

/** Reads a fragment; what is none of ours is home. */
export function accountLink(fragment: string): AccountLink {
  const [kind = "", first = "", second = "", third = ""] = fragment.replace(/^#/, "").split("/");
  const safe = (text: string) => /^[\w-]{1,200}$/.test(text);
  if (!safe(first)) return HOME;
  switch (kind) {
    case "signin":
      return { kind, waiting: first };
    case "refused":
      return { kind, code: first };
    case "reset":
    case "verify":
    case "register":
      return { kind, token: first };
    case "desktop": {
      const port = Number(first);
      const real = Number.isInteger(port) && port > 1023 && port < 65_536;
      return real && safe(second) && safe(third) ? { kind, port, challenge: second, state: third } : HOME;
    }
    default:
      return HOME;
  }
}

/** Where the browser goes with the code; never further than this machine. */
export function desktopAddress({ port, state }: DesktopLink, code: string): string {
  return `http://127.0.0.1:${port}/?${new URLSearchParams({ code, state })}`;
}
