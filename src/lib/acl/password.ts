import { Failure } from '../failure.js';
import { isUsablePasshash } from './passhash.js';

/**
 * The broker's own default (`vmq_bcrypt.default_log_rounds`). Each step doubles the broker's work for every login,
 * and by default it verifies one password at a time: about 5 logins a second and node at 12, 20 at 10.
 */
export const DEFAULT_COST = 12;
export const LOWEST_COST = 4;
export const HIGHEST_COST = 31;

/** bcrypt uses no more of a password than this; what follows would not matter. */
const LONGEST_PASSWORD = 72;

/**
 * Hashes a password as the broker can read it: `$2a$`.
 *
 * @param cost base-2 logarithm of the rounds, 4 to 31
 * @throws Failure (data) for a password that is empty, has more than 72 bytes of UTF-8, or contains NUL;
 *   Failure (usage) for a cost out of range
 */
export async function hashPassword(password: string, cost: number = DEFAULT_COST): Promise<string> {
  assertHashable(password);
  if (!Number.isInteger(cost) || cost < LOWEST_COST || cost > HIGHEST_COST) {
    throw new Failure(
      'usage',
      'bad_cost',
      `a bcrypt cost is a whole number from ${LOWEST_COST} to ${HIGHEST_COST}, not ${cost}`,
    );
  }
  const bcrypt = await loadBcrypt();
  return await bcrypt.hash(password, { cost, version: '2a' });
}

/**
 * Whether the broker would let this password in: false for every hash that it cannot read (`$2b$`, `$2y$`, `$2x$`, …).
 *
 * @param password its text, or the bytes that come over the wire
 */
export async function verifyPassword(password: string | Uint8Array, passhash: string): Promise<boolean> {
  if (!isUsablePasshash(passhash)) return false;
  const bcrypt = await loadBcrypt();
  return await bcrypt.verify(bcryptKey(Buffer.from(password)), passhash);
}

/**
 * What the broker's library makes of a password, in a form that every library takes alike: it reads no further than a NUL,
 * and counts what it has read, and one byte for its end, in one byte. So of 255 bytes and more it uses what is left of the
 * count, over and over.
 */
function bcryptKey(password: Buffer): Buffer {
  const end = password.indexOf(0);
  const read = end === -1 ? password : password.subarray(0, end);
  if (read.length < 255) return read;
  const counted = (read.length + 1) % 256 || 1;
  return Buffer.alloc(LONGEST_PASSWORD, read.subarray(0, counted));
}

/** @throws Failure (data), as hashPassword does */
export function assertHashable(password: string): void {
  if (password === '') {
    throw new Failure('data', 'empty_password', 'the password is empty', {
      hint: 'Look where it is read from.',
    });
  }
  const bytes = Buffer.byteLength(password);
  if (bytes > LONGEST_PASSWORD) {
    throw new Failure(
      'data',
      'long_password',
      `the password has ${bytes} bytes, and bcrypt takes no more than ${LONGEST_PASSWORD}`,
      {
        hint: 'Whatever follows the 72nd byte would not be checked. Use a shorter one.',
      },
    );
  }
  if (password.includes('\0')) {
    throw new Failure('data', 'nul_in_password', 'the password contains NUL', {
      hint: 'The broker reads no further than that. Use one without it.',
    });
  }
}

/** A native library: loaded only by what needs it. */
const loadBcrypt = () => import('@node-rs/bcrypt');
