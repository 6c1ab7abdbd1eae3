import { formatLatency } from '../../probe/explain.js';
import type { LeftoverReport } from '../../probe/leftovers.js';
import type { Pair } from '../../probe/messages.js';
import type { ProbeEvent } from '../../probe/operation.js';
import { type ProbeReport, told } from '../../probe/report.js';
import type { Narration } from '../cluster-command.js';
import { type Cell, cell, type Note, note, type View } from '../view.js';

const PHASES = {
  provisioning: 'setting records of its own',
  connecting: 'connecting to every node',
  shared: 'shared subscription',
  retained: 'retained messages',
  takeover: 'session takeover',
  messages: 'messages from every node to every node',
  'cleaning up': 'cleaning up',
} as const;

/** What is said while it goes on. */
export function narrateProbe(event: ProbeEvent): Narration {
  switch (event.type) {
    case 'connected':
      return { line: `${event.node}: connected to ${event.url} in ${formatLatency(event.took)}` };
    case 'unconnected':
      return { line: `${event.node}: ${event.failure.message}`, tone: 'warning' };
    case 'phase':
      return { line: PHASES[event.phase] };
    case 'progress':
      return {
        progress: {
          live: `round ${event.round}: ${event.sent} of ${event.of}`,
          steady: `round ${event.round}`,
        },
      };
    case 'round':
      if (event.sent === 0) return { line: `round ${event.round}: nothing was sent`, tone: 'warning' };
      return {
        line: `round ${event.round}: ${event.sent - event.lost} of ${event.sent} arrived, p99 at most ${formatLatency(event.worst)}`,
        tone: event.lost > 0 ? 'warning' : undefined,
      };
    case 'left':
      return { line: `not all is removed: ${event.failure.message}`, tone: 'warning' };
  }
}

/** Rows publish, columns receive. */
export function probeReportView(report: ProbeReport): View {
  const names = report.nodes.map(({ node }) => node);
  return {
    document: documentOf(report),
    table: {
      columns: ['Published on', ...names.map((name) => `to ${name}`)],
      rows: names.map((from) => [from, ...names.map((to) => pairCell(report.pairs, from, to))]),
    },
    below: notesOf(report),
  };
}

function documentOf({ takeovers, ...report }: ProbeReport) {
  return {
    schema: 'vmqctl.cluster-probe/1',
    ...report,
    takeovers:
      takeovers?.map(({ failure, ...one }) => ({ ...one, failure: failure && told(failure) })) ?? null,
  };
}

function pairCell(pairs: readonly Pair[], from: string, to: string): Cell {
  const statistics = pairs.find((pair) => pair.from === from && pair.to === to)?.all;
  if (!statistics || statistics.sent === 0) return cell('-', 'dim');
  const { lost, received, p50, p99 } = statistics;
  const latency = `${figure(p50)}/${figure(p99)} ms`;
  if (lost === 0) return cell(latency);
  return cell(received === 0 ? `lost ${lost}` : `lost ${lost}, ${latency}`, 'bad');
}

const figure = (milliseconds: number | null) =>
  milliseconds === null ? '-' : milliseconds.toFixed(milliseconds < 100 ? 1 : 0);

function notesOf(report: ProbeReport): Note[] {
  const { problems, leftBehind, subscriptionsKnownAfter } = report;
  return [
    note('p50/p99 in ms, from here to the one node and from the other back to here', 'dim'),
    ...(subscriptionsKnownAfter === null
      ? []
      : [note(`subscriptions: known on every node after ${formatLatency(subscriptionsKnownAfter)}`)]),
    ...oddities(report),
    ...sharedNotes(report),
    ...retainedNotes(report),
    ...takeoverNotes(report),
    ...problems.flatMap(({ message, hint }) => [
      note(`error: ${message}`, 'bad'),
      note(`  -> ${hint}`, 'dim'),
    ]),
    leftBehind
      ? note(
          `something of it may still be there (${leftBehind.message}): vmqctl cluster probe --cleanup removes it`,
          'bad',
        )
      : note(
          report.verdict === 'ok' ? 'all arrived; nothing was left behind' : 'nothing was left behind',
          'dim',
        ),
  ];
}

/** No fault by themselves: QoS 1 may deliver twice, and a message may be late. */
function oddities({ pairs }: ProbeReport): Note[] {
  const sum = (of: 'duplicates' | 'outOfOrder' | 'late') =>
    pairs.reduce((count, { all }) => count + all[of], 0);
  const [twice, disordered, late] = [sum('duplicates'), sum('outOfOrder'), sum('late')];
  return [
    ...(twice > 0 ? [note(`${twice} messages arrived more than once`, 'warning')] : []),
    ...(disordered > 0 ? [note(`${disordered} messages arrived out of order`, 'warning')] : []),
    ...(late > 0 ? [note(`${late} of the lost messages arrived after all, too late`, 'warning')] : []),
  ];
}

function sharedNotes({ shared }: ProbeReport): Note[] {
  if (shared === null || shared.length === 0) return [];
  const sent = shared.reduce((sum, one) => sum + one.sent, 0);
  const wrong = shared.reduce((sum, one) => sum + one.lost + one.duplicated, 0);
  const isLocal = shared.every(({ from, receivedOn, lost, sent: own }) => receivedOn[from] === own - lost);
  const where = isLocal ? ', each to the member on its own node' : '';
  return [note(`shared subscription: ${sent - wrong} of ${sent} messages delivered exactly once${where}`)];
}

function retainedNotes({ retained }: ProbeReport): Note[] {
  if (retained === null || retained.length === 0) return [];
  const after = retained.flatMap((one) => one.after ?? []);
  const worst = formatLatency(after.length > 0 ? Math.max(...after) : null);
  return [
    note(`retained: seen by ${after.length} of ${retained.length} new subscribers, after ${worst} at most`),
  ];
}

function takeoverNotes({ takeovers }: ProbeReport): Note[] {
  if (takeovers === null || takeovers.length === 0) return [];
  const after = takeovers.flatMap((one) => one.after ?? []);
  const worst = formatLatency(after.length > 0 ? Math.max(...after) : null);
  return [
    note(
      `session takeover: ${after.length} of ${takeovers.length} sessions moved with their queued message, in ${worst} at most`,
    ),
  ];
}

export function leftoverLines({ removed, busy, failed, unreadable }: LeftoverReport): readonly Note[] {
  return [
    ...removed.map((id) => note(`probe ${id}: what it had left behind is removed`)),
    ...busy.map((id) => note(`probe ${id} runs, or is being cleaned up: it is left alone`, 'dim')),
    ...failed.flatMap(({ id, failure }) => [
      note(`probe ${id}: not all that it left behind could be removed: ${failure.message}`, 'warning'),
      ...(failure.hint ? [note(`  -> ${failure.hint}`, 'dim')] : []),
    ]),
    ...unreadable.map(({ message }) => note(message, 'warning')),
  ];
}

export function leftoverView(report: LeftoverReport): View {
  const lines = leftoverLines(report);
  return {
    document: {
      schema: 'vmqctl.cluster-probe-cleanup/1',
      removed: report.removed,
      busy: report.busy,
      failed: report.failed.map(({ id, failure }) => ({ id, ...told(failure) })),
      unreadable: report.unreadable.map(told),
    },
    below: lines.length > 0 ? lines : [note('no probe has left anything behind', 'good')],
  };
}
