import { Failure } from '../../failure.js';
import { didYouMean } from '../../suggest.js';
import type { Check } from './check.js';
import { accessChecks } from './checks/access.js';
import { counterChecks } from './checks/counters.js';
import { linkChecks } from './checks/links.js';
import { servingChecks } from './checks/serving.js';
import { sessionChecks } from './checks/sessions.js';
import { softwareChecks } from './checks/software.js';
import { viewChecks } from './checks/views.js';

/** All checks, in the order in which they are told. */
export const CHECKS: readonly Check[] = [
  ...viewChecks,
  ...linkChecks,
  ...softwareChecks,
  ...counterChecks,
  ...servingChecks,
  ...accessChecks,
  ...sessionChecks,
];

/** @throws Failure (usage) for a name that is none, and where nothing is left */
export function selectChecks(only: readonly string[], skip: readonly string[]): readonly Check[] {
  const names = CHECKS.map(({ name }) => name);
  const wrong = [...only, ...skip].find((name) => !names.includes(name));
  if (wrong !== undefined)
    throw new Failure('usage', 'unknown_check', `there is no check ${wrong}${didYouMean(wrong, names)}`, {
      hint: `The checks are: ${names.join(', ')}.`,
    });
  const chosen = CHECKS.filter(
    ({ name }) => (only.length === 0 || only.includes(name)) && !skip.includes(name),
  );
  if (chosen.length > 0) return chosen;
  throw new Failure('usage', 'no_check', '--only and --skip leave no check');
}
