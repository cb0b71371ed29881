// An authenticator (RFC 6238), as far from the server's own as can be: base 32 by hand, the digest by Node.

import { createHmac } from 'node:crypto';

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** The code that a secret in base 32 shows, so many steps from now. */
export function codeOf(secret, steps = 0) {
  const bits = [...secret.replaceAll(' ', '')].map((letter) => LETTERS.indexOf(letter).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + steps));
  const tag = createHmac('sha1', key).update(step).digest();
  const word = tag.readUInt32BE(tag.at(-1) & 15) & 0x7fff_ffff;
  return String(word % 1_000_000).padStart(6, '0');
}
