import { metricRows, refusalRows, statusRows } from '../node/report.js';
import { type Command, table, text } from './command.js';

/** Partitions of the replicated metadata, in the order the broker lists them. */
const PARTITIONS = [
  'meta1',
  'meta10',
  'meta2',
  'meta3',
  'meta4',
  'meta5',
  'meta6',
  'meta7',
  'meta8',
  'meta9',
];

export const nodeCommands: readonly Command[] = [
  {
    words: ['node', 'status'],
    run: ({ node }) => table(statusRows(node).map(([name, value]) => ({ Status: name, Value: value }))),
  },
  // The broker says this even of an empty node.
  { words: ['node', 'history'], run: () => text('existing_state') },
  {
    words: ['node', 'swc_sync_status'],
    run: ({ node }) =>
      table(PARTITIONS.map((name) => ({ 'SWC Partition': name, InitSynced: node.members.length > 1 }))),
  },
  {
    words: ['metrics', 'show'],
    run: ({ node }) =>
      text(
        [
          ...refusalRows(node).map(([name, value]) => `counter.${name} = ${value}`),
          ...metricRows(node).map(([kind, name, value]) => `${kind}.${name} = ${value}`),
        ].join('\n'),
      ),
  },
];
