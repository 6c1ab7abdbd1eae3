import type { Secret } from '../../secret.js';
import { assertHashable, hashPassword, verifyPassword } from '../password.js';
import type { Hashing } from './settle.js';

/** Passwords whose hashes are remembered, where the same ones are to have the same hash. */
const MOST_KNOWN = 100_000;

/**
 * bcrypt, on as many cores as the thread pool has: all of them (bin/run.js).
 *
 * @param once gives the same password the same hash: whoever reads the records then sees who shares one
 */
export function bcryptHashing(cost: number | undefined, once: boolean): Hashing {
  const known = new Map<string, Promise<string>>();
  return {
    verify: (password, passhash) => verifyPassword(password.reveal(), passhash),
    hash: (password) => {
      if (!once) return hashPassword(password.reveal(), cost);
      return remembered(password, known, cost);
    },
  };
}

/** Looks at passwords as bcrypt does, and hashes none: for who writes nothing. */
export const noHashing: Hashing = {
  verify: bcryptHashing(undefined, false).verify,
  hash: async (password) => {
    assertHashable(password.reveal());
    return '';
  },
};

function remembered(password: Secret, known: Map<string, Promise<string>>, cost: number | undefined) {
  const text = password.reveal();
  const hash = known.get(text) ?? hashPassword(text, cost);
  if (known.size >= MOST_KNOWN) known.clear();
  known.set(text, hash);
  return hash;
}
