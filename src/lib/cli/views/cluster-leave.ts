import type { Classification } from '../../admin/rpc.js';
import type { Account } from '../../cluster/leave/account.js';
import type { LeaveEvent, LeaveProgress, LeaveReport } from '../../cluster/leave/events.js';
import type { LeavePlan } from '../../cluster/leave/preflight.js';
import { formatDuration } from '../../duration.js';
import type { Narration } from '../cluster-command.js';
import { cell, type Note, note, type View } from '../view.js';

const PLANS = {
  suspend: 'its MQTT listeners stop accepting; connected clients stay; reversible',
  migrate: 'its sessions are killed, its queues migrate to the others, it leaves and stops',
  remove: 'it is dead: its membership is removed; what is queued on its disk is lost',
} as const;

export function leavePlanView({ path, target, survivors, coordinator, warnings }: LeavePlan): View {
  const stays = survivors.map(({ name }) => name);
  return {
    document: {
      schema: 'vmqctl.cluster-leave-plan/1',
      node: target.name,
      path,
      survivors: stays,
      coordinator,
      warnings,
    },
    table: {
      columns: ['Node', 'What happens', 'Stays', 'Asked'],
      rows: [[target.name, PLANS[path], stays.join(', '), coordinator]],
    },
    below: [
      ...warnings.map((text) => note(`warning: ${text}`, 'warning')),
      note('dry run: nothing was changed', 'dim'),
    ],
  };
}

/** What is said while it goes on. */
export function narrateLeave(event: LeaveEvent): Narration {
  switch (event.type) {
    case 'planned':
      return { line: `${event.plan.target.name}: ${PLANS[event.plan.path]}` };
    case 'warning':
      return { line: `warning: ${event.message}`, tone: 'warning' };
    case 'resumed':
      return { line: `picking up: ${event.message}` };
    case 'sent':
      return { line: `sent ${event.again ? 'again ' : ''}to ${event.coordinator}` };
    case 'answered':
      return { line: `answer: ${answerOf(event.classification)}` };
    case 'departed':
      return { line: `gone from the view of ${event.survivors.join(', ')}` };
    case 'log':
      return { line: `│ ${event.record.text.replaceAll('\n', ' ')}` };
    case 'progress':
      return { progress: progressLine(event.progress) };
  }
}

/** What a bare Done may mean is of no concern here: the members are asked anyway. */
const answerOf = ({ code, message }: Classification) =>
  code === 'leave_unverified' ? 'the broker says Done; now the members have to agree' : message;

/** `steady` leaves the clock out: it changes only when something has moved. */
function progressLine(progress: LeaveProgress): { readonly live: string; readonly steady: string } {
  const steady = progress.blind ? `cannot see the cluster now: ${progress.blind}` : describe(progress);
  return { live: `${formatDuration(progress.elapsed)}  ${steady}`, steady };
}

function describe({ sessions, queues, messages, migrated, states }: LeaveProgress): string {
  if (migrated) {
    const draining = states && states.draining > 0 ? ` · ${states.draining} queues on their way` : '';
    return `migrated ${migrated.queues} of ${migrated.allQueues} queues and ${migrated.messages} of ${migrated.allMessages} messages${draining}`;
  }
  if (states) {
    const { online, waitingForOffline, offline, storedMessages } = states;
    return `sessions ${online} · going offline ${waitingForOffline} · offline queues ${offline} with ${storedMessages} messages`;
  }
  if (sessions === null) return 'the node no longer reports its counters';
  return `sessions ${sessions} · queues left ${queues.left} of ${queues.total} · messages moved ${messages.moved} of ${messages.total}`;
}

export function leaveReportView(report: LeaveReport): View {
  return {
    document: { schema: 'vmqctl.cluster-leave/1', ...report },
    ...(report.account ? { table: accountTable(report.account) } : {}),
    below: [
      ...(report.accountIsLate ? [note(LATE, 'warning')] : []),
      ...(report.account ? accountNotes(report.account) : []),
      ...outcomeNotes(report),
    ],
  };
}

const LATE = 'warning: somebody else had begun before: what had left the node by then is not in this account';

export const accountTable = ({ before, after, missing }: Account) => ({
  columns: ['', 'Before, on the node', 'After, on the others'],
  rows: [
    ['queues', String(before.queues), cell(String(after.queues), missing.length > 0 ? 'bad' : 'good')],
    ['messages', String(before.messages), String(after.messages)],
  ],
});

/** A long list is for `--json`. */
const NAMED = 10;

export function accountNotes({ placed, backOnline, missing, fewer }: Account): Note[] {
  const where = Object.entries(placed).map(([node, count]) => `${count} on ${node}`);
  const clients = (list: readonly { readonly clientId: string }[]) =>
    list
      .slice(0, NAMED)
      .map(({ clientId }) => clientId)
      .join(', ') + (list.length > NAMED ? `, … (${list.length}; all with --json)` : '');
  return [
    ...(where.length > 0 ? [note(`queues went: ${where.join(', ')}`)] : []),
    ...(backOnline > 0
      ? [note(`${backOnline} clients are connected again and take their messages now`)]
      : []),
    ...(fewer.length > 0
      ? [note(`fewer messages wait for: ${clients(fewer)} (fetched, expired or lost since)`, 'warning')]
      : []),
    ...(missing.length > 0 ? [note(`error: no queue is left for: ${clients(missing)}`, 'bad')] : []),
  ];
}

/**
 * What is to be done with the disk of a node that has left.
 *
 * @param isPartial something that it held is gone for certain
 */
export function dataNote(account: Account | null, isPartial: boolean): Note {
  if (isPartial) return note(KEEP_DATA, 'warning');
  return account && account.fewer.length > 0 ? note(KEEP_FOR_NOW, 'warning') : note(WIPE_DATA, 'dim');
}

const KEEP_FOR_NOW =
  '  -> keep its data until you know that these clients have fetched their messages, or that they have expired';
const WIPE_DATA =
  '  -> wipe its data before it is started again: it would come back alone, with its old state';
/** Measured: a broker that is killed while it migrates does not load again what it had begun to hand over. */
const KEEP_DATA =
  '  -> keep its data: what is missing may still be in the message store on its disk; do not start it in this cluster';

function outcomeNotes({ node, path, took, resumed, recreated, stopped, account }: LeaveReport): Note[] {
  const hasMissing = account !== null && account.missing.length > 0;
  if (path === 'suspend') {
    return [
      note(`${node} accepts no new clients; it is still a member`, 'good'),
      note(
        '  -> go on with -k; or undo on that node: vmqctl listener restart address=… port=… --node URL',
        'dim',
      ),
    ];
  }
  const since = resumed ? ', counted from the run that sent it' : '';
  return [
    note(`${node} has left: all other members agree (${formatDuration(took)}${since})`, 'good'),
    ...(recreated === null
      ? []
      : [note(`${recreated} queues of its clients were made anew, empty; its messages are lost`, 'warning')]),
    ...(stopped === false
      ? [note(`warning: ${node} still answers; the broker should have stopped itself`, 'warning')]
      : []),
    dataNote(account, hasMissing),
  ];
}
