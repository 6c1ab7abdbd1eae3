import type { SimulatedNode } from '../node/node.js';
import { clusterRows } from '../node/report.js';
import { type Answer, json } from './answer.js';

const OK = json({ status: 'OK' });
const LISTENERS = 'Listeners are not ready: ';

/** @param which what follows `/health` */
export function health(node: SimulatedNode, which: string): Answer {
  const listenersDown = !node.listeners.allRunning;
  switch (which) {
    case '/ping':
      return OK;
    case '/listeners':
      return listenersDown ? json({ status: 'DOWN', reason: nested }, 503) : OK;
    case '/listeners_full_cluster':
      return down([
        ...listeners(listenersDown),
        ...(clusterRows(node).every(([, running]) => running) ? [] : ['At least one node is offline']),
      ]);
    default:
      return down(listeners(listenersDown));
  }
}

const listeners = (areDown: boolean) => (areDown ? [`${LISTENERS}[mqtt]`] : []);

const down = (reasons: readonly string[]): Answer =>
  reasons.length === 0 ? OK : json({ status: 'DOWN', reasons }, 503);

const bytes = (text: string) => [...Buffer.from(text)];

/** The broker forgets to flatten its text here: character codes and nested lists of them. */
const nested = [...bytes(LISTENERS), [...bytes('['), [bytes('mqtt')], ...bytes(']')]];
