import { describe, expect, it } from 'vitest';
import { render } from '../../../../src/lib/cli/render.js';
import { leaveReportView, narrateLeave } from '../../../../src/lib/cli/views/cluster-leave.js';
import type { LeaveProgress, LeaveReport } from '../../../../src/lib/cluster/leave/events.js';

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
    taken: 0,
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

it('a leave after which fewer messages wait for a client does not say to wipe what they may be on', async () => {
  const report = left([]);
  const fewer = [{ mountpoint: '', clientId: 'one', before: 3, after: 1 }];
  const account = report.account && { ...report.account, fewer };
  const text = await render(leaveReportView({ ...report, account }), 'table', false);
  expect(text).toContain('-> keep its data until');
  expect(text).not.toContain('wipe');
});

describe('a leave that goes on', () => {
  const progress: LeaveProgress = {
    elapsed: 61_000,
    sessions: 3,
    queues: { left: 50, total: 50 },
    messages: { moved: 0, total: 250 },
    migrated: null,
    states: null,
    blind: undefined,
  };
  const steady = (more: Partial<LeaveProgress>) =>
    narrateLeave({ type: 'progress', progress: { ...progress, ...more } }).progress?.steady;
  const states = { online: 2, waitingForOffline: 1, draining: 0, offline: 47, storedMessages: 250 };
  const migrated = { queues: 12, allQueues: 50, messages: 60, allMessages: 250 };

  it('is told by the counters where there is nothing better', () => {
    expect(steady({})).toBe('sessions 3 · queues left 50 of 50 · messages moved 0 of 250');
  });

  it('is told by the states of its queues while its sessions go offline', () => {
    expect(steady({ states })).toBe('sessions 2 · going offline 1 · offline queues 47 with 250 messages');
  });

  it("is told in the broker's own words once it migrates", () => {
    expect(steady({ states: { ...states, draining: 7 }, migrated })).toBe(
      'migrated 12 of 50 queues and 60 of 250 messages · 7 queues on their way',
    );
    expect(steady({ migrated })).toBe('migrated 12 of 50 queues and 60 of 250 messages');
  });

  it('says when nobody answers, whatever was known before', () => {
    expect(steady({ migrated, blind: 'no connection' })).toBe('cannot see the cluster now: no connection');
  });
});
