import { Failure } from '../failure.js';
import { type Fleet, observe } from './observe.js';
import { type ClusterView, mergeViews } from './view.js';

const ANY_HINT =
  'Check the URLs, the firewall, and that the brokers run with an HTTP listener on these addresses.';

/**
 * The mutual view, asked from all nodes at once.
 *
 * @throws Failure when no node answers at all
 */
export async function lookAround(fleet: Fleet, signal?: AbortSignal): Promise<ClusterView> {
  const view = mergeViews(await observe(fleet, signal));
  if (view.observers.length === 0) throw noneAnswered(view);
  return view;
}

/** No node answered at all: which, and why. What they have in common decides what kind of failure it is. */
export function noneAnswered({ unreachable }: ClusterView): Failure {
  const each = unreachable.map(({ address, error }) => `${address}: ${error}`).join('; ');
  const kind = common(unreachable.map(({ failure }) => failure?.kind));
  const code = common(unreachable.map(({ failure }) => failure?.code));
  const hints = new Set(unreachable.flatMap(({ failure }) => failure?.hint ?? []));
  return new Failure(kind ?? 'unreachable', code ?? 'unreachable', `no node answers: ${each}`, {
    hint: kind && hints.size > 0 ? [...hints].join(' ') : ANY_HINT,
  });
}

/** The one value that all have, if they do. */
function common<Value>(values: readonly Value[]): Value | undefined {
  const [first] = values;
  return values.every((value) => value === first) ? first : undefined;
}
