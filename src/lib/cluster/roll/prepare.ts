import { Failure } from '../../failure.js';
import { type Fleet, reachingAlso } from '../observe.js';
import { lookAround } from '../reach.js';
import type { ClusterView } from '../view.js';
import { commandFor, refuseSameForAll } from './command-line.js';
import type { RollContext } from './context.js';
import { addressesOf, planRoll } from './plan.js';
import { isOf, newRecord, nothingToResume, type RollRecord, unfinishedRolls } from './record.js';
import { beginRoll, type RollState } from './state.js';
import { withNames } from './trouble.js';

/** What there is to begin with. */
export interface Prepared {
  readonly view: ClusterView;
  /** What is on disk, or will be. */
  readonly record: RollRecord;
  readonly resumed: boolean;
  /** Rolls that were cut short and that nobody will go on with once this one has begun. */
  readonly givenUp: readonly RollRecord[];
  /** Reaches every member that was ever reached: the one that the operator named may be away at times. */
  readonly fleet: Fleet;
}

/**
 * Looks, and decides what is to be done. Changes nothing.
 *
 * @throws Failure
 */
export async function prepareRoll(context: RollContext): Promise<Prepared> {
  const unfinished = await unfinishedRolls(context.store);
  const known = context.resume ? unfinished.filter(knows(context.fleet)).map(({ state }) => state) : [];
  const seen = await lookAround(withAddresses(context.fleet, known), context.signal);
  const view = withNames(seen, Object.assign({}, ...known.map(({ addresses }) => addresses)));
  const ours = unfinished.filter((record) => isOf(record, view));
  const record = context.resume ? toResume(ours[0], context.nodes) : begin(context, view, ours[0]);
  const state = { ...record.state, addresses: { ...record.state.addresses, ...addressesOf(view) } };
  refuseSameForAll(context.command, state.nodes.slice(state.results.length));
  for (const node of state.nodes) commandFor(context.command, node, state.addresses[node] ?? '');
  return {
    view,
    record: { ...record, state },
    resumed: context.resume,
    givenUp: context.resume ? [] : ours,
    fleet: withAddresses(context.fleet, [state]),
  };
}

/** Where the node that the operator names is the one that is away, an earlier run knows the others. */
const knows =
  ({ seeds }: Fleet) =>
  ({ state }: RollRecord) =>
    Object.values(state.addresses).some((address) => seeds.includes(address));

const withAddresses = (fleet: Fleet, states: readonly RollState[]): Fleet =>
  reachingAlso(
    fleet,
    states.flatMap(({ addresses }) => Object.values(addresses)),
  );

function toResume(record: RollRecord | undefined, named: readonly string[]): RollRecord {
  if (!record) throw nothingToResume();
  const { nodes } = record.state;
  if (named.length === 0 || JSON.stringify(named) === JSON.stringify(nodes)) return record;
  throw new Failure('usage', 'other_nodes', `the roll that was cut short is of ${nodes.join(', ')}`, {
    hint: 'Leave node= out to go on with it, or --resume to begin another.',
  });
}

function begin(
  { nodes, fleet }: RollContext,
  view: ClusterView,
  unfinished: RollRecord | undefined,
): RollRecord {
  const now = fleet.clock.now();
  try {
    return newRecord(beginRoll(planRoll(view, nodes), now), view, now);
  } catch (thrown) {
    if (!unfinished || !(thrown instanceof Failure) || thrown.kind !== 'safety') throw thrown;
    const { kind, code, message, hint } = thrown;
    throw new Failure(kind, code, message, {
      hint: `A roll was cut short (${unfinished.summary}): go on with it by --resume. Or: ${hint}`,
    });
  }
}
