import { Failure } from '../../failure.js';
import { type LeavePlan, planLeave } from '../leave/preflight.js';
import { LIST_DEADLINE } from '../leave/record.js';
import { listQueues, type Queue, queuesOn, totalsOf } from '../queues.js';
import { lookAround } from '../reach.js';
import { mqttListeners, servingListeners } from '../view.js';
import { type Load, loadsOf, loadWarnings, refuseOverload } from './capacity.js';
import type { StagedContext } from './context.js';
import { leavesUnderWay, refuseLeaveElsewhere } from './elsewhere.js';
import { estimateStorm, type Storm } from './estimate.js';
import type { StagedOptions, StagedState } from './state.js';

export interface StagedWish {
  readonly node: string;
  /** What was given. */
  readonly options: Partial<StagedOptions>;
  readonly allowUnreachableNode: boolean;
  readonly bcryptPool: number;
  readonly bcryptCost: number;
}

export interface StagedPlan {
  readonly leave: LeavePlan;
  readonly options: StagedOptions;
  readonly listeners: StagedState['listeners'];
  /** All queues of the node, those of clean sessions too. */
  readonly before: readonly Queue[];
  readonly sessions: number;
  /** Of the members that stay. */
  readonly loads: readonly Load[];
  readonly storm: Storm;
  readonly warnings: readonly string[];
}

const DEFAULTS: StagedOptions = {
  grace: 5 * 60_000,
  untilSessions: 0,
  rate: undefined,
  survivorSessions: undefined,
  interval: undefined,
  timeout: undefined,
};

/**
 * Looks whether the node can be taken out safely, and what that will cost. Changes nothing.
 *
 * @throws Failure (safety) where it cannot
 */
export async function planStaged(
  { fleet, signal }: Pick<StagedContext, 'fleet' | 'signal'>,
  wish: StagedWish,
): Promise<StagedPlan> {
  const view = await lookAround(fleet, signal);
  const { node, allowUnreachableNode } = wish;
  const leave = planLeave(view, {
    node,
    allowUnreachableNode,
    kill: true,
    allowMessageLoss: false,
    seeds: fleet.seeds,
  });
  refuseLeaving(leave);
  refuseLeaveElsewhere(leave, await leavesUnderWay(fleet, view, signal));
  const queues = await listQueues(fleet.rpc(leave.coordinator), { deadline: LIST_DEADLINE, signal });
  const own = leave.target.own;
  const listeners = own ? servingListeners(own).map(({ address, port }) => ({ address, port })) : [];
  const sessions = own?.counters?.online ?? 0;
  const options = { ...DEFAULTS, ...wish.options };
  const loads = loadsOf(leave, queues);
  refuseOverload(loads, sessions, options);
  const storm = estimateStorm({ ...wish, sessions, survivors: loads.filter(({ serves }) => serves).length });
  return {
    leave,
    options,
    listeners,
    before: queuesOn(queues, node),
    sessions,
    loads,
    storm,
    warnings: [
      ...leave.warnings,
      ...loadWarnings(loads),
      ...paceWarnings(options, storm, sessions),
      ...(listeners.length === 0 ? [SUSPENDED] : []),
    ],
  };
}

/** A leave with `-k` deletes the MQTT listeners first. */
function refuseLeaving({ target, survivors }: LeavePlan): void {
  const othersServe = survivors.some(({ own }) => mqttListeners(own).length > 0);
  if (mqttListeners(target.own).length > 0 || !othersServe) return;
  throw new Failure(
    'safety',
    'leave_going_on',
    `${target.name} has no MQTT listener any more: somebody has sent a leave with -k, which goes on or has failed`,
    {
      hint: `Watch it with vmqctl cluster leave node=${target.name} -k, which sends it again where it has failed. Nothing was changed.`,
    },
  );
}

const SUSPENDED =
  'its listeners are suspended already: by hand, or by a staged leave from elsewhere, which would have to end first; after an abort they stay so';

/** A storm that lasts longer than this is worth a word. */
const LONG_STORM = 60_000;

function paceWarnings({ rate }: StagedOptions, { loginRate, lasts }: Storm, sessions: number): string[] {
  const bearable = Math.floor(loginRate);
  if (rate !== undefined && rate > loginRate)
    return [
      `the members that stay can check about ${bearable} logins per second, and ${rate} sessions per second would be sent to them`,
    ];
  if (rate === undefined && lasts > LONG_STORM)
    return [
      `${sessions} sessions would be kicked at once, and their logins would last ${Math.round(lasts / 60_000)} min: consider --disconnect-rate ${Math.max(1, bearable)}/s`,
    ];
  return [];
}

/** Where a staged leave begins. */
export const firstState = ({ leave, options, listeners, before }: StagedPlan, now: number): StagedState => ({
  stand: 'suspend',
  since: now,
  startedAt: now,
  node: leave.target.name,
  address: leave.target.address,
  survivors: leave.survivors.map(({ name }) => name),
  addresses: leave.survivors.flatMap(({ address }) => address ?? []),
  unasked: leave.blind,
  options,
  listeners,
  total: totalsOf(before.filter(({ clean }) => !clean)),
  queueOut: leave.target.own?.counters?.queueOut,
  delivered: Object.fromEntries(
    leave.survivors.flatMap(({ name, own }) => (own?.counters ? [[name, own.counters.queueOut]] : [])),
  ),
  disconnected: 0,
});
