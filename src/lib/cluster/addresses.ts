import type { NodeView } from '../admin/rpc.js';
import { isLoopback } from '../loopback.js';

const ANY = new Set(['0.0.0.0', '::', '[::]']);

/**
 * Where another node's management API probably is, going by the listeners that it reports and by the address that
 * reached the node that told us: the same scheme, that node's host, its own HTTP listener's port.
 *
 * @param seed origin of the node that answered, such as `http://172.16.16.13:8888`
 * @returns an origin, or undefined when it has no HTTP listener that could be reached from here, or reports nonsense
 */
export function deriveAddress(view: NodeView, seed: string): string | undefined {
  const { protocol, hostname } = new URL(seed);
  const wanted = protocol === 'https:' ? 'https' : 'http';
  const candidates = view.listeners.filter(
    ({ type, status, port }) => type === wanted && status === 'running' && port > 0,
  );
  const usable =
    candidates.find(({ address }) => isLoopback(address) === isLoopback(hostname)) ?? candidates[0];
  if (!usable) return undefined;
  if (isLoopback(usable.address) && !isLoopback(hostname)) return undefined;
  const host = ANY.has(usable.address) ? hostOf(view.node) : usable.address;
  return originOf(`${protocol}//${bracketed(host)}:${usable.port}`);
}

/**
 * Where it is if it has the same scheme and port as the one that named it; all that can be said without its listeners.
 *
 * @returns undefined when its name names no host
 */
export function guessAddress(node: string, seed: string): string | undefined {
  const { protocol, port } = new URL(seed);
  return originOf(`${protocol}//${bracketed(hostOf(node))}${port ? `:${port}` : ''}`);
}

/** Host and port come from what a node says, which can be anything: undefined when they make more or less than an origin. */
function originOf(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined;
  const { origin, href } = new URL(text);
  return href === `${origin}/` ? origin : undefined;
}

const bracketed = (host: string) => (host.includes(':') && !host.startsWith('[') ? `[${host}]` : host);

/** The part of an Erlang node name after the `@`: an address or a name that the other nodes resolve. */
export const hostOf = (node: string): string => node.slice(node.indexOf('@') + 1);
