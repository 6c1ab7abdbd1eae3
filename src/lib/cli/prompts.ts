import { Failure } from '../failure.js';
import { Secret } from '../secret.js';
import { printable } from './printable.js';

/**
 * Asks on the terminal whether to go on; no is the default.
 *
 * @param canAsk whether somebody sits at a terminal
 * @throws Failure: safety when the answer is no or there is nobody to give one, interrupted
 */
export async function askConsent(question: string, canAsk: boolean): Promise<void> {
  if (!canAsk) {
    throw new Failure('safety', 'not_confirmed', 'nobody is there to be asked; nothing was changed', {
      hint: 'Give --yes.',
    });
  }
  const { confirm } = await import('@clack/prompts');
  const answer = await confirm({ message: printable(question), initialValue: false, output: process.stderr });
  if (!unlessCancelled(answer)) {
    throw new Failure('safety', 'not_confirmed', 'not confirmed; nothing was changed');
  }
}

/** Asks for a new password on the terminal, twice. @throws Failure: interrupted, or usage when the two differ */
export async function askNewPassword(question: string): Promise<Secret> {
  const { password } = await import('@clack/prompts');
  const once = unlessCancelled(await password({ message: printable(question), output: process.stderr }));
  const again = unlessCancelled(await password({ message: 'Once more', output: process.stderr }));
  if (once !== again) throw new Failure('usage', 'passwords_differ', 'the two passwords are not the same');
  return new Secret(once);
}

/** Asks for the passphrase of a key file on the terminal. @throws Failure: interrupted */
export async function askPassphrase(path: string): Promise<Secret> {
  const { password } = await import('@clack/prompts');
  const message = `Passphrase of ${printable(path)}`;
  return new Secret(unlessCancelled(await password({ message, output: process.stderr })));
}

function unlessCancelled<T>(answer: T): Exclude<T, symbol> {
  if (typeof answer !== 'symbol') return answer as Exclude<T, symbol>;
  throw new Failure('interrupted', 'interrupted', 'stopped at the prompt; nothing was changed');
}
