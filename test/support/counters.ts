import type { NodeCounters } from '../../src/lib/admin/rpc.js';

/** Those of a node that nothing has happened on. */
export const NO_COUNTERS: NodeCounters = {
  online: 0,
  offline: 0,
  queueIn: 0,
  queueOut: 0,
  queueDrop: 0,
  queueUnhandled: 0,
  subscriptions: 0,
  retained: 0,
};
