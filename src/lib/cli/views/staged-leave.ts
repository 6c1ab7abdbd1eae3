import type { LogEvent } from '../../cluster/leave/with-log.js';
import { totalsOf } from '../../cluster/queues.js';
import type { StagedEvent, StagedReport } from '../../cluster/staged/context.js';
import type { Storm } from '../../cluster/staged/estimate.js';
import type { StagedPlan } from '../../cluster/staged/plan.js';
import type { StagedProgress } from '../../cluster/staged/progress.js';
import { formatDuration } from '../../duration.js';
import type { Narration } from '../cluster-command.js';
import { note, type View } from '../view.js';
import { accountNotes, accountTable, dataNote } from './cluster-leave.js';

/** What would be done, phase by phase, with what it will cost. */
export function stagedPlanView(plan: StagedPlan): View {
  const { leave, options, listeners, before, sessions, loads, storm, warnings } = plan;
  const { queues, messages } = totalsOf(before.filter(({ clean }) => !clean));
  return {
    document: {
      schema: 'vmqctl.cluster-leave-staged-plan/1',
      node: leave.target.name,
      survivors: leave.survivors.map(({ name }) => name),
      coordinator: leave.coordinator,
      listeners,
      sessions,
      queues,
      messages,
      options,
      loads,
      storm,
      warnings,
    },
    table: { columns: ['Phase', 'What happens', 'How long'], rows: phaseRows(plan, { queues, messages }) },
    below: [
      note(
        `leaves: ${leave.target.name}, with ${sessions} sessions and ${queues} queues of ${messages} messages`,
      ),
      note(`stays: ${leave.survivors.map(({ name }) => name).join(', ')}; asked: ${leave.coordinator}`),
      ...loads.map((load) => note(loadLine(load))),
      ...(sessions > 0 ? [note(stormText(sessions, storm))] : []),
      ...warnings.map((text) => note(`warning: ${text}`, 'warning')),
    ],
  };
}

const loadLine = ({ node, sessions, queues, messages }: StagedPlan['loads'][number]): string =>
  `${node}: sessions ${sessions.before}, then about ${sessions.after}; queues ${queues.before}, then about ${queues.after}; messages ${messages.before}, then about ${messages.after}`;

const stormText = (sessions: number, { lasts, loginRate }: Storm) =>
  `all ${sessions} sessions at once would be ${formatDuration(lasts)} of logins (about ${Math.floor(loginRate)} per second)`;

function phaseRows(
  { options, sessions, listeners }: StagedPlan,
  { queues, messages }: { readonly queues: number; readonly messages: number },
): string[][] {
  const { grace, untilSessions, rate } = options;
  const left = Math.max(0, sessions - untilSessions);
  return [
    ['suspend', `its MQTT listeners (${listeners.length}) stop accepting; can be undone`, 'seconds'],
    [
      'drain',
      `its ${sessions} sessions go by themselves, until ${untilSessions} are left`,
      `at most ${formatDuration(grace)}`,
    ],
    ...(rate === undefined
      ? []
      : [
          [
            'disconnect',
            `sessions are sent away, ${rate} per second`,
            `about ${formatDuration((left / rate) * 1000)}`,
          ],
        ]),
    [
      'migrate',
      `the rest is killed; ${queues} queues with ${messages} messages move; cannot be undone`,
      'watched',
    ],
    ['depart', 'it leaves and stops', 'seconds'],
    ['verify', 'all others agree; queues and messages are accounted for', 'seconds'],
  ];
}

const PHASES: Readonly<Record<string, string>> = {
  suspend: 'suspend: its MQTT listeners stop accepting',
  drain: 'drain: its clients go by themselves',
  disconnect: 'disconnect: its sessions are sent away in batches',
  migrate: 'migrate: the rest is killed, its queues move; from here on it cannot be undone',
  depart: 'depart: nothing is left on it, the others forget it',
  verify: 'verify: nobody lists it any more; its queues are counted',
  restore: 'restore: its listeners are started again',
};

/** What is said while it goes on. */
export function narrateStaged(event: StagedEvent | LogEvent): Narration {
  switch (event.type) {
    case 'resumed':
      return {
        line: `taking up ${event.operation}: begun at ${new Date(event.startedAt).toISOString()}, stands in ${event.phase}`,
      };
    case 'phase':
      return { line: PHASES[event.phase] ?? event.phase };
    case 'answered':
      return { line: `answer: ${event.message}` };
    case 'warning':
      return { line: `warning: ${event.message}`, tone: 'warning' };
    case 'log':
      return { line: `│ ${event.record.text.replaceAll('\n', ' ')}` };
    case 'progress': {
      const steady = describe(event.progress);
      return {
        progress: {
          live: `${formatDuration(event.progress.elapsed)}  ${steady}${speed(event.progress)}`,
          steady,
        },
      };
    }
  }
}

function describe({ stand, sessions, queues, messages, disconnected, paused }: StagedProgress): string {
  const pause = paused === undefined ? '' : `; waiting: ${paused}`;
  if (stand === 'verify') return `its account is taken${pause}`;
  if (stand === 'depart') return `the others forget it${pause}`;
  if (sessions === null) return `its counters are not known now${pause}`;
  if (stand === 'disconnect') return `sessions ${sessions} left, ${disconnected} sent away${pause}`;
  if (stand !== 'migrate') return `sessions ${sessions} left${pause}`;
  return `queues left ${queues.left} of ${queues.total}, messages moved ${messages.moved} of ${messages.total}${pause}`;
}

const speed = ({ rate, eta }: StagedProgress): string =>
  rate === null || eta === null ? '' : ` (${rate.toFixed(1)}/s, about ${formatDuration(eta)} to go)`;

export function stagedReportView(report: StagedReport): View {
  const { node, account, took, disconnected, lost, stopped } = report;
  const document = { schema: 'vmqctl.cluster-leave-staged/1', ...report };
  if (!account) return { document, below: [restoredNote(report)] };
  return {
    document,
    table: accountTable(account),
    below: [
      ...accountNotes(account),
      ...(account.taken > 0 ? [note(`${account.taken} messages were taken by clients that are back`)] : []),
      ...(lost ? [note(`error: ${lost} messages are gone that nobody can have fetched`, 'bad')] : []),
      note(
        `${node} has left: all other members agree (${formatDuration(took)}; ${disconnected} sessions were sent away before)`,
        'good',
      ),
      ...(stopped === false
        ? [note(`warning: ${node} still answers; the broker should have stopped itself`, 'warning')]
        : []),
      dataNote(account, isPartial(report)),
    ],
  };
}

const restoredNote = ({ node, listeners }: StagedReport) =>
  listeners.length > 0
    ? note(
        `${node} serves clients again at ${listeners.map(({ address, port }) => `${address}:${port}`).join(', ')}; it is a member as before`,
        'good',
      )
    : note(
        `${node} is a member as before; its listeners were suspended before this leave began, and still are`,
        'warning',
      );

/** Whether something that the node held is gone for certain. */
export const isPartial = ({ account, lost }: StagedReport): boolean =>
  (account?.missing.length ?? 0) > 0 || (lost ?? 0) > 0;
