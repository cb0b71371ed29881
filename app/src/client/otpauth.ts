// What an authenticator reads from a QR code (Key Uri Format of Google Authenticator, which all of them take): whose
// account it is, at which server, and the secret. Digits, period and digest are what each takes for granted.

/** The address; it is drawn, and never opened or sent. */
export function otpauth(host: string, email: string, secret: string): string {
  const issuer = encodeURIComponent(`ReturnFeed ${host}`);
  return `otpauth://totp/${issuer}:${encodeURIComponent(email)}?secret=${secret}&issuer=${issuer}`;
}
