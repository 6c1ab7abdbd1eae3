import { Failure } from '../failure.js';
import { Secret } from '../secret.js';

/** Asks yes or no on the terminal; no is the default. @throws Failure (interrupted) */
export async function confirmed(question: string): Promise<boolean> {
  const { confirm } = await import('@clack/prompts');
  return unlessCancelled(await confirm({ message: question, initialValue: false, output: process.stderr }));
}

/** Asks for a new password on the terminal, twice. @throws Failure: interrupted, or usage when the two differ */
export async function askNewPassword(question: string): Promise<Secret> {
  const { password } = await import('@clack/prompts');
  const once = unlessCancelled(await password({ message: question, output: process.stderr }));
  const again = unlessCancelled(await password({ message: 'Once more', output: process.stderr }));
  if (once !== again) throw new Failure('usage', 'passwords_differ', 'the two passwords are not the same');
  return new Secret(once);
}

function unlessCancelled<T>(answer: T): Exclude<T, symbol> {
  if (typeof answer !== 'symbol') return answer as Exclude<T, symbol>;
  throw new Failure('interrupted', 'interrupted', 'cancelled, nothing was changed');
}
