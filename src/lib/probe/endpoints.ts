import { splitVia } from '../admin/ssh/address.js';
import { hostOf } from '../cluster/addresses.js';
import { type ClusterView, type Member, mqttListeners } from '../cluster/view.js';
import { Failure } from '../failure.js';
import { isAnyAddress, isLoopback } from '../loopback.js';

export const TRANSPORTS = ['mqtt', 'mqtts', 'ws', 'wss'] as const;
export type Transport = (typeof TRANSPORTS)[number];

/** Where MQTT clients reach a node, or why that is not known. */
export interface Endpoint {
  readonly node: string;
  /** Such as `mqtt://172.16.16.13:1883` or `wss://172.16.16.13:8083/mqtt`. */
  readonly url: string | null;
  readonly failure: Failure | null;
}

/** As the broker names its listeners, in the order in which they are preferred. */
const TYPES: readonly (readonly [type: string, transport: Transport])[] = [
  ['mqtt', 'mqtt'],
  ['mqtts', 'mqtts'],
  ['mqttws', 'ws'],
  ['ws', 'ws'],
  ['mqttwss', 'wss'],
  ['wss', 'wss'],
];

/**
 * Where each member takes MQTT clients: what is given for it, else its first running listener that can be reached from here.
 *
 * @param given node → URL
 * @param transport only listeners of this kind
 * @throws Failure (usage) when a URL is given for what is no member
 */
export function endpointsOf(
  view: ClusterView,
  given: ReadonlyMap<string, string>,
  transport?: Transport,
): Endpoint[] {
  const names = view.members.map(({ name }) => name);
  const stranger = [...given.keys()].find((node) => !names.includes(node));
  if (stranger !== undefined)
    throw new Failure('usage', 'unknown_node', `--mqtt is given for ${stranger}, which is no member`, {
      hint: `Members are ${names.join(', ')}.`,
    });
  return view.members.map((member) => endpointOf(member, given.get(member.name), transport));
}

function endpointOf(member: Member, given: string | undefined, transport?: Transport): Endpoint {
  const node = member.name;
  if (given !== undefined) return { node, url: given, failure: null };
  if (!member.own?.counters)
    return missing(node, 'listeners_unknown', 'its listeners are not known: its admin API does not answer');
  const wanted = mqttListeners(member.own).filter(({ type }) => isWanted(type, transport));
  const running = wanted.filter(({ status, port }) => status === 'running' && port > 0);
  if (running.length === 0) {
    const kind = transport ?? 'MQTT';
    return wanted.length === 0
      ? missing(node, 'no_listener', `it has no ${kind} listener`)
      : missing(node, 'listener_suspended', `its ${kind} listener is ${wanted[0]?.status}`);
  }
  const host = adminHost(member);
  const reachable = TYPES.flatMap(([type, scheme]) =>
    running
      .filter((listener) => listener.type === type && (isLoopback(host) || !isLoopback(listener.address)))
      .map(({ address, port }) => urlOf(scheme, isAnyAddress(address) ? host : address, port)),
  );
  const [url] = reachable;
  if (url !== undefined) return { node, url, failure: null };
  return missing(node, 'listener_on_loopback', 'it listens for MQTT on its own loopback address only');
}

const isWanted = (type: string, transport: Transport | undefined) =>
  TYPES.some(([known, scheme]) => known === type && (transport === undefined || scheme === transport));

/** An SSH host may be an alias that only SSH knows, and a tunnel carries no MQTT: then the node's name says where it is. */
function adminHost({ name, address }: Member): string {
  if (address === null) return hostOf(name);
  const { url, via } = splitVia(address);
  return url.startsWith('http') && via === undefined ? new URL(url).hostname : hostOf(name);
}

function urlOf(scheme: Transport, host: string, port: number): string {
  const bracketed = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
  // The broker's own path for websockets.
  return `${scheme}://${bracketed}:${port}${scheme.startsWith('ws') ? '/mqtt' : ''}`;
}

const missing = (node: string, code: string, message: string): Endpoint => ({
  node,
  url: null,
  failure: new Failure('unreachable', code, message, {
    hint: `Say where it takes MQTT clients: --mqtt ${node}=mqtt://HOST:1883`,
  }),
});

/**
 * Reads `NODE=URL`, once for each node.
 *
 * @throws Failure (usage), which repeats no secret
 */
export function parseGivenEndpoints(texts: readonly string[]): Map<string, string> {
  return new Map(texts.map(parseGiven));
}

function parseGiven(text: string): readonly [string, string] {
  const at = text.indexOf('=');
  const [node, url] = [text.slice(0, at), text.slice(at + 1)];
  const hint =
    'Give NODE=URL, such as VerneMQ@172.16.16.13=mqtts://172.16.16.13:8883 (or mqtt://, ws://, wss://).';
  const bad = (reason: string) => new Failure('usage', 'bad_mqtt_url', `--mqtt ${reason}`, { hint });
  if (at < 1 || !URL.canParse(url)) throw bad('is not NODE=URL');
  const { protocol, username, password, hostname } = new URL(url);
  if (username !== '' || password !== '')
    throw new Failure('usage', 'secret_in_argv', '--mqtt has a name or a password in front of the host', {
      hint: 'Give the URL without it, and --username and --password-from.',
    });
  if (hostname === '' || !TRANSPORTS.some((scheme) => protocol === `${scheme}:`))
    throw bad('is no mqtt://, mqtts://, ws:// or wss:// URL');
  return [node, url];
}
