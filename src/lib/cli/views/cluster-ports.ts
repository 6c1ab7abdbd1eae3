import type { Attempt } from '../../cluster/ports/attempt.js';
import type { PortsReport } from '../../cluster/ports/operation.js';
import { HERE, NEEDED_BY_NODES, type PortKind } from '../../cluster/ports/targets.js';
import type { PortState } from '../../cluster/ports/verdict.js';
import type { Problem } from '../../cluster/problems/problem.js';
import { type Cell, cell, type Note, note, type Tone, type View } from '../view.js';

const KINDS: readonly PortKind[] = ['epmd', 'distribution', 'range', 'cluster', 'mqtt', 'http'];

/** From where to where, one row for each kind of port; and the document `vmqctl.cluster-ports/1`. */
export function clusterPortsView(report: PortsReport): View {
  const { view, origins, attempts, gaps, problems } = report;
  const names = view.members.map(({ name }) => name);
  const rows = origins.flatMap(({ from, method }) =>
    KINDS.flatMap((kind) => {
      const own = attempts.filter((attempt) => attempt.from === from && attempt.kind === kind);
      if (own.length === 0) return [];
      const origin = method === null ? from : `${from} (${method})`;
      const cells = names.map((name) => (name === from ? cell('-', 'dim') : cellOf(own, name)));
      return [[origin, kind, ...cells]];
    }),
  );
  return {
    document: documentOf(report),
    table: { columns: ['From', 'Port', ...names], rows },
    below: [
      ...problems.flatMap(({ severity, message, hint }) => [
        note(`${severity}: ${message}`, severity === 'error' ? 'bad' : 'warning'),
        note(`  -> ${hint}`, 'dim'),
      ]),
      ...gaps.map((gap) => note(gap, 'dim')),
      conclusion(report),
    ],
  };
}

function conclusion({ origins, problems, view }: PortsReport): Note {
  if (!arePortsHealthy(problems)) return note('not healthy', 'bad');
  if (view.members.length > 1 && !origins.some(({ method }) => method !== null))
    return note('the ports between the nodes were not tried', 'warning');
  return note('no port that the nodes need of each other was found closed', 'good');
}

/** Nothing keeps the nodes apart, as far as it was tried. */
export const arePortsHealthy = (problems: readonly Problem[]): boolean =>
  problems.every(({ severity }) => severity !== 'error');

const TONES: Readonly<Record<PortState, Tone>> = {
  open: 'good',
  refused: 'bad',
  filtered: 'bad',
  wrong_address: 'bad',
  unknown: 'warning',
};

function cellOf(attempts: readonly Attempt[], node: string): Cell {
  const own = attempts.filter((attempt) => attempt.node === node);
  if (own.length === 0) return cell('?', 'dim');
  const tones = own.map(toneOf);
  const tone = (['bad', 'warning', 'dim'] as const).find((each) => tones.includes(each)) ?? 'good';
  return cell(portsByState(own), tone);
}

/** What only nodes need may be closed here; a free way to an unused port, and a listener that is shut, refuse. */
function toneOf({ from, kind, state, suspended, wrong }: Attempt): Tone {
  if (from === HERE && NEEDED_BY_NODES.has(kind) && !wrong && state !== 'open') return 'dim';
  return state === 'refused' && (kind === 'range' || suspended) ? 'good' : TONES[state];
}

/** `1883 open, 8883 8884 refused`. */
function portsByState(attempts: readonly Attempt[]): string {
  const groups = new Map<string, number[]>();
  for (const { state, suspended, port } of attempts) {
    const word = `${state.replace('_', ' ')}${suspended ? ' (suspended)' : ''}`;
    groups.set(word, [...(groups.get(word) ?? []), port]);
  }
  return [...groups].map(([word, ports]) => `${ports.join(' ')} ${word}`).join(', ');
}

const documentOf = ({ view, origins, attempts, gaps, problems }: PortsReport) => ({
  schema: 'vmqctl.cluster-ports/1',
  healthy: arePortsHealthy(problems),
  nodes: view.members.map(({ name }) => name),
  origins,
  attempts: attempts.map(({ from, node, kind, service, host, port, state, detail, suspended }) => ({
    from,
    to: node,
    kind,
    service,
    host,
    port,
    state,
    detail: detail ?? null,
    suspended,
  })),
  notKnown: gaps,
  problems,
});
