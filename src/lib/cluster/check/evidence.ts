import type { Channel } from '../../admin/rpc.js';
import type { ClusterView } from '../view.js';
import type { LogSigns } from './log-signs.js';

/** What a new connection to a port meets. `silent`: nothing comes back, as behind a packet filter. */
export type Dial = 'open' | 'refused' | 'silent';

/**
 * What a new Erlang connection to a node meets. `accepted`, `wrong_cookie` and `mute` (it takes the connection and
 * says nothing, as a frozen one) are known only where there is a cookie to try; `not_registered`: its epmd runs and does
 * not know the node.
 */
export type ErlangDial = Dial | 'accepted' | 'wrong_cookie' | 'mute' | 'not_registered';

/** What was gathered about a cluster. What is not in a map was not tried, or could not be told: never a good sign. */
export interface Evidence {
  readonly view: ClusterView;
  /** Node → its clustering listener, at the address that it reports, from this machine. */
  readonly clustering: ReadonlyMap<string, Dial>;
  /** Node → other node → what that one's machine meets at the clustering listener of the first. */
  readonly fromPeers: ReadonlyMap<string, ReadonlyMap<string, Dial>>;
  readonly distribution: ReadonlyMap<string, ErlangDial>;
  /** Node → the port of its management API, for a node that gave no view. */
  readonly management: ReadonlyMap<string, Dial>;
  /** Node → other node → how its connection to that one stands. */
  readonly channels: ReadonlyMap<string, ReadonlyMap<string, Channel>>;
  readonly logs: ReadonlyMap<string, LogSigns>;
  /** It has been seen for longer than a start or a join takes. */
  readonly hasLasted: boolean;
}

export const noEvidence: Omit<Evidence, 'view'> = {
  clustering: new Map(),
  fromPeers: new Map(),
  distribution: new Map(),
  management: new Map(),
  channels: new Map(),
  logs: new Map(),
  hasLasted: false,
};
