import type { JoinEvent, JoinReport } from '../../cluster/join/events.js';
import type { JoinsReport } from '../../cluster/join/several.js';
import { formatDuration } from '../../duration.js';
import type { Narration } from '../cluster-command.js';
import { cell, note, type View } from '../view.js';

/** What is said while it goes on. */
export function narrateJoin(event: JoinEvent): Narration {
  switch (event.type) {
    case 'checked':
      return {
        line: event.alreadyMember
          ? `${event.joining} is a member already`
          : `${event.joining} is ready to join`,
      };
    case 'warning':
      return { line: `warning: ${event.message}`, tone: 'warning' };
    case 'sent':
      return { line: `sent ${event.again ? 'again ' : ''}to ${event.address}` };
    case 'resumed':
      return {
        line: `picking up: ${event.joining} was told to join at ${new Date(event.sentAt).toISOString()}`,
      };
    case 'answered':
      return { line: `answer: ${event.classification.message}` };
    case 'waiting':
      return { progress: waitingLine(event.elapsed, event.missing) };
  }
}

/** `steady` leaves the clock out: it changes only when something has. */
function waitingLine(elapsed: number, missing: readonly string[]): { live: string; steady: string } {
  const more = missing.length > 1 ? ` (and ${missing.length - 1} more)` : '';
  const steady = `waiting: ${missing[0]}${more}`;
  return { live: `${formatDuration(elapsed)}  ${steady}`, steady };
}

export function joinReportView(report: JoinReport): View {
  const { node, discoveryNode, members, alreadyMember, took } = report;
  const text = alreadyMember
    ? `${node} and ${discoveryNode} are members of one cluster already; all ${members.length} nodes see each other`
    : `${node} has joined ${discoveryNode}: all ${members.length} nodes see each other (${formatDuration(took)})`;
  return {
    document: { schema: 'vmqctl.cluster-join/1', ...report },
    table: { columns: ['Member'], rows: members.map((name) => [name]) },
    below: [note(text, 'good')],
  };
}

/** Of several joins in one call. */
export function joinsReportView(report: JoinsReport): View {
  const { joined, failed, notTried, discoveryNode } = report;
  return {
    document: { schema: 'vmqctl.cluster-joins/1', ...report },
    table: {
      columns: ['Node', 'State'],
      rows: [
        ...joined.map(({ node, alreadyMember }) => [node, cell(alreadyMember ? 'in already' : 'in', 'good')]),
        ...(failed ? [[failed.on, cell('failed', 'bad')]] : []),
        ...notTried.map((on) => [on, cell('not tried', 'warning')]),
      ],
    },
    below: failed
      ? [
          note(`error: ${failed.message}`, 'bad'),
          ...(failed.hint ? [note(`  -> ${failed.hint}`, 'dim')] : []),
        ]
      : [note(`all are in the cluster of ${discoveryNode}, and all nodes see each other`, 'good')],
  };
}
