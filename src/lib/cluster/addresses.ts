import { formatErlangUrl, isErlangUrl, parseErlangUrl } from '../admin/native/address.js';
import type { NodeView } from '../admin/rpc.js';
import { isSshUrl, splitVia, sshUrl, withVia } from '../admin/ssh/address.js';
import { Failure } from '../failure.js';
import { isAnyAddress, isLoopback } from '../loopback.js';
import { parseSshUrl } from '../ssh/address.js';

/**
 * Where the other nodes are, as far as what one of them says allows to tell.
 *
 * @param seed URL of the node that answered
 * @param self its name
 * @param views what it said, of itself and of others
 * @returns node name → URL
 */
export function neighbours(seed: string, self: string, views: readonly NodeView[]): Map<string, string> {
  const own = views.find(({ node }) => node === self);
  // The name of an Erlang node says where it is: even of one that gave no view of its own.
  const found =
    isErlangUrl(seed) || isSshUrl(seed)
      ? [...(own?.members.keys() ?? [])].map((node) => [node, guessAddress(node, seed)] as const)
      : views.map((view) => [view.node, deriveAddress(view, seed)] as const);
  return new Map(found.flatMap(([node, address]) => (node === self || !address ? [] : [[node, address]])));
}

/**
 * Where another node's management API probably is, going by the listeners that it reports and by the address that
 * reached the node that told us: the same scheme, that node's host, its own HTTP listener's port.
 *
 * @param seed URL of the node that answered, such as `http://172.16.16.13:8888`; what it is reached through is kept
 * @returns a URL, or undefined when it has no HTTP listener that could be reached from here, or reports nonsense
 */
export function deriveAddress(view: NodeView, seed: string): string | undefined {
  const { url, via } = splitVia(seed);
  const { protocol, hostname } = new URL(url);
  const wanted = protocol === 'https:' ? 'https' : 'http';
  const candidates = view.listeners.filter(
    ({ type, status, port }) => type === wanted && status === 'running' && port > 0,
  );
  const usable =
    candidates.find(({ address }) => isLoopback(address) === isLoopback(hostname)) ?? candidates[0];
  if (!usable) return undefined;
  if (isLoopback(usable.address) && !isLoopback(hostname)) return undefined;
  const host = isAnyAddress(usable.address) ? hostOf(view.node) : usable.address;
  return through(originOf(`${protocol}//${bracketed(host)}:${usable.port}`), via, view.node);
}

/**
 * Where it is if it has the same scheme and port as the one that named it; all that can be said without its listeners.
 *
 * @returns undefined when its name names no host
 */
export function guessAddress(node: string, seed: string): string | undefined {
  const { url, via } = splitVia(seed);
  const isAtBastion = via !== undefined && url.startsWith('http') && isLoopback(new URL(url).hostname);
  return through(isAtBastion ? url : guessDirect(node, url), via, node);
}

function guessDirect(node: string, seed: string): string | undefined {
  if (isErlangUrl(seed)) return guessErlangAddress(node, seed);
  if (isSshUrl(seed)) return guessSshAddress(node, seed);
  const { protocol, port } = new URL(seed);
  return originOf(`${protocol}//${bracketed(hostOf(node))}${port ? `:${port}` : ''}`);
}

/**
 * The way through the same host; but a listener on a loopback address is reached through the host of its own node, as the
 * one of the node that told us was.
 */
function through(url: string | undefined, via: string | undefined, node: string): string | undefined {
  if (url === undefined || via === undefined) return url;
  if (!url.startsWith('http') || !isLoopback(new URL(url).hostname) || isLoopback(hostOf(node)))
    return withVia(url, via);
  const own = guessSshAddress(node, via);
  return own === undefined ? undefined : withVia(url, own);
}

/** Nodes on different hosts that are reached without epmd have the same port; two on one host cannot. */
function guessErlangAddress(node: string, seed: string): string | undefined {
  const known = parseErlangUrl(seed);
  const port = known && hostOf(known.node) !== hostOf(node) ? known.port : undefined;
  const address = formatErlangUrl({ node, port });
  return parseErlangUrl(address)?.node === node ? address : undefined; // a name can be anything
}

/** The same user and port. The SSH configuration may know the host by other names, but this is one that it can know. */
function guessSshAddress(node: string, seed: string): string | undefined {
  const { user, port } = parseSshUrl(seed);
  const at = user === undefined ? '' : `${encodeURIComponent(user)}@`;
  try {
    return sshUrl(`ssh://${at}${bracketed(hostOf(node))}${port === undefined ? '' : `:${port}`}`, node);
  } catch (thrown) {
    if (thrown instanceof Failure) return undefined; // a name can be anything
    throw thrown;
  }
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
