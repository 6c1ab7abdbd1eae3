import { isErlangUrl } from '../../admin/native/address.js';
import type { CallOptions } from '../../admin/rpc.js';
import { splitVia } from '../../admin/ssh/address.js';
import { Failure } from '../../failure.js';
import { isLoopback } from '../../loopback.js';
import { guessAddress, hostOf } from '../addresses.js';
import type { Fleet } from '../observe.js';
import { type ClusterView, clusteringListener, type Member } from '../view.js';
import type { Dial, Evidence } from './evidence.js';
import { isNear, type Place, placeOf } from './place.js';
import type { Probes } from './probes.js';

/** Looks at what the views do not show: ports, logs and links, all at once. What cannot be told from here is left out. */
export async function gather(
  fleet: Fleet,
  view: ClusterView,
  probes: Probes,
  signal?: AbortSignal,
): Promise<Omit<Evidence, 'hasLasted'>> {
  const options = { deadline: fleet.deadline, signal };
  const names = view.members.map(({ name }) => name);
  const each = <Value>(ask: (member: Member) => Promise<Value | undefined>) => collect(view.members, ask);
  const [clustering, fromPeers, distribution, management, channels, logs] = await Promise.all([
    each((member) => dialClustering(member, fleet, probes, options)),
    dialBetween(view.members, probes, options),
    each((member) => dialDistribution(member, probes, options)),
    each((member) => dialManagement(member, fleet, view, probes, options)),
    each(async ({ name, address }) => {
      if (address === null) return undefined;
      const others = names.filter((other) => other !== name);
      return await fleet.rpc(address).dataChannels?.(others, options).catch(nothing);
    }),
    each(({ name, address }) => probes.log(name, address, options).catch(nothing)),
  ]);
  return { view, clustering, fromPeers, distribution, management, channels, logs };
}

async function collect<Value>(
  members: readonly Member[],
  ask: (member: Member) => Promise<Value | undefined>,
): Promise<ReadonlyMap<string, Value>> {
  const found = members.map(async (member) => [member.name, await ask(member)] as const);
  return new Map(
    (await Promise.all(found)).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

/** Where it lies behind a tunnel or on another machine's loopback, a connection from here would meet something else. */
async function dialClustering(
  member: Member,
  fleet: Fleet,
  probes: Probes,
  options: CallOptions,
): Promise<Dial | undefined> {
  const place = isNear(member.address ?? fleet.seeds[0] ?? '') ? dialled(member) : undefined;
  return place && (await probes.dial(place.host, place.port, options));
}

/** Where others look for the clustering listener of a node. */
function dialled({ name, own }: Member): Place | undefined {
  const listener = clusteringListener(own);
  return listener && placeOf(name, listener);
}

/** From the machine of each node to the clustering listeners of all others, as the nodes themselves would connect. */
async function dialBetween(
  members: readonly Member[],
  probes: Probes,
  options: CallOptions,
): Promise<Evidence['fromPeers']> {
  const found = new Map<string, Map<string, Dial>>();
  const from = async (observer: Member) => {
    const targets = members.flatMap((member) => {
      const place = member.name === observer.name ? undefined : dialled(member);
      return place ? [{ name: member.name, place }] : [];
    });
    if (targets.length === 0) return;
    const places = targets.map(({ place }) => place);
    const met = (await probes.dialFrom(observer, places, options).catch(nothing)) ?? [];
    for (const [index, { name }] of targets.entries()) {
      const dial = met[index];
      if (dial) found.set(name, (found.get(name) ?? new Map<string, Dial>()).set(observer.name, dial));
    }
  };
  await Promise.all(members.filter(({ address }) => address !== null).map(from));
  return found;
}

/** A node that is reached over SSH is so because nothing else of it can be reached. */
async function dialDistribution({ name, address }: Member, probes: Probes, options: CallOptions) {
  const isHere = address === null || !isLoopback(hostOf(name)) || isLoopback(hostname(address));
  return isHere && (address === null || isNear(address)) ? await probes.erlang(name, options) : undefined;
}

/** Only of a node that gives no view: where its address was tried, or can be guessed from that of another one. */
async function dialManagement(
  { name, own }: Member,
  { seeds }: Fleet,
  { members, unreachable }: ClusterView,
  probes: Probes,
  options: CallOptions,
): Promise<Dial | undefined> {
  if (own !== null) return undefined;
  const answering = members.flatMap(({ address }) => address ?? []);
  const guessed = [...answering, ...seeds].flatMap((seed) => guessAddress(name, seed) ?? []);
  const onItsHost = unreachable.filter(({ node, address }) => !node && hostname(address) === hostOf(name));
  const url =
    unreachable.find(({ node }) => node === name)?.address ??
    (onItsHost.length === 1 ? onItsHost[0]?.address : undefined) ??
    guessed.find((address) => !answering.includes(address));
  if (url === undefined || !isNear(url) || isErlangUrl(url)) return undefined;
  const { port, protocol } = new URL(url);
  return await probes.dial(hostname(url), Number(port) || (protocol === 'https:' ? 443 : 80), options);
}

const hostname = (address: string) => new URL(splitVia(address).url).hostname.replace(/^\[|\]$/g, '');

/** What a node does not tell is missing from the evidence; that we were told to stop is no such thing. */
function nothing(thrown: unknown): undefined {
  if (thrown instanceof Failure && thrown.kind !== 'interrupted') return undefined;
  throw thrown;
}
