import { describe, expect, it } from 'vitest';
import { narrateStaged, stagedReportView } from '../../../../src/lib/cli/views/staged-leave.js';
import type { StagedReport } from '../../../../src/lib/cluster/staged/context.js';
import type { StagedProgress } from '../../../../src/lib/cluster/staged/progress.js';

const report = (more: Partial<StagedReport> = {}, fewer = 0): StagedReport => ({
  node: 'c@h',
  operation: 'leave-c@h',
  outcome: 'done',
  survivors: ['a@h'],
  took: 4200,
  disconnected: 0,
  listeners: [{ address: '0.0.0.0', port: 1883 }],
  account: {
    before: { queues: 1, messages: 5 },
    after: { queues: 1, messages: 5 - fewer },
    missing: [],
    fewer: fewer > 0 ? [{ mountpoint: '', clientId: 'one', before: 5, after: 5 - fewer }] : [],
    backOnline: 0,
    taken: 0,
    placed: { 'a@h': 1 },
  },
  lost: 0,
  stopped: true,
  ...more,
});
const told = (of: StagedReport) =>
  stagedReportView(of)
    .below?.map(({ text }) => text)
    .join('\n') ?? '';

describe('the report of a staged leave', () => {
  it('advises to wipe the data only where nothing can be on it that is nowhere else', () => {
    expect(told(report())).toMatch(/wipe its data/);
    expect(told(report({ lost: 0 }, 2))).toMatch(/keep its data until you know/);
    expect(told(report({ lost: null }, 2))).toMatch(/keep its data until you know/);
    expect(told(report({ lost: 2 }, 2))).toMatch(
      /2 messages are gone that nobody can have fetched[\s\S]*keep its data: /,
    );
  });

  it('says where the node serves again after an abort, and where it does not', () => {
    const aborted = { outcome: 'aborted', account: null } as const;
    expect(told(report(aborted))).toMatch(/serves clients again at 0\.0\.0\.0:1883/);
    expect(told(report({ ...aborted, listeners: [] }))).toMatch(
      /were suspended before this leave began, and still are/,
    );
  });
});

it('what is told while the account is taken is no loss of sight', () => {
  const progress: StagedProgress = {
    stand: 'verify',
    elapsed: 0,
    sessions: null,
    queues: { left: null, total: 1 },
    messages: { moved: null, total: 1 },
    disconnected: 0,
    rate: null,
    eta: null,
    paused: undefined,
  };
  expect(narrateStaged({ type: 'progress', progress }).progress?.steady).toBe('its account is taken');
});
