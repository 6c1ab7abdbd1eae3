import type { SimulatedNode } from '../node/node.js';
import { clusterRows } from '../node/report.js';
import { type Answer, json } from './answer.js';

const OK = json({ status: 'OK' });
const LISTENERS = 'Listeners are not ready: ';

/** @param which what follows `/health` */
export function health(node: SimulatedNode, which: string): Answer {
  const { notReady } = node.listeners;
  switch (which) {
    case '/ping':
      return OK;
    case '/listeners':
      return notReady.length > 0 ? json({ status: 'DOWN', reason: nested(notReady) }, 503) : OK;
    case '/listeners_full_cluster':
      return down([
        ...listeners(notReady),
        ...(clusterRows(node).every(([, running]) => running) ? [] : ['At least one node is offline']),
      ]);
    default:
      return down(listeners(notReady));
  }
}

const listeners = (notReady: readonly string[]) =>
  notReady.length > 0 ? [`${LISTENERS}[${notReady.join(',')}]`] : [];

const down = (reasons: readonly string[]): Answer =>
  reasons.length === 0 ? OK : json({ status: 'DOWN', reasons }, 503);

const bytes = (text: string) => [...Buffer.from(text)];

/** The broker forgets to flatten its text here: character codes and nested lists of them. */
const nested = (notReady: readonly string[]) => [
  ...bytes(LISTENERS),
  [...bytes('['), [bytes(notReady.join(','))], ...bytes(']')],
];
