import type { AdminRpc, NodeView } from '../admin/rpc.js';
import type { Clock } from '../clock.js';
import { Failure } from '../failure.js';
import { guessAddress, neighbours } from './addresses.js';
import type { Observation } from './view.js';

/** How the operations reach brokers. The same address gives the same connection. */
export interface Fleet {
  rpc(address: string): AdminRpc;
  /** The addresses that the operator gave. */
  readonly seeds: readonly string[];
  /** Milliseconds that one node may take to answer one call. */
  readonly deadline: number;
  readonly clock: Clock;
}

/** The same brokers, of which these are looked for too: some that the operator gave may be gone by then. */
export const reachingAlso = (fleet: Fleet, addresses: readonly string[]): Fleet => ({
  ...fleet,
  seeds: [...new Set([...fleet.seeds, ...addresses])],
});

/** How much time one node gets. */
interface Allowance {
  /** Milliseconds for its answer. */
  readonly deadline: number;
  /** Milliseconds after which it is asked for less: see `bareView`. */
  readonly patience: number;
}

/**
 * Asks every node at once what it sees: the given ones, and as soon as one of them answers also all those that it
 * names. A node that hangs costs its deadline and nothing else. Nothing here throws for a node that fails: that is
 * part of the answer.
 *
 * @param follow false asks the given ones only
 */
export async function observe(
  fleet: Fleet,
  signal?: AbortSignal,
  { follow = true } = {},
): Promise<Observation[]> {
  const asked = new Map<string, Promise<Observation>>();
  const reached = new Set<string>();
  const started = fleet.clock.now();
  const whole = { deadline: fleet.deadline, patience: fleet.deadline / 2 };

  const ask = (address: string, expected: string | undefined, allowance: Allowance) => {
    if (asked.has(address)) return;
    const discoverFromBare = follow ? (view: NodeView) => guess(view, address) : () => undefined;
    const answer = askNode(fleet, { address, expected, allowance, onBare: discoverFromBare, signal });
    const told = follow ? answer.then(discover) : answer;
    // Where another question fails first, nobody waits for this one any more; `settleAll` reports the first.
    told.catch(() => undefined);
    asked.set(address, told);
  };
  const discover = (observation: Observation): Observation => {
    if (!('self' in observation)) return observation;
    reached.add(observation.self);
    const { address: seed, self, views } = observation;
    for (const [node, address] of neighbours(seed, self, views)) {
      if (!reached.has(node)) ask(address, node, whole);
    }
    return observation;
  };
  // Half of the time is gone, and `/status.json` hangs: the others are asked for what they can still tell.
  const guess = (view: NodeView, seed: string) => {
    const left = Math.max(1, fleet.deadline - (fleet.clock.now() - started));
    for (const node of view.members.keys()) {
      const address = guessAddress(node, seed);
      if (node !== view.node && address) ask(address, node, { deadline: left, patience: 0 });
    }
  };

  for (const seed of fleet.seeds) ask(seed, undefined, whole);
  return withoutTwins(await settleAll(asked));
}

/** Asking adds to the map while it is awaited, so it is read until nothing new is in it. */
async function settleAll(asked: ReadonlyMap<string, Promise<Observation>>): Promise<Observation[]> {
  let settled: Observation[] = [];
  do settled = await Promise.all(asked.values());
  while (settled.length < asked.size);
  return settled;
}

/** A node given by name and derived by address is one node: the first answer stands, and a failed guess is dropped. */
function withoutTwins(observations: readonly Observation[]): Observation[] {
  const answered = new Map<string, Observation>();
  for (const observation of observations) {
    if ('self' in observation && !answered.has(observation.self)) answered.set(observation.self, observation);
  }
  const silent = observations.filter(
    (observation) => 'error' in observation && !(observation.expected && answered.has(observation.expected)),
  );
  return [...answered.values(), ...silent];
}

interface Question {
  readonly address: string;
  readonly expected: string | undefined;
  readonly allowance: Allowance;
  readonly onBare: (view: NodeView) => void;
  readonly signal: AbortSignal | undefined;
}

async function askNode(fleet: Fleet, question: Question): Promise<Observation> {
  const { address, expected, allowance, signal } = question;
  const answered = new AbortController();
  // Whoever named it has told what the others say already.
  const options = { deadline: allowance.deadline, signal, alone: expected !== undefined };
  const full = fleet
    .rpc(address)
    .views(options)
    .finally(() => answered.abort());
  const bare = bareView(fleet, question, answered.signal);
  // It is waited for only where the full answer fails.
  bare.catch(() => undefined);
  try {
    const { self, views } = await full;
    return { address, self, views, partial: false };
  } catch (thrown) {
    if (!(thrown instanceof Failure) || thrown.kind === 'interrupted') throw thrown;
    const view = await bare;
    if (view) return { address, self: view.node, views: [view], partial: true };
    const { kind, code, hint, message } = thrown;
    return { address, expected, error: message.replace(`${address}: `, ''), failure: { kind, code, hint } };
  }
}

/**
 * A frozen member makes `/status.json` hang on every node, though `cluster show` still answers. It is asked only when
 * the full answer is late: it needs the API key, and a node that sees a key too early refuses it until a restart.
 */
async function bareView(
  fleet: Fleet,
  question: Question,
  answered: AbortSignal,
): Promise<NodeView | undefined> {
  const { address, allowance, onBare, signal } = question;
  await fleet.clock.sleep(allowance.patience, answered);
  if (answered.aborted) return undefined;
  const deadline = Math.max(1, allowance.deadline - allowance.patience);
  try {
    const view = await fleet.rpc(address).membership({ deadline, signal });
    onBare(view);
    return view;
  } catch (thrown) {
    if (thrown instanceof Failure && thrown.kind !== 'interrupted') return undefined; // the full answer's failure is told
    throw thrown;
  }
}
