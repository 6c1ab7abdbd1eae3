import { isErlangUrl, parseErlangUrl } from '../../admin/native/address.js';
import { splitVia } from '../../admin/ssh/address.js';
import { Failure } from '../../failure.js';
import { isLoopback } from '../../loopback.js';
import { guessAddress, hostOf } from '../addresses.js';
import type { Fleet } from '../observe.js';
import type { ClusterView } from '../view.js';

/**
 * What an address of a node that the members call dead answered here.
 * - `alive`: the node itself.
 * - `answers`: something that does not say who it is; a frozen node looks like this.
 * - `silent`: nothing is there.
 * - `another`: another node, so that this is not its address.
 * - `untried`: it could not be asked, as where its host is not known here.
 */
export interface Sign {
  readonly address: string;
  readonly found: 'alive' | 'answers' | 'silent' | 'another' | 'untried';
  /** In words. */
  readonly said: string;
}

/** Node → what its addresses answered, as far as they can be told from those of the others. */
export type Signs = ReadonlyMap<string, readonly Sign[]>;

/** Knocks at all doors of these nodes at once. */
export async function lookForLife(
  fleet: Fleet,
  view: ClusterView,
  nodes: readonly string[],
  signal?: AbortSignal,
): Promise<Signs> {
  const asked = nodes.map(async (node) => {
    const signs = addressesOf(node, view, fleet.seeds).map((address) => knock(fleet, node, address, signal));
    return [node, await Promise.all(signs)] as const;
  });
  return new Map(await Promise.all(asked));
}

/** Where it would be if it were like the others, and the addresses that the operator gave for its host. */
export function addressesOf(node: string, view: ClusterView, seeds: readonly string[]): string[] {
  const reached = view.members.flatMap(({ address }) => (address === null ? [] : [address]));
  const guessed = reached.flatMap((address) => guessAddress(node, address) ?? []);
  const given = seeds.filter((seed) => isOf(seed, node));
  return [...new Set([...guessed, ...given])].filter((address) => !reached.includes(address));
}

/** Whether this may be an address of the node: an erl:// URL says so, of the others only the host can be compared. */
function isOf(given: string, node: string): boolean {
  const { url } = splitVia(given);
  const { hostname } = new URL(url);
  const host = hostOf(node);
  const named = isErlangUrl(url) ? parseErlangUrl(url)?.node : node;
  return named === node && (hostname === host || (isLoopback(hostname) && isLoopback(host)));
}

async function knock(fleet: Fleet, node: string, address: string, signal?: AbortSignal): Promise<Sign> {
  try {
    const { self } = await fleet.rpc(address).views({ deadline: fleet.deadline, signal, alone: true });
    return self === node
      ? { address, found: 'alive', said: 'it answers' }
      : { address, found: 'another', said: `${self} answers there` };
  } catch (thrown) {
    if (!(thrown instanceof Failure) || thrown.kind === 'interrupted') throw thrown;
    return signOf(address, thrown);
  }
}

/** What it says of a node that an address of it fails so. */
export const signOf = (address: string, failure: Failure): Sign => ({
  address,
  found: meaningOf(address, failure),
  said: failure.message.replace(`${address}: `, ''),
});

/** Nobody listens there, or nothing comes back from the first packet on. */
const SILENT = new Set([
  'unreachable',
  'epmd_down',
  'epmd_silent',
  'node_not_registered',
  'port_closed',
  'ssh_refused',
  'ssh_unreachable',
  'ssh_silent',
  'ssh_forward_failed',
]);

/** A name that cannot be looked up here says nothing of the node that has it. */
const NO_SUCH_HOST = /\b(ENOTFOUND|EAI_AGAIN)\b/;

/** No packet came back. Of a node that its epmd knows this is another matter: that one runs. */
const NOTHING_CAME =
  / (does not answer|cannot be reached \((ETIMEDOUT|EHOSTUNREACH|EHOSTDOWN|ENETUNREACH)\))$/;

/** Somebody took the connection first. */
const BROKEN_OFF = / closed the connection during the handshake$/;

function meaningOf(address: string, { code, message }: Failure): Sign['found'] {
  if (code === 'port_silent' && hasOwnPort(address) && NOTHING_CAME.test(message)) return 'silent';
  if (code === 'port_closed' && BROKEN_OFF.test(message)) return 'answers';
  if (code === 'other_node') return 'another';
  if (NO_SUCH_HOST.test(message) || code === 'host_unknown') return 'untried';
  if (SILENT.has(code)) return 'silent';
  // What an SSH host refuses says nothing of the broker on it.
  return code.startsWith('ssh_') ? 'untried' : 'answers';
}

function hasOwnPort(address: string): boolean {
  const { url } = splitVia(address);
  return isErlangUrl(url) && parseErlangUrl(url)?.port !== undefined;
}
