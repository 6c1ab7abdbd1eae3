import type { OperationEntry } from '../../cluster/operations/list.js';
import { cell, note, type Tone, type View } from '../view.js';

const TONES: Readonly<Record<OperationEntry['outcome'], Tone>> = {
  running: 'plain',
  interrupted: 'warning',
  done: 'good',
  failed: 'bad',
  aborted: 'dim',
};

export function operationsView(operations: readonly OperationEntry[]): View {
  const document = {
    schema: 'vmqctl.cluster-operations/1',
    operations: operations.map(({ startedAt, updatedAt, ...rest }) => ({
      ...rest,
      startedAt: new Date(startedAt).toISOString(),
      updatedAt: new Date(updatedAt).toISOString(),
    })),
  };
  if (operations.length === 0)
    return { document, below: [note('no operation has been recorded on this machine', 'dim')] };
  return {
    document,
    table: {
      columns: ['Started', 'Kind', 'Nodes', 'Phase', 'Outcome', 'Summary', 'Id'],
      rows: operations.map(({ startedAt, kind, nodes, phase, outcome, summary, id }) => [
        new Date(startedAt).toISOString().replace(/\.\d+Z$/, 'Z'),
        kind,
        nodes.join(', '),
        phase,
        cell(outcome, TONES[outcome]),
        summary,
        id,
      ]),
    },
    below: operations.some(({ outcome }) => outcome === 'interrupted')
      ? [note('interrupted: the same command that began it goes on with it', 'warning')]
      : [],
  };
}
