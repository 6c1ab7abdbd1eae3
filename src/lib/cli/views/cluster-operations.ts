import type { OperationEntry, OperationList } from '../../cluster/operations/list.js';
import { cell, type Note, note, type Tone, type View } from '../view.js';

const TONES: Readonly<Record<OperationEntry['outcome'], Tone>> = {
  running: 'plain',
  interrupted: 'warning',
  open: 'warning',
  done: 'good',
  failed: 'bad',
  aborted: 'dim',
};

export function operationsView({ operations, unreadable }: OperationList): View {
  const notes = notesOn({ operations, unreadable });
  const document = {
    schema: 'vmqctl.cluster-operations/1',
    operations: operations.map(({ startedAt, updatedAt, ...rest }) => ({
      ...rest,
      startedAt: new Date(startedAt).toISOString(),
      updatedAt: new Date(updatedAt).toISOString(),
    })),
    unreadable: unreadable.map(({ code, message, hint = null }) => ({ code, message, hint })),
  };
  if (operations.length === 0)
    return {
      document,
      below: unreadable.length > 0 ? notes : [note('no operation has been recorded on this machine', 'dim')],
    };
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
    below: notes,
  };
}

function notesOn({ operations, unreadable }: OperationList): Note[] {
  const has = (wanted: OperationEntry['outcome']) => operations.some(({ outcome }) => outcome === wanted);
  return [
    ...(has('interrupted')
      ? [note('interrupted: the same command that began it goes on with it', 'warning')]
      : []),
    ...(has('open')
      ? [note('open: nobody has seen its end; the same command watches it and takes the account', 'warning')]
      : []),
    ...unreadable.flatMap(({ message, hint }) => [
      note(`not in this list: ${message}`, 'warning'),
      ...(hint ? [note(`  -> ${hint}`, 'dim')] : []),
    ]),
  ];
}
