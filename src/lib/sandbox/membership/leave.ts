import type { SimulatedNode } from '../node/node.js';
import { LeaveEnded, Leaving, NO_CONNECTION } from './leaving.js';
import { expel, forget } from './membership.js';
import { migrateQueues } from './migration.js';

export interface LeaveRequest {
  readonly killSessions: boolean;
  /** Seconds: how long sessions may take to go offline. */
  readonly timeout: number;
  /** Seconds between two looks at them. */
  readonly interval: number;
}

/** A text, or `crashed`, for which the broker has none. */
type Answer = string | 'crashed';

/** Milliseconds between two looks at the leaving node. */
const LOOK = 50;
/** Milliseconds between two questions to a member that is not ready. */
const ASK_AGAIN = 1000;

const SUSPENDED = 'Done! Use -k to teardown and migrate existing sessions!';
const DONE = 'Done';
const STILL_ONLINE = 'error, still online queues, check the logs, and retry!';
const NO_TARGET = 'Unknown error: no_target_available';
/** The function that leaves ended before anyone could wait for it. */
const SHUTTING_DOWN = 'Unknown error: noproc';

/**
 * `cluster leave`, in the broker's stages. It goes on when the one who asked has gone.
 *
 * @param server the node that was asked
 * @returns the text that the broker answers, or `crashed`, for which it has none
 */
export async function leave(server: SimulatedNode, name: string, request: LeaveRequest): Promise<Answer> {
  const target = server.world.find(name);
  if (!target?.isRunning || !server.world.sees(server, target)) return await removeDead(server, name);
  await target.gate.passed();
  if (!request.killSessions) {
    target.listeners.suspendAll();
    await target.phases.reach('suspended');
    return SUSPENDED;
  }
  if (target.isStopping) return SHUTTING_DOWN;
  const consistency = await othersConsistent(server, name);
  return consistency === 'crashed' ? 'crashed' : await runOn(server, target, request);
}

/** A node that does not answer, or that nobody knows. Its offline queues come back elsewhere, without their messages. */
async function removeDead(server: SimulatedNode, name: string): Promise<Answer> {
  expel(server, name);
  const orphans = [...server.metadata.subscribers].filter(([, one]) => one.node === name);
  if (orphans.length === 0) return DONE;
  if ((await othersConsistent(server, name)) === 'crashed') return 'crashed';
  await server.world.sleep(server.world.timings.deadLeave);
  const survivors = server.world.visibleMembers(server);
  for (const [clientId, { clean }] of orphans) {
    // Another repair of the same node may have come first.
    if (server.metadata.subscribers.get(clientId)?.node !== name) continue;
    if (clean) server.metadata.subscribers.delete(clientId);
    else pick(survivors)?.sessions.adopt(clientId);
  }
  return DONE;
}

/**
 * The broker asks every other member whether it is ready. One that is down breaks the question itself; one that is not
 * ready is asked again without end.
 */
async function othersConsistent(server: SimulatedNode, leaver: string): Promise<'consistent' | 'crashed'> {
  const { world, incarnation } = server;
  const others = server.members.filter((name) => name !== leaver).map((name) => world.find(name));
  for (;;) {
    if (server.incarnation !== incarnation || world.isClosed) return 'crashed';
    if (others.some((node) => !node?.isRunning || !world.sees(server, node))) return 'crashed';
    if (others.every((node) => !node?.gate.isShut && node?.isReady)) return 'consistent';
    await world.sleep(ASK_AGAIN);
  }
}

/** What the node that was asked hears: the answer of the function, or that it has lost the function's node. */
async function runOn(server: SimulatedNode, target: SimulatedNode, request: LeaveRequest): Promise<Answer> {
  const others = server.members.flatMap((name) => server.world.find(name) ?? []);
  const targets = others.filter((node) => node !== target);
  const { incarnation } = target;
  let isOver = false;
  const answered = leaveFunction(new Leaving(target), targets, request).finally(() => {
    isOver = true;
  });
  const lost = async () => {
    while (!isOver && target.incarnation === incarnation && server.world.sees(server, target))
      await server.world.sleep(LOOK);
    return NO_CONNECTION;
  };
  return await Promise.race([answered, lost()]);
}

/** What the leaving node does itself. */
async function leaveFunction(
  leaving: Leaving,
  targets: readonly SimulatedNode[],
  request: LeaveRequest,
): Promise<Answer> {
  try {
    await dropSessions(leaving);
    if (!(await wentOffline(leaving, request))) return STILL_ONLINE;
    if (targets.length === 0) return NO_TARGET;
    await migrateQueues(leaving, targets);
    await leaving.reach('migrated');
    partWays(leaving.node);
    await leaving.reach('departing');
    return DONE;
  } catch (thrown) {
    if (thrown instanceof LeaveEnded) return thrown.reply;
    throw thrown;
  }
}

/** The listeners are deleted, not suspended: nothing brings these ones back. */
async function dropSessions(leaving: Leaving): Promise<void> {
  const { node } = leaving;
  const listeners = node.listeners.deleteAll();
  await leaving.reach('listeners-deleted');
  if (!node.faults.sessionsStayOnline) {
    for (const listener of listeners) listener.dropConnections();
    await Promise.all(node.sessions.online().map(({ peer }) => peer?.close()));
  }
  await leaving.reach('sessions-killed');
}

/** Looks at most timeout ÷ interval times. Who comes back after that is not noticed any more. */
async function wentOffline(leaving: Leaving, { timeout, interval }: LeaveRequest): Promise<boolean> {
  const { sessions } = leaving.node;
  const looks = Math.max(Math.floor(timeout / interval), 1);
  for (let look = 0; look < looks; look++) {
    if (sessions.online().length === 0) return true;
    await leaving.sleep(interval * 1000);
  }
  return sessions.online().length === 0;
}

/** The target forgets the others at once; they forget it one after the other, by gossip; then it stops. */
function partWays(target: SimulatedNode): void {
  // A second leave that ran at the same time has done it already.
  if (target.isStopping) return;
  const { world, members, incarnation } = target;
  const { leaveGossip, stopAfterLeave } = world.timings;
  const others = members.flatMap((name) => world.find(name) ?? []).filter((node) => node !== target);
  for (const [index, member] of others.toReversed().entries()) {
    void world.later(leaveGossip * (index + 1), () => forget(member, target.name));
  }
  target.members = [target.name];
  target.metadata = target.metadata.clone();
  target.isStopping = true;
  void world.later(stopAfterLeave, () => void stop(target, incarnation));
}

/** Unless it has been killed before, or started again. */
async function stop(target: SimulatedNode, incarnation: number): Promise<void> {
  await target.gate.passed();
  if (target.incarnation !== incarnation) return;
  await target.halt();
  await target.phases.reach('stopped');
}

const pick = <T>(list: readonly T[]): T | undefined => list[Math.floor(Math.random() * list.length)];
