import type { SimulatedNode } from '../node/node.js';
import type { Session } from '../node/session.js';
import { alert, type Call, type Command, done, type Reply, text } from './command.js';

const DISCONNECT_FLAGS = { cleanup: 'any', mountpoint: 'any' } as const;

export const sessionCommands: readonly Command[] = [
  {
    words: ['session', 'disconnect'],
    keys: { 'client-id': 'any' },
    flags: DISCONNECT_FLAGS,
    run: (call) => disconnectClients(call, 'client-id', (value) => [value]),
  },
  {
    words: ['session', 'disconnect', 'clients'],
    keys: { 'client-ids': 'any' },
    flags: DISCONNECT_FLAGS,
    run: (call) => disconnectClients(call, 'client-ids', (value) => value.split(',')),
  },
  {
    words: ['session', 'disconnect', 'batch'],
    keys: { count: 'any' },
    flags: { ...DISCONNECT_FLAGS, 'filter-client-ids': 'any', node: 'any' },
    run: disconnectBatch,
  },
  {
    words: ['session', 'unsubscribe'],
    keys: { 'client-id': 'any', topic: 'any' },
    flags: { mountpoint: 'any', plugin: 'any' },
    run: unsubscribe,
  },
  {
    words: ['session', 'reauthorize'],
    keys: { username: 'any', 'client-id': 'any' },
    flags: { mountpoint: 'any' },
    run: reauthorize,
  },
];

async function disconnectClients(
  { node, keys, flags }: Call,
  key: string,
  split: (value: string) => string[],
): Promise<Reply> {
  const value = keys.get(key);
  if (value === undefined) return alert(`vmq-admin session disconnect ${key}=<${key}>`);
  for (const clientId of split(value)) await disconnect(node, clientId, flags.has('cleanup'));
  return done;
}

/**
 * The broker takes the first so many queues of each node, in the order that it keeps them, whether anybody is online or
 * not: asked again, it takes the same ones. Of several nodes it wants that a queue is on all of them.
 */
async function disconnectBatch({ node, keys, flags }: Call): Promise<Reply> {
  const count = keys.get('count');
  if (count === undefined) return alert('vmq-admin session disconnect client-id=<ClientId>');
  // What is no number breaks its query, and it says "Done".
  const most = /^\d+$/.test(count) ? Number(count) : 0;
  const spared = new Set(listOf(flags.get('filter-client-ids')));
  const nodes = listOf(flags.get('node'));
  const members = node.world.visibleMembers(node).filter(({ name }) => nodes.every((one) => one === name));
  const chosen = members.flatMap(({ sessions }) =>
    sessions
      .all()
      .filter(({ clientId, migrated }) => !migrated && !spared.has(clientId))
      .slice(0, most),
  );
  for (const { clientId } of chosen) await disconnect(node, clientId, flags.has('cleanup'));
  return done;
}

const listOf = (value = '') => value.split(',').filter((one) => one !== '');

/** An unknown client is no error to the broker. */
async function disconnect(node: SimulatedNode, clientId: string, cleanup: boolean): Promise<void> {
  const found = locate(node, clientId);
  await found?.session.peer?.close();
  if (cleanup) found?.member.sessions.discard(clientId);
}

function unsubscribe({ node, keys }: Call): Reply {
  const clientId = keys.get('client-id') ?? '';
  locate(node, clientId)?.member.sessions.unsubscribe(clientId, keys.get('topic') ?? '');
  return done;
}

/**
 * The broker asks its cache of records, which knows the clients that are connected to this very node. All others lose
 * every subscription.
 */
function reauthorize({ node, keys }: Call): Reply {
  const clientId = keys.get('client-id') ?? '';
  const found = locate(node, clientId);
  const filters = [...(found?.member.sessions.subscriptions(clientId).keys() ?? [])];
  if (!found || filters.length === 0 || (found.member === node && found.session.peer))
    return text('Unchanged');
  for (const filter of filters) found.member.sessions.unsubscribe(clientId, filter);
  return done;
}

/** Where a client's session is, among the members that the node sees. */
export function locate(
  node: SimulatedNode,
  clientId: string,
): { readonly member: SimulatedNode; readonly session: Session } | undefined {
  for (const member of node.world.visibleMembers(node)) {
    const session = member.sessions.get(clientId);
    if (session && !session.migrated) return { member, session };
  }
  return undefined;
}
