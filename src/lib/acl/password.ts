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
  const key = readPassword(Buffer.from(password));
  return passhash.startsWith(BARE)
    ? await bcrypt.verify(
        bareKey(key),
        passhash.replace(BARE, () => '$2a$'),
      )
    : await bcrypt.verify(countedKey(key), passhash);
}

/** The first label that bcrypt had. The broker knows it, and few others do. */
const BARE = '$2$';

/** The broker's library reads no further than a NUL. */
function readPassword(password: Buffer): Buffer {
  const end = password.indexOf(0);
  return end === -1 ? password : password.subarray(0, end);
}

/**
 * What the broker's library makes of a password, in a form that every library takes alike: it counts what it has read, and
 * one byte for its end, in one byte. So of 255 bytes and more it uses what is left of the count, over and over.
 */
function countedKey(read: Buffer): Buffer {
  return read.length < 255 ? read : repeated(read, (read.length + 1) % 256);
}

/** The same for `$2$`, which has no byte for the end: `ab` and `abab` are one password. */
function bareKey(read: Buffer): Buffer {
  return read.length === 0 ? read : repeated(read, read.length % 256);
}

const repeated = (read: Buffer, count: number): Buffer =>
  Buffer.alloc(LONGEST_PASSWORD, read.subarray(0, count || 1));

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
