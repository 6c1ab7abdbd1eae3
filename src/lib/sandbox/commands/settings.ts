import type { SimulatedNode } from '../node/node.js';
import { type Call, type Command, failed, type Reply, table } from './command.js';

export const settingCommands: readonly Command[] = [
  { words: ['show'], takesWords: true, flags: { all: 'any', node: 'any' }, run: show },
  { words: ['set'], takesAnyKey: true, flags: { all: 'any', node: 'any' }, run: set },
];

/** Settings whose values are whole numbers, and may be changed. */
const NUMBERS: Readonly<Record<string, number>> = { max_client_id_size: 100, max_inflight_messages: 20 };

function show({ node, rest, flags }: Call): Reply {
  if (rest.some((name) => settingOf(node, name) === undefined)) return failed;
  const values = (one: SimulatedNode) =>
    Object.fromEntries(rest.map((name) => [name, settingOf(one, name) ?? '']));
  return table(affected(node, flags).map((one) => ({ node: one.name, ...values(one) })));
}

/** Over HTTP the broker says 500 to every `set`, also to one that it has carried out. */
function set({ node, keys, flags }: Call): Reply {
  for (const [name, value] of keys) {
    if (!(name in NUMBERS) || !/^\d+$/.test(value)) continue;
    for (const one of affected(node, flags)) {
      one.settings.set(name, Number(value));
      // A node that is configured reads everything anew.
      one.apiKeys.forget();
    }
  }
  return failed;
}

const affected = (node: SimulatedNode, flags: ReadonlyMap<string, string>) =>
  flags.has('all') ? node.world.visibleMembers(node) : [node];

function settingOf(node: SimulatedNode, name: string): string | number | undefined {
  if (name === 'allow_anonymous') return node.world.records ? 'off' : 'on';
  return node.settings.get(name) ?? NUMBERS[name];
}
