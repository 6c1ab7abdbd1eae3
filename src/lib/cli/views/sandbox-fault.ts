import type { FaultResult } from '../../sandbox/background/fault.js';
import { note, type View } from '../view.js';

/** The faults that a simulated broker can have. */
export const faultListView = (
  faults: readonly { readonly name: string; readonly summary: string }[],
): View => ({
  document: {
    schema: 'vmqctl.sandbox-faults/1',
    faults: faults.map(({ name, summary }) => ({ name, summary })),
  },
  table: {
    columns: ['Fault', 'What it does to the node'],
    rows: faults.map(({ name, summary }) => [name, summary]),
  },
});

export const faultView = ({ active, cleared }: FaultResult): View => ({
  document: { schema: 'vmqctl.sandbox-fault/1', active, cleared },
  above: [
    ...cleared.map(({ fault, node }) => note(`${node}: ${fault} is gone`, 'good')),
    ...active.map(({ fault, node }) => note(`${node}: ${fault}`, 'warning')),
    ...(active.length === 0 ? [note('no fault is set')] : []),
  ],
});
