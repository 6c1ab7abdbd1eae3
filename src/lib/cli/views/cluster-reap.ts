import type { ReapEvent, ReapedNode, ReapReport } from '../../cluster/reap/events.js';
import { isComplete } from '../../cluster/reap/events.js';
import type { ReapPlan } from '../../cluster/reap/plan.js';
import type { Sign } from '../../cluster/reap/signs.js';
import { formatDuration } from '../../duration.js';
import type { Narration } from '../cluster-command.js';
import { type Cell, cell, type Note, note, type View } from '../view.js';

export function reapPlanView(plan: ReapPlan): View {
  const { targets, gone, back, survivors, warnings } = plan;
  const isEmpty = targets.length + gone.length + back.length === 0;
  return {
    document: {
      schema: 'vmqctl.cluster-reap-plan/1',
      remove: targets.map(({ name, missedBy, signs }) => ({ node: name, missedBy, signs })),
      repair: gone,
      back,
      survivors,
      warnings,
    },
    ...(isEmpty ? {} : { table: planTable(plan) }),
    below: [
      ...(isEmpty ? [note('no dead member is listed', 'good')] : []),
      ...(targets.length > 0 ? [note(LOSS, 'warning')] : []),
      ...warnings.map((text) => note(`warning: ${text}`, 'warning')),
      note('dry run: nothing was changed', 'dim'),
    ],
  };
}

const planTable = ({ targets, gone, back }: ReapPlan) => ({
  columns: ['Node', 'What happens', 'Not running for', 'From here'],
  rows: [
    ...targets.map(({ name, missedBy, signs }) => [
      name,
      'removed, then its queues are made anew, empty',
      missedBy.join(', '),
      signsText(signs),
    ]),
    ...gone.map((name) => [name, 'its queues are made anew, empty', 'nobody lists it', '']),
    ...back.map((name) => [name, 'nothing: it runs again', '', '']),
  ],
});

const signsText = (signs: readonly Sign[]) =>
  signs.length === 0
    ? 'no address of it is known'
    : signs.map(({ address, said }) => `${address}: ${said}`).join('; ');

/** A broker's count of subscriptions is of topics and nodes, not of clients; nobody lists the queues of a dead node. */
const LOSS =
  'lost: every message that waits on their disks for an offline client; how many, nobody can tell while they are down';

/** What is said while it goes on. */
export function narrateReap(event: ReapEvent): Narration {
  switch (event.type) {
    case 'planned':
      return { line: plannedText(event.plan) };
    case 'warning':
      return { line: `warning: ${event.message}`, tone: 'warning' };
    case 'resumed':
      return { line: `picking up what was begun at ${new Date(event.startedAt).toISOString()}` };
    case 'sent':
      return {
        line: `${event.node}: ${event.step} sent ${event.again ? 'again ' : ''}to ${event.coordinator}`,
      };
    case 'answered':
      return { line: `${event.node}: ${answerText(event.classification)}` };
    case 'waiting':
      return { progress: waitingLine(event.node, event.elapsed, event.listedBy) };
    case 'settling':
      return { line: 'waiting until the broker has ended what was sent first (a minute at most)' };
    case 'removed':
      return { line: `${event.node}: no member lists it any more` };
    case 'repaired':
      return { line: `${event.node}: its queues are repaired` };
    case 'back':
      return {
        line: `${event.node} ${event.removed ? 'answers again, though it was removed' : 'runs again: it is not taken out'}`,
        tone: 'warning',
      };
  }
}

function plannedText({ targets, gone }: ReapPlan): string {
  if (targets.length === 0)
    return gone.length > 0 ? `to repair: ${gone.join(', ')}` : 'no dead member is listed';
  return `dead for every member: ${targets.map(({ name }) => name).join(', ')}; ${LOSS}`;
}

/** What else a bare Done may mean is of no concern here. */
const answerText = ({ code, message }: { readonly code: string; readonly message: string }) =>
  code === 'leave_unverified' ? 'the broker says Done' : message;

/** `steady` leaves the clock out: it changes only when something has. */
function waitingLine(node: string, elapsed: number, listedBy: readonly string[]) {
  const steady = `${node}: still listed by ${listedBy.join(', ')}`;
  return { live: `${formatDuration(elapsed)}  ${steady}`, steady };
}

export function reapReportView(report: ReapReport): View {
  return {
    document: { schema: 'vmqctl.cluster-reap/1', complete: isComplete(report), ...report },
    ...(report.nodes.length > 0 ? { table: nodeTable(report.nodes) } : {}),
    below: notesOf(report),
  };
}

const nodeTable = (nodes: readonly ReapedNode[]) => ({
  columns: ['Node', 'Removed', 'Queues repaired', 'Made anew, empty'],
  rows: nodes.map(({ node, removed, repaired, recreated }) => [
    node,
    yesNo(removed),
    yesNo(repaired),
    recreated === null ? 'not known' : String(recreated.length),
  ]),
});

const yesNo = (value: boolean): Cell => cell(value ? 'yes' : 'no', value ? 'good' : 'bad');

function notesOf(report: ReapReport): Note[] {
  const { nodes, recreated, trouble, took } = report;
  if (nodes.length === 0) return [note('no dead member is listed: nothing was done', 'good')];
  return [
    isComplete(report)
      ? note(`all are removed and repaired (${formatDuration(took)})`, 'good')
      : note('not all is done', 'bad'),
    ...(recreated === null
      ? [note('how many queues were made anew is not known: they could not be listed', 'warning')]
      : [note(`${recreated.length} queues were made anew, empty; their messages are lost`, 'warning')]),
    ...nodes.filter(({ back }) => back).map(backNote),
    ...(trouble ? [note(`error: ${trouble.message}`, 'bad')] : []),
    ...(trouble?.hint ? [note(`  -> ${trouble.hint}`, 'dim')] : []),
    ...afterwards(nodes),
  ];
}

const backNote = ({ node, removed }: ReapedNode) =>
  removed
    ? note(
        `${node} answers again, though no member lists it: stop it, wipe its data, and run the same command again, which repairs its queues`,
        'warning',
      )
    : note(`${node} runs again and is a member: it was not taken out`, 'warning');

/** Measured: a removal rewrites the membership file of the member that was asked, and gossip mends that in 15 s. */
function afterwards(nodes: readonly ReapedNode[]): Note[] {
  if (!nodes.some(({ removed }) => removed)) return [];
  return [
    note('  -> do not restart a member within the next 20 s', 'dim'),
    note(
      '  -> wipe the data of the removed nodes before they are started again: each would come back alone',
      'dim',
    ),
  ];
}
