import type { Problem } from '../../cluster/problems/problem.js';
import type { ClusterReport } from '../../cluster/show.js';
import { formatListener, type Member, mqttListeners } from '../../cluster/view.js';
import { type Cell, cell, type Note, note, type Tone, type View } from '../view.js';

/** The mutual view as a table with its problems under it, and as the document `vmqctl.cluster-show/1`. */
export function clusterShowView(report: ClusterReport): View {
  return {
    document: clusterShowDocument(report),
    table: {
      columns: [
        'Node',
        'Running',
        'Seen running by',
        'Version',
        'MQTT listeners',
        'Online',
        'Offline',
        'Queued',
      ],
      rows: report.view.members.map((member) => memberRow(report, member)),
    },
    below: [...report.problems.flatMap(problemNotes), ...summaryNotes(report)],
  };
}

export function clusterShowDocument({ view, problems, healthy, queued }: ClusterReport) {
  return {
    schema: 'vmqctl.cluster-show/1',
    healthy,
    nodes: view.members.map(({ name, running, seenBy, own, address }) => ({
      name,
      running,
      seenBy,
      version: own?.version ?? null,
      sessions: own?.counters ? { online: own.counters.online, offline: own.counters.offline } : null,
      queuedMessages: queued.get(name)?.messages ?? null,
      queuedMessagesExact: queued.get(name)?.exact ?? null,
      listeners: own?.listeners ?? [],
      address,
    })),
    problems,
  };
}

const RUNNING_TONES = { yes: 'good', no: 'bad', split: 'bad' } as const;

function memberRow({ view, queued }: ClusterReport, member: Member): (string | Cell)[] {
  const { name, running, own } = member;
  const held = queued.get(name);
  return [
    name,
    cell(running, RUNNING_TONES[running]),
    seenCell(member, view.observers.length),
    own?.version ?? '?',
    listenersCell(member),
    own?.counters ? String(own.counters.online) : '?',
    own?.counters ? String(own.counters.offline) : '?',
    held ? `${held.exact ? '' : '~'}${held.messages}` : '?',
  ];
}

function seenCell({ seenBy }: Member, observers: number): Cell {
  const who = (wanted: boolean | null) =>
    Object.entries(seenBy)
      .filter(([, seen]) => seen === wanted)
      .map(([observer]) => observer);
  if (who(true).length === observers) return cell(observers === 1 ? `itself` : `all ${observers}`);
  const parts: string[] = [];
  if (who(true).length > 0) parts.push(who(true).join(', '));
  if (who(false).length > 0) parts.push(`not by ${who(false).join(', ')}`);
  if (who(null).length > 0) parts.push(`not listed by ${who(null).join(', ')}`);
  return cell(parts.join('; '), 'bad');
}

function listenersCell({ own }: Member): Cell {
  if (!own?.counters) return cell('?'); // no more than its membership is known
  const listeners = mqttListeners(own);
  if (listeners.length === 0) return cell('none', 'warning');
  const text = listeners.map((listener) => formatListener(listener)).join(', ');
  return cell(text, listeners.some(({ status }) => status === 'running') ? 'plain' : 'warning');
}

const SEVERITY_TONES: Readonly<Record<Problem['severity'], Tone>> = { error: 'bad', warning: 'warning' };

const problemNotes = ({ severity, message, hint }: Problem): Note[] => [
  note(`${severity}: ${message}`, SEVERITY_TONES[severity]),
  note(`  -> ${hint}`, 'dim'),
];

function summaryNotes({ healthy, view, queued }: ClusterReport): Note[] {
  const estimated = [...queued.values()].some(({ exact }) => !exact);
  return [
    ...(estimated ? [note('~ estimated from counters since each node started', 'dim')] : []),
    healthy
      ? note(
          `healthy: ${view.members.length} ${view.members.length === 1 ? 'node' : 'nodes'}, seen by ${view.observers.length}`,
          'good',
        )
      : note('not healthy', 'bad'),
  ];
}
