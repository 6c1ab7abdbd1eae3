import { createHash, randomInt, timingSafeEqual } from 'node:crypto';

/** The bytes of a digest. */
export const DIGEST_BYTES = 16;

/** A fresh challenge: 32 bits. */
export const createChallenge = (): number => randomInt(2 ** 32);

/** MD5 over the cookie and the challenge in decimal digits; what proves that one knows the cookie. */
export function challengeDigest(cookie: string, challenge: number): Buffer {
  // A cookie is an atom whose characters Erlang takes as bytes.
  return createHash('md5').update(`${cookie}${challenge}`, 'latin1').digest();
}

/** Compares in a time that does not depend on where the two differ. */
export function sameDigest(a: Buffer, b: Buffer): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}
