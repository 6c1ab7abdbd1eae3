import { describe, expect, it } from 'vitest';
import { render } from '../../../../src/lib/cli/render.js';
import { narrateRoll, rollReportView } from '../../../../src/lib/cli/views/cluster-roll.js';
import type { RollProgress } from '../../../../src/lib/cluster/roll/events.js';
import { Pace } from '../../../../src/lib/cluster/roll/pace.js';

const progress = (more: Partial<Extract<RollProgress, { phase: 'drain' }>>): RollProgress => ({
  phase: 'drain',
  sessions: 480,
  graceLeft: 60_000,
  estimate: { rate: 12, eta: 40_000 },
  waiting: [],
  ...more,
});
const told = (progress: RollProgress) => narrateRoll({ type: 'progress', node: 'a@h', progress }).progress;

describe('what is said of a drain', () => {
  it('has how many are left, how fast they go and how long that takes; only the first counts as a change', () => {
    expect(told(progress({}))).toEqual({
      live: 'a@h: sessions left 480 · 12.0/s · about 40.0 s · 1 min 0 s at most',
      steady: 'a@h: sessions left 480',
    });
  });

  it('promises nothing while nobody goes, and says what is wrong', () => {
    const { live, steady } =
      told(progress({ sessions: null, estimate: null, waiting: ['c@h is dead'] })) ?? {};
    expect(live).toBe('a@h: sessions left unknown · c@h is dead · 1 min 0 s at most');
    expect(steady).toBe('a@h: sessions left unknown · c@h is dead');
    expect(told(progress({ estimate: { rate: 0, eta: null } }))?.live).not.toContain('about');
  });
});

it('what is waited for is told without the clock where lines stay', () => {
  expect(told({ phase: 'back', elapsed: 5000, waiting: ['x', 'y'] })).toEqual({
    live: '5.0 s  a@h: waiting: x (and 1 more)',
    steady: 'a@h: waiting: x (and 1 more)',
  });
  expect(told({ phase: 'recover', elapsed: 5000, waiting: [] })).toBeUndefined();
});

it('an interruption of a command that runs is told with what another one does', () => {
  const { line, tone } = narrateRoll({ type: 'command-awaited', node: 'a@h' });
  expect(line).toBe('a@h: interrupted; waiting for its command to end (another Ctrl-C no longer waits)');
  expect(tone).toBe('warning');
});

it('the end of a roll tells of each node whether it was restarted', async () => {
  const report = {
    operation: 'roll-a@h-1',
    nodes: [
      { node: 'a@h', took: 4000, sessionsLeft: 3, restarted: true },
      { node: 'b@h', took: 5000, sessionsLeft: 0, restarted: false },
    ],
    resumed: false,
    sessions: { before: 10, after: 9 },
    took: 9000,
  };
  const text = await render(rollReportView(report), 'table', false);
  expect(text).toMatch(/a@h +│ 4\.0 s │ 3 +│ yes/);
  expect(text).toMatch(/b@h +│ 5\.0 s │ 0 +│ no/);
  expect(text).toContain('sessions: 10 before, 9 now');
});

describe('a pace', () => {
  it('is taken over the last minute', () => {
    const pace = new Pace();
    expect(pace.add(1000, 100, 0)).toEqual({ rate: 0, eta: null });
    expect(pace.add(900, 100, 10_000)).toEqual({ rate: 10, eta: 80_000 });
    // A minute later nobody goes any more.
    expect(pace.add(900, 100, 75_000)).toEqual({ rate: 0, eta: null });
  });

  it('of those that come instead of going is none', () => {
    const pace = new Pace();
    pace.add(10, 0, 0);
    expect(pace.add(20, 0, 1000)).toEqual({ rate: 0, eta: null });
  });
});
