import type { SimulatedNode } from '../node/node.js';
import { expel, forget } from './membership.js';
import { migrateQueues } from './migration.js';

export interface LeaveRequest {
  readonly killSessions: boolean;
  /** Seconds: how long sessions may take to go offline. */
  readonly timeout: number;
  /** Seconds between two looks at them. */
  readonly interval: number;
}

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
export async function leave(
  server: SimulatedNode,
  name: string,
  request: LeaveRequest,
): Promise<string | 'crashed'> {
  const target = server.world.find(name);
  if (!target?.isRunning || !server.world.sees(server, target)) return await removeDead(server, name);
  await target.gate.passed();
  if (!request.killSessions) {
    target.listeners.suspendAll();
    return SUSPENDED;
  }
  if (target.isStopping) return SHUTTING_DOWN;
  const consistency = await othersConsistent(server, name, request);
  return consistency === 'crashed' ? 'crashed' : await runOn(target, request);
}

/** A node that does not answer, or that nobody knows. Its offline queues come back elsewhere, without their messages. */
async function removeDead(server: SimulatedNode, name: string): Promise<string | 'crashed'> {
  expel(server, name);
  const orphans = [...server.metadata.subscribers].filter(([, one]) => one.node === name);
  if (orphans.length === 0) return DONE;
  if ((await othersConsistent(server, name, { interval: 1 })) === 'crashed') return 'crashed';
  await server.world.sleep(server.world.timings.deadLeave);
  const survivors = server.world.visibleMembers(server);
  for (const [clientId, { clean }] of orphans) {
    if (clean) server.metadata.subscribers.delete(clientId);
    else pick(survivors)?.sessions.adopt(clientId);
  }
  return DONE;
}

/**
 * The broker asks every other member whether it is ready. One that is down breaks the question itself; one that is not
 * ready is asked again without end.
 */
async function othersConsistent(
  server: SimulatedNode,
  leaver: string,
  { interval }: Pick<LeaveRequest, 'interval'>,
): Promise<'consistent' | 'crashed'> {
  const { world } = server;
  const others = server.members.filter((name) => name !== leaver).map((name) => world.find(name));
  for (;;) {
    if (others.some((node) => !node?.isRunning) || world.isClosed) return 'crashed';
    if (others.every((node) => node?.isReady)) return 'consistent';
    await world.sleep(interval * 1000);
  }
}

/** What the leaving node does itself. */
async function runOn(target: SimulatedNode, request: LeaveRequest): Promise<string> {
  await dropSessions(target);
  if (otherMembers(target).length === 0) return NO_TARGET;
  if (!(await wentOffline(target, request))) return STILL_ONLINE;
  await migrateQueues(target, () => pick(otherMembers(target)));
  partWays(target);
  return DONE;
}

const otherMembers = (target: SimulatedNode) =>
  target.world.visibleMembers(target).filter((node) => node !== target);

/** The listeners are deleted, not suspended: nothing brings these ones back. */
async function dropSessions(target: SimulatedNode): Promise<void> {
  const stay = target.faults.sessionsStayOnline;
  target.listeners.deleteAll(stay);
  if (stay) return;
  await Promise.all(target.sessions.online().map(({ peer }) => peer?.close()));
}

/** Looks at most timeout ÷ interval times. Who comes back after that is not noticed any more. */
async function wentOffline(target: SimulatedNode, { timeout, interval }: LeaveRequest): Promise<boolean> {
  const looks = Math.max(Math.floor(timeout / interval), 1);
  for (let look = 0; look < looks; look++) {
    if (target.sessions.online().length === 0) return true;
    await target.world.sleep(interval * 1000);
  }
  return target.sessions.online().length === 0;
}

/** The target forgets the others at once; they forget it one after the other, by gossip; then it stops. */
function partWays(target: SimulatedNode): void {
  const { world } = target;
  const { leaveGossip, stopAfterLeave } = world.timings;
  for (const [index, member] of otherMembers(target).toReversed().entries()) {
    void world.later(leaveGossip * (index + 1), () => forget(member, target.name));
  }
  target.members = [target.name];
  target.metadata = target.metadata.clone();
  target.isStopping = true;
  void world.later(stopAfterLeave, () => void target.halt());
}

const pick = <T>(list: readonly T[]): T | undefined => list[Math.floor(Math.random() * list.length)];
