import { hostOf } from '../../cluster/addresses.js';
import type { RollEvent, RollProgress, RollReport } from '../../cluster/roll/events.js';
import { sessionsWanted } from '../../cluster/roll/load.js';
import type { RollOptions } from '../../cluster/roll/options.js';
import type { Prepared } from '../../cluster/roll/prepare.js';
import { currentNode, type ListenerName, type RollState } from '../../cluster/roll/state.js';
import { formatDuration } from '../../duration.js';
import type { Narration } from '../cluster-command.js';
import { note, type View } from '../view.js';

/** What would be done: the order, and what has to be true before it goes on. */
export function rollPlanView({ record, resumed }: Prepared, options: RollOptions): View {
  const { nodes, results, addresses, sessions, phase } = record.state;
  const left = nodes.slice(results.length);
  const gates = gatesOf(record.state, options);
  return {
    document: {
      schema: 'vmqctl.cluster-roll-plan/1',
      resumed,
      operation: resumed ? record.id : null,
      phase: resumed ? phase : null,
      done: results.map(({ node }) => node),
      nodes: left.map((node) => ({ node, host: hostOf(node), url: addresses[node] })),
      sessions,
      gates: options,
    },
    table: {
      columns: ['Order', 'Node', '{host}', '{url}'],
      rows: left.map((node, index) => [
        String(results.length + index + 1),
        node,
        hostOf(node),
        addresses[node] ?? '',
      ]),
    },
    below: [
      ...(resumed ? [note(`goes on at ${currentNode(record.state)}: ${phase}`)] : []),
      ...gates.map((text) => note(text)),
      note('dry run: nothing was changed', 'dim'),
    ],
  };
}

const gatesOf = ({ sessions }: RollState, options: RollOptions): string[] => [
  'before each node: all members run, see each other and take clients',
  `drain: until ${options.untilSessions} sessions are left, ${formatDuration(options.grace)} at most; then the command is run`,
  `after it: the node is back within ${formatDuration(options.backWithin)}, then within as long ${sessionsWanted(sessions, options.sessionsBack)} of now ${sessions} sessions, and not more than ${options.maxQueueGrowth} messages more in the queues`,
  ...(options.pause > 0 ? [`then a pause of ${formatDuration(options.pause)}`] : []),
];

/** What is said while it goes on. */
export function narrateRoll(event: RollEvent): Narration {
  switch (event.type) {
    case 'planned':
      return { line: `order: ${event.state.nodes.join(', ')}` };
    case 'resumed':
      return { line: `going on with ${event.operation}: ${describeResumed(event.state)}` };
    case 'warning':
      return { line: `warning: ${event.message}`, tone: 'warning' };
    case 'entered':
      return { line: entered(event.state, event.phase) };
    case 'command-awaited':
      return {
        line: `${event.node}: interrupted; waiting for its command to end (another Ctrl-C no longer waits)`,
        tone: 'warning',
      };
    case 'undone':
      return { line: `${event.node}: its listeners accept again` };
    case 'node-done':
      return { line: nodeDone(event) };
    case 'progress':
      return progressNarration(event.node, event.progress);
  }
}

const describeResumed = (state: RollState) =>
  `${state.results.length} of ${state.nodes.length} nodes are done; ${currentNode(state)} was cut short at ${state.phase}`;

function entered(state: RollState, phase: RollState['phase']): string | undefined {
  const node = currentNode(state);
  switch (phase) {
    case 'suspend':
      return `${node} (${state.results.length + 1} of ${state.nodes.length}): suspending ${listenersOf(state)}`;
    case 'drain':
      return `${node}: suspended; its sessions may go`;
    case 'run':
      return `${node}: running its command; ${state.sessionsLeft} sessions are left`;
    case 'back':
      return `${node}: the command has ended; waiting for the node`;
    case 'serve':
      return `${node}: it was not restarted; letting its listeners accept again`;
    case 'recover':
      return `${node}: back; waiting for the clients`;
    case 'undo':
      return `${node}: stopping (${state.stopping?.message}); letting its listeners accept again`;
    default:
      return undefined;
  }
}

const listenersOf = ({ suspended }: RollState) => suspended.map(formatName).join(', ');
const formatName = ({ type, address, port }: ListenerName) => `${type} ${address}:${port}`;

const nodeDone = ({ result, left }: Extract<RollEvent, { type: 'node-done' }>) =>
  `${result.node}: done in ${formatDuration(result.took)}${left > 0 ? `; ${left} left` : ''}`;

/** `steady` leaves the clock out: it changes only when something has moved. */
function progressNarration(node: string, progress: RollProgress): Narration {
  if (progress.phase === 'drain') {
    const { sessions, graceLeft, estimate, waiting } = progress;
    const steady = `${node}: ${[`sessions left ${sessions ?? 'unknown'}`, ...waiting].join(' · ')}`;
    const rate = estimate ? ` · ${estimate.rate.toFixed(1)}/s` : '';
    const eta = estimate?.eta != null ? ` · about ${formatDuration(estimate.eta)}` : '';
    return {
      progress: { live: `${steady}${rate}${eta} · ${formatDuration(graceLeft)} at most`, steady },
    };
  }
  const [first, ...more] = progress.waiting;
  if (first === undefined) return {};
  const steady = `${node}: waiting: ${first}${more.length > 0 ? ` (and ${more.length} more)` : ''}`;
  const elapsed = progress.phase === 'gate' ? '' : `${formatDuration(progress.elapsed)}  `;
  return { progress: { live: `${elapsed}${steady}`, steady } };
}

export function rollReportView(report: RollReport): View {
  const { nodes, sessions, took } = report;
  return {
    document: { schema: 'vmqctl.cluster-roll/1', ...report },
    table: {
      columns: ['Node', 'Took', 'Sessions left at the command', 'Restarted'],
      rows: nodes.map(({ node, took, sessionsLeft, restarted }) => [
        node,
        formatDuration(took),
        String(sessionsLeft),
        restarted ? 'yes' : 'no',
      ]),
    },
    below: [
      note(
        `${nodes.length === 1 ? 'the node is' : `all ${nodes.length} nodes are`} done, and the cluster is whole (${formatDuration(took)})`,
        'good',
      ),
      note(`sessions: ${sessions.before} before, ${sessions.after} now`),
    ],
  };
}
