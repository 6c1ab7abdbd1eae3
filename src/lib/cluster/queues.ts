import { toFailure } from '../admin/failure.js';
import type { AdminRpc, CallOptions, Row } from '../admin/rpc.js';

/** One client's queue, where it is and what waits in it. */
export interface Queue {
  readonly mountpoint: string;
  readonly clientId: string;
  readonly node: string;
  readonly online: boolean;
  /** A clean session: its queue ends with its connection. */
  readonly clean: boolean;
  /** Messages that wait for the client to come back. */
  readonly messages: number;
}

/** More than one node can hold: the broker's own default of 100 rows per node would cut the list without a word. */
const ALL_ROWS = '100000000';
/** Milliseconds that the broker waits for one busy queue before it leaves the row out; its default is 100. */
const ROW_TIMEOUT = '5000';

/**
 * Every queue of the cluster, asked from one member (vernemq.md §2.3).
 *
 * @throws Failure
 */
export async function listQueues(rpc: AdminRpc, options: CallOptions): Promise<Queue[]> {
  const reply = await rpc.call(
    {
      words: ['session', 'show'],
      flags: [
        ['mountpoint', true],
        ['client_id', true],
        ['node', true],
        ['is_online', true],
        ['clean_session', true],
        ['offline_messages', true],
        ['limit', ALL_ROWS],
        ['rowtimeout', ROW_TIMEOUT],
      ],
    },
    options,
  );
  if (reply.outcome !== 'done') throw toFailure(rpc.address, reply);
  return reply.elements.flatMap((element) => (element.type === 'table' ? element.rows.map(toQueue) : []));
}

function toQueue(row: Row): Queue {
  return {
    mountpoint: String(row.mountpoint ?? ''),
    clientId: String(row.client_id),
    node: String(row.node),
    online: row.is_online === true,
    clean: row.clean_session === true,
    messages: typeof row.offline_messages === 'number' ? row.offline_messages : 0,
  };
}

export interface QueueTotals {
  readonly queues: number;
  readonly messages: number;
}

export function totalsOf(queues: readonly Queue[]): QueueTotals {
  return { queues: queues.length, messages: queues.reduce((sum, { messages }) => sum + messages, 0) };
}

export const queuesOn = (queues: readonly Queue[], node: string): readonly Queue[] =>
  queues.filter((queue) => queue.node === node);

/** What makes a queue the same queue wherever it is. */
export const queueKey = ({ mountpoint, clientId }: Pick<Queue, 'mountpoint' | 'clientId'>): string =>
  JSON.stringify([mountpoint, clientId]);
