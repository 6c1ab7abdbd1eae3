import { toFailure } from '../../admin/failure.js';
import type { AdminReply, CallOptions, Row } from '../../admin/rpc.js';
import { LIST_DEADLINE } from '../leave/record.js';
import { leaveCommand } from '../leave/send.js';
import type { Fleet } from '../observe.js';
import { listQueues, queuesOn } from '../queues.js';
import type { ListenerKey, StagedState } from './state.js';

/** Milliseconds: reaching the leaving node may take the broker a while. */
const PATIENCE = 20_000;

export interface Done {
  /** `done`, `unknown`, `unreachable` where it was never sent, or the code of what went wrong. */
  readonly answer: string;
  /** What the broker said, for people. */
  readonly message: string;
}

function toDone(address: string, reply: AdminReply): Done {
  const { outcome, code, message } = reply;
  if (outcome === 'done') return { answer: 'done', message };
  if (outcome === 'unknown') return { answer: 'unknown', message };
  return { answer: toFailure(address, reply).kind === 'unreachable' ? 'unreachable' : code, message };
}

/** Stage one of the broker's leave: its MQTT listeners stop accepting. */
export async function suspendListeners(
  fleet: Fleet,
  coordinator: string,
  state: StagedState,
  signal?: AbortSignal,
): Promise<Done> {
  const command = leaveCommand({ ...NO_KILL, node: state.node });
  const reply = await fleet
    .rpc(coordinator)
    .call(command, { deadline: Math.max(fleet.deadline, PATIENCE), signal });
  if (reply.code !== 'leave_unverified') return toDone(coordinator, reply);
  const message = `${coordinator} could not reach ${state.node} and has removed its membership instead`;
  return { answer: 'removed_instead', message };
}

const NO_KILL = {
  kill: false,
  interval: undefined,
  timeout: undefined,
  wait: 0,
  allowMessageLoss: false,
  allowUnreachableNode: false,
};

/** Restarts listeners on their node, each of them; those that fail are told. */
export async function restartListeners(
  fleet: Fleet,
  leaver: string,
  listeners: readonly ListenerKey[],
  signal?: AbortSignal,
): Promise<Done> {
  const options = { deadline: Math.max(fleet.deadline, PATIENCE), signal };
  const failed: Done[] = [];
  for (const { address, port } of listeners) {
    const keys = [['address', address] as const, ['port', String(port)] as const];
    const command = { words: ['listener', 'restart'], arguments: keys };
    const { answer, message } = toDone(leaver, await fleet.rpc(leaver).call(command, options));
    if (answer !== 'done' && answer !== 'unknown')
      failed.push({ answer, message: `${address}:${port}: ${message}` });
  }
  const [first] = failed;
  if (!first) return { answer: 'done', message: 'restarted' };
  return { answer: first.answer, message: failed.map(({ message }) => message).join('; ') };
}

/** Client ids per command: they travel in one line. */
const IDS_PER_COMMAND = 50;

/**
 * Sends so many connected clients of a node away. `session disconnect batch` would take offline queues too, and the same ones
 * again, so the clients are named.
 *
 * A broker that finds one of them gone breaks the command off, and leaves those behind it where they are (2.1.2).
 *
 * @returns how many were sent away for sure: those whose ids no command can carry are left where they are too
 */
export async function disconnectSessions(
  fleet: Fleet,
  coordinator: string,
  { node }: StagedState,
  count: number,
  signal?: AbortSignal,
): Promise<{ readonly sent: number; readonly brokenOff: boolean }> {
  const options = { deadline: Math.max(fleet.deadline, PATIENCE), signal };
  const rpc = fleet.rpc(coordinator);
  const reply = await rpc.call(
    {
      words: ['session', 'show'],
      flags: [
        ['client_id', true],
        ['mountpoint', true],
        ['is_online', 'true'],
        ['node', node],
        ['limit', String(count)],
      ],
    },
    options,
  );
  if (reply.outcome !== 'done') throw toFailure(rpc.address, reply);
  const rows = reply.elements
    .flatMap((element) => (element.type === 'table' ? [...element.rows] : []))
    .slice(0, count);
  const carriable = rows.map(toClient).filter(({ id }) => isCarriable(id));
  let sent = 0;
  for (const { ids, mountpoint } of inCommands(carriable)) {
    if (await disconnect(fleet, coordinator, ids, mountpoint, options)) sent += ids.length;
  }
  return { sent, brokenOff: sent < carriable.length };
}

interface Client {
  readonly id: string;
  readonly mountpoint: string;
}

/** As many as one command may name, of one mountpoint each. */
function inCommands(
  clients: readonly Client[],
): { readonly ids: readonly string[]; readonly mountpoint: string }[] {
  return [...new Set(clients.map(({ mountpoint }) => mountpoint))].flatMap((mountpoint) => {
    const ids = clients.filter((client) => client.mountpoint === mountpoint).map(({ id }) => id);
    const count = Math.ceil(ids.length / IDS_PER_COMMAND);
    return Array.from({ length: count }, (_, index) => ({
      ids: ids.slice(index * IDS_PER_COMMAND, (index + 1) * IDS_PER_COMMAND),
      mountpoint,
    }));
  });
}

const toClient = ({ client_id, mountpoint }: Row): Client => ({
  id: String(client_id),
  mountpoint: String(mountpoint ?? ''),
});

/** @returns false where the broker broke it off */
async function disconnect(
  fleet: Fleet,
  coordinator: string,
  ids: readonly string[],
  mountpoint: string,
  options: CallOptions,
): Promise<boolean> {
  const rpc = fleet.rpc(coordinator);
  const reply = await rpc.call(
    {
      words: ['session', 'disconnect', 'clients'],
      arguments: [['client-ids', ids.join(',')]],
      flags: mountpoint === '' ? [] : [['mountpoint', mountpoint]],
    },
    options,
  );
  if (reply.outcome === 'refused') throw toFailure(rpc.address, reply);
  return reply.outcome !== 'failed';
}

/** What survives a list with commas on every way in, and the broker's own reading of it (vernemq.md §2.1). */
const isCarriable = (id: string): boolean => /^[\w.:/@+-]+$/.test(id) && !id.startsWith('-');

/** How many of the queues that stand still are named. */
const NAMED = 5;

/** Clients whose queues are still on the node, for the message; none where they cannot be had. */
export async function stuckQueues(fleet: Fleet, coordinator: string, node: string): Promise<string[]> {
  const queues = await listQueues(fleet.rpc(coordinator), { deadline: LIST_DEADLINE }).catch(() => []);
  const left = queuesOn(queues, node).map(({ clientId }) => clientId);
  return left.length > NAMED ? [...left.slice(0, NAMED), `… (${left.length} in all)`] : left;
}
