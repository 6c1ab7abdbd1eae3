import { readSecret } from '../context/secret-source.js';
import { Failure } from '../failure.js';
import type { Secret } from '../secret.js';
import { adoptPasshash } from './passhash.js';
import { hashPassword } from './password.js';

/** What the command line says about a password. */
export interface PasswordFlags {
  readonly 'password-from'?: string | undefined;
  readonly 'passhash-from'?: string | undefined;
  readonly cost?: number | undefined;
}

export interface GivenPasshash {
  readonly passhash: string;
  /** What the operator should know about how it was taken. */
  readonly remarks: readonly string[];
}

/**
 * The passhash for what the command line says, or undefined when it says nothing.
 *
 * @throws Failure: usage (flags that contradict each other), configuration (a secret that cannot be had), data (a
 *   password or a hash that the broker cannot use)
 */
export async function readPasshash(
  flags: PasswordFlags,
  environment: NodeJS.ProcessEnv,
): Promise<GivenPasshash | undefined> {
  const { 'password-from': passwordFrom, 'passhash-from': passhashFrom, cost } = flags;
  if (passhashFrom !== undefined && (passwordFrom !== undefined || cost !== undefined)) {
    const other = passwordFrom === undefined ? '--cost' : '--password-from';
    throw new Failure('usage', 'contradicting_flags', `--passhash-from and ${other} contradict each other`, {
      hint: 'A passhash is a password that is hashed already, with the cost that it says.',
    });
  }
  if (passwordFrom !== undefined)
    return await hashSecret(await readSecret(passwordFrom, '--password-from', environment), cost);
  if (passhashFrom !== undefined)
    return adoptSecret(await readSecret(passhashFrom, '--passhash-from', environment));
  return undefined;
}

/** @throws Failure: see hashPassword */
export async function hashSecret(password: Secret, cost: number | undefined): Promise<GivenPasshash> {
  return { passhash: await hashPassword(password.reveal(), cost), remarks: [] };
}

function adoptSecret(given: Secret): GivenPasshash {
  const { passhash, relabelled } = adoptPasshash(given.reveal());
  const remark =
    'The passhash was relabelled to $2a$, the only label that the broker reads; the password stays the same.';
  return { passhash, remarks: relabelled ? [remark] : [] };
}
