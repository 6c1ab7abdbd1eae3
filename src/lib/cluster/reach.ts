import { Failure } from '../failure.js';
import type { ClusterView } from './view.js';

/** No node answered at all: which, and why. */
export function noneAnswered({ unreachable }: ClusterView): Failure {
  const each = unreachable.map(({ address, error }) => `${address}: ${error}`).join('; ');
  return new Failure('unreachable', 'unreachable', `no node answers: ${each}`, {
    hint: 'Check the URLs, the firewall, and that the brokers run with an HTTP listener on these addresses.',
  });
}
