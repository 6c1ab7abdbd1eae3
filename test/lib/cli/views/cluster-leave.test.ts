import { describe, expect, it } from 'vitest';
import { render } from '../../../../src/lib/cli/render.js';
import { leaveReportView } from '../../../../src/lib/cli/views/cluster-leave.js';
import type { LeaveReport } from '../../../../src/lib/cluster/leave/events.js';

const left = (missing: string[]): LeaveReport => ({
  node: 'c@h',
  path: 'migrate',
  survivors: ['a@h'],
  resumed: false,
  took: 4200,
  account: {
    before: { queues: 3, messages: 9 },
    after: { queues: 3 - missing.length, messages: 9 - 3 * missing.length },
    missing: missing.map((clientId) => ({ mountpoint: '', clientId, messages: 3 })),
    fewer: [],
    backOnline: 0,
    placed: { 'a@h': 3 - missing.length },
  },
  accountIsLate: false,
  recreated: null,
  stopped: true,
});

describe('the end of a leave', () => {
  it('says to wipe the data of a node whose queues have all come through', async () => {
    const text = await render(leaveReportView(left([])), 'table', false);
    expect(text).toContain('queues   │ 3                   │ 3 ');
    expect(text).toContain('c@h has left: all other members agree (4.2 s)');
    expect(text).toContain('-> wipe its data');
  });

  it('names whose queue is missing, and never says to wipe what may still hold it', async () => {
    const text = await render(leaveReportView(left(['one', 'two'])), 'table', false);
    expect(text).toContain('error: no queue is left for: one, two');
    expect(text).toContain('-> keep its data');
    expect(text).not.toContain('wipe');
  });
});
