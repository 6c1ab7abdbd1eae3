import { describe, expect, it } from 'vitest';
import { decide } from '../../../../src/lib/cluster/staged/decide.js';
import type { Decision } from '../../../../src/lib/cluster/staged/decision.js';
import type { Look } from '../../../../src/lib/cluster/staged/look.js';
import { resumed, type StagedState, type Stand } from '../../../../src/lib/cluster/staged/state.js';
import { OPTIONS } from './world.js';

const NOW = 1_000_000;
const HOUR = 3_600_000;
const LISTENER = { address: '0.0.0.0', port: 1883 };
const leaver = { sessions: 10, queues: 20, queueOut: 0, serving: 0, listeners: 2, unserved: [LISTENER] };

const look = (more: Partial<Look> = {}): Look => ({
  now: NOW,
  leaver,
  isListed: true,
  isDead: false,
  survivors: { 'a@h': 5, 'b@h': 5 },
  lost: [],
  silent: [],
  leaving: [],
  suspended: [],
  isWhole: true,
  blind: undefined,
  awaiting: false,
  ...more,
});

const state = (stand: Stand, more: Partial<StagedState> = {}): StagedState => ({
  stand,
  since: NOW - 1000,
  startedAt: NOW - 2000,
  node: 'c@h',
  address: null,
  survivors: ['a@h', 'b@h'],
  options: { ...OPTIONS, grace: 60_000 },
  listeners: [LISTENER],
  total: { queues: 20, messages: 100 },
  queueOut: 0,
  disconnected: 0,
  ...more,
});

/** In a word or two: what is done, or where it stands then, or why it stops. */
function shown(decision: Decision): string {
  if (decision.do === 'stop') return decision.trouble;
  return decision.do === 'wait' ? decision.state.stand : `${decision.do} ${decision.state.stand}`;
}

const serving = look({ leaver: { ...leaver, serving: 2, unserved: [] } });
const deleted = look({ leaver: { ...leaver, serving: 0, listeners: 0 } });
const empty = look({ leaver: { ...leaver, sessions: 0, queues: 0, listeners: 0 } });
const unseen = look({ leaver: undefined });
const gone = look({ leaver: undefined, isListed: false });
const blind = look({ leaver: undefined, isListed: undefined, blind: 'nobody answers' });
const dead = look({ leaver: undefined, isDead: true });
const survivorDown = look({ lost: ['b@h'], silent: ['b@h'], isWhole: false });
const silent = look({ leaver: undefined, isListed: false, silent: ['b@h'], isWhole: false });

const suspended = { suspended: { at: NOW - 1000, answer: 'done' } };
const left = { left: { at: NOW - 1000 }, suspended: suspended.suspended };
const longWhole = { wholeSince: NOW - 21_000 };
const otherLeaving = look({ leaving: ['b@h'] });
const firstSuspended = look({ suspended: ['b@h'] });
const lastSuspended = look({ suspended: ['d@h'] });
const longDead = { downSince: NOW - 20_000 };

/** Rows: a stand with what has happened. Columns: what is seen. */
const TABLE: [string, StagedState, Record<string, string>][] = [
  [
    'before anything was sent',
    state('suspend'),
    {
      serving: 'suspend suspend',
      quiet: 'drain',
      deleted: 'migrate',
      unseen: 'suspend',
      gone: 'verify',
      blind: 'suspend',
      survivorDown: 'drain',
    },
  ],
  [
    'suspending',
    state('suspend', suspended),
    {
      serving: 'suspend',
      quiet: 'drain',
      deleted: 'migrate',
      unseen: 'suspend',
      gone: 'verify',
      blind: 'suspend',
      survivorDown: 'drain',
    },
  ],
  [
    'suspending for long',
    state('suspend', { suspended: { at: NOW - 30_000, answer: 'done' } }),
    { serving: 'suspend_unverified', quiet: 'drain', unseen: 'suspend_unverified', blind: 'suspend' },
  ],
  [
    'refused to suspend',
    state('suspend', { suspended: { at: NOW - 1000, answer: 'not_allowed' } }),
    { serving: 'suspend_failed', unseen: 'suspend_failed' },
  ],
  [
    'expelled instead of suspended',
    state('suspend', { suspended: { at: NOW - 1000, answer: 'removed_instead' } }),
    { serving: 'expelled', gone: 'expelled', unseen: 'expelled' },
  ],
  [
    'draining',
    state('drain'),
    {
      quiet: 'drain',
      serving: 'serves_again',
      deleted: 'migrate',
      unseen: 'drain',
      gone: 'verify',
      blind: 'drain',
      survivorDown: 'drain',
    },
  ],
  [
    'draining for long',
    state('drain', { since: NOW - 61_000 }),
    { quiet: 'migrate', unseen: 'migrate', blind: 'drain' },
  ],
  ['draining a node that has died', state('drain', longDead), { dead: 'leaver_died', quiet: 'drain' }],
  ['draining, taken up', state('drain', { mayResuspend: true }), { serving: 'suspend', quiet: 'drain' }],
  [
    'disconnecting',
    state('disconnect', { options: { ...OPTIONS, rate: 5 }, base: 10 }),
    {
      quiet: 'disconnect disconnect',
      serving: 'serves_again',
      deleted: 'migrate',
      unseen: 'disconnect',
      gone: 'verify',
      blind: 'disconnect',
      survivorDown: 'disconnect',
    },
  ],
  [
    'about to send the -k',
    state('migrate'),
    {
      quiet: 'leave migrate',
      deleted: 'migrate',
      unseen: 'migrate',
      gone: 'verify',
      blind: 'migrate',
      survivorDown: 'survivor_died',
      otherLeaving: 'migrate',
      firstSuspended: 'migrate',
      lastSuspended: 'leave migrate',
      serving: 'serves_again',
    },
  ],
  [
    'about to send the -k beside whoever is suspended',
    state('migrate', { options: { ...OPTIONS, besideSuspended: true } }),
    { firstSuspended: 'leave migrate', otherLeaving: 'migrate' },
  ],
  [
    'about to send the -k, taken up',
    state('migrate', { mayResuspend: true }),
    { quiet: 'leave migrate', serving: 'suspend' },
  ],
  [
    'with the -k sent',
    state('migrate', left),
    {
      quiet: 'migrate',
      deleted: 'migrate',
      empty: 'depart',
      unseen: 'migrate',
      gone: 'verify',
      blind: 'migrate',
      survivorDown: 'migrate',
    },
  ],
  [
    'with a -k that nobody has heard of for long, and members that were not whole a moment ago',
    state('migrate', { left: { at: NOW - 600_000 }, wholeSince: NOW - 19_000 }),
    { quiet: 'migrate', serving: 'migrate', deleted: 'migrate', survivorDown: 'migrate' },
  ],
  [
    'with a -k that nobody has heard of for long, and members that have been whole since',
    state('migrate', { left: { at: NOW - 600_000 }, ...longWhole }),
    {
      quiet: 'leave migrate',
      serving: 'serves_again',
      deleted: 'migrate',
      empty: 'depart',
      unseen: 'migrate',
    },
  ],
  [
    'with a -k that came to nothing on a node that was started again, taken up',
    state('migrate', {
      left: { at: NOW - 600_000, answer: 'leave_in_progress' },
      mayResuspend: true,
      ...longWhole,
    }),
    { serving: 'suspend', quiet: 'migrate', deleted: 'migrate' },
  ],
  [
    'with a -k that was refused',
    state('migrate', { left: { at: NOW - 1000, answer: 'leave_failed' } }),
    { quiet: 'leave_failed', deleted: 'leave_failed', gone: 'verify' },
  ],
  [
    'with a -k that is still going on',
    state('migrate', { left: { at: NOW - 90_000, answer: 'leave_in_progress' } }),
    { quiet: 'migrate', deleted: 'migrate', empty: 'depart', gone: 'verify' },
  ],
  [
    'with a leaver that has died',
    state('migrate', { ...left, ...longDead }),
    { dead: 'leaver_died', gone: 'verify' },
  ],
  [
    'departing',
    state('depart', left),
    { empty: 'depart', unseen: 'depart', gone: 'verify', blind: 'depart' },
  ],
  [
    'departing for long',
    state('depart', { ...left, since: NOW - 61_000 }),
    { empty: 'not_departed', gone: 'verify' },
  ],
  [
    'verifying',
    state('verify', left),
    { gone: 'account verify', blind: 'verify', silent: 'verify', serving: 'verify' },
  ],
  [
    'verifying what is a member still, or again',
    state('verify', { ...left, since: NOW - 61_000 }),
    { serving: 'listed_again', quiet: 'listed_again', gone: 'account verify' },
  ],
  [
    'verifying for long',
    state('verify', { ...left, since: NOW - 31_000 }),
    { gone: 'account verify', silent: 'account_unverified' },
  ],
  [
    'restoring',
    state('restore'),
    {
      quiet: 'restore restore',
      serving: 'end aborted',
      deleted: 'abort_too_late',
      unseen: 'restore',
      gone: 'abort_too_late',
    },
  ],
  [
    'restoring for long',
    state('restore', { restored: { at: NOW - 30_000, answer: 'done' } }),
    { quiet: 'restore_failed', serving: 'end aborted' },
  ],
  ['done', state('done'), { gone: 'end done', quiet: 'end done' }],
];

const LOOKS: Record<string, Look> = {
  quiet: look(),
  serving,
  deleted,
  empty,
  unseen,
  gone,
  blind,
  dead,
  survivorDown,
  otherLeaving,
  firstSuspended,
  lastSuspended,
  silent,
};

describe('the next step of a staged leave', () => {
  const rows = TABLE.flatMap(([name, from, cells]) =>
    Object.entries(cells).map(([seen, expected]) => [name, seen, expected, from] as const),
  );
  it.each(rows)('%s, seen %s: %s', (_name, seen, expected, from) => {
    const at = LOOKS[seen];
    if (!at) throw new Error(`no such look: ${seen}`);
    expect(shown(decide(from, at, { abort: false }))).toBe(expected);
  });

  it.each([
    ['suspend', {}, look(), 'restore restore'],
    ['drain', {}, look(), 'restore restore'],
    ['disconnect', {}, look(), 'restore restore'],
    ['migrate', {}, look(), 'restore restore'],
    ['suspend', {}, serving, 'end aborted'],
    ['drain', {}, deleted, 'abort_too_late'],
    ['migrate', left, look(), 'migrate'],
    ['migrate', { left: { at: NOW - 60_000 }, ...longWhole }, look(), 'restore restore'],
    ['migrate', { left: { at: NOW - 60_000 }, ...longWhole }, look({ awaiting: true }), 'abort_too_late'],
    ['migrate', { ...left, ...longWhole }, deleted, 'abort_too_late'],
    ['depart', left, empty, 'abort_too_late'],
    ['verify', left, gone, 'abort_too_late'],
    ['drain', {}, blind, 'drain'],
  ] as const)('an abort in %s comes to %#', (stand, more, seen, expected) => {
    expect(shown(decide(state(stand, more), seen, { abort: true }))).toBe(expected);
  });
});

it('an abort is not over while another listener serves, and ours does not', () => {
  const other = look({ leaver: { ...leaver, serving: 1 } });
  expect(decide(state('restore'), other, { abort: true })).toMatchObject({
    do: 'restore',
    listeners: [LISTENER],
  });
});

it.each([
  ['drain', { since: NOW + HOUR }, look(), 61_000, 'migrate'],
  [
    'disconnect',
    { options: { ...OPTIONS, rate: 5 }, base: 10, lastBatchAt: NOW + HOUR },
    look(),
    1000,
    'disconnect disconnect',
  ],
  ['suspend', { suspended: { at: NOW + HOUR, answer: 'done' } }, serving, 21_000, 'suspend_unverified'],
  ['migrate', { left: { at: NOW + HOUR }, wholeSince: NOW + HOUR }, look(), 21_000, 'leave migrate'],
  ['migrate', { ...left, downSince: NOW + HOUR }, dead, 16_000, 'leaver_died'],
] as const)(
  'a clock that was set back by an hour keeps nobody waiting in %s: %#',
  (stand, more, seen, after, then) => {
    const first = decide(state(stand, more), seen, { abort: false });
    expect(shown(decide(first.state, { ...seen, now: NOW + after }, { abort: false }))).toBe(then);
  },
);

describe('sessions that are sent away', () => {
  const from = (more: Partial<StagedState> = {}) =>
    state('disconnect', { options: { ...OPTIONS, rate: 200 }, base: 10, ...more });
  const many = { ...leaver, sessions: 5000 };

  it('are as many as the rate says since the last batch, and never made up for', () => {
    const count = (lastBatchAt: number | undefined) => {
      const decision = decide(from({ lastBatchAt }), look({ leaver: many }), { abort: false });
      return decision.do === 'disconnect' ? decision.count : 0;
    };
    expect(count(undefined)).toBe(200);
    expect(count(NOW - 1500)).toBe(300);
    expect(count(NOW - 500)).toBe(0);
    expect(count(NOW - 600_000)).toBe(400);
  });

  it('wait while a member that stays has too many', () => {
    const options = { ...OPTIONS, rate: 200, survivorSessions: 100 };
    const full = look({ leaver: many, survivors: { 'a@h': 101, 'b@h': 5 } });
    expect(decide(from({ options }), full, { abort: false })).toMatchObject({
      do: 'wait',
      why: expect.stringContaining('a@h has 101'),
    });
  });

  it('wait while too many are on their way, but not for those who do not come back', () => {
    const away = { disconnected: 2000, taken: { sessions: 500, at: NOW - 100 } };
    const seen = look({ leaver: many, survivors: { 'a@h': 250, 'b@h': 250 } });
    expect(decide(from(away), seen, { abort: false })).toMatchObject({
      do: 'wait',
      why: expect.stringContaining('1510'),
    });
    const long = { ...away, taken: { sessions: 500, at: NOW - 11_000 } };
    expect(decide(from(long), seen, { abort: false })).toMatchObject({ do: 'disconnect' });
  });

  it('are never left to the broker by a pause, however long', () => {
    const options = { ...OPTIONS, rate: 200, survivorSessions: 100 };
    const full = { leaver: many, survivors: { 'a@h': 101, 'b@h': 5 } };
    const paused = decide(from({ options, disconnected: 50 }), look(full), { abort: false });
    const long = decide(paused.state, look({ ...full, now: NOW + 120_000 }), { abort: false });
    expect(long).toMatchObject({ do: 'wait', why: expect.stringContaining('a@h has 101') });
    const relieved = look({ leaver: many, now: NOW + 120_500 });
    expect(decide(long.state, relieved, { abort: false })).toMatchObject({ do: 'disconnect' });
  });

  it('wait while a member that stays cannot be seen: nobody knows what it bears', () => {
    const unknown = look({ leaver: many, survivors: { 'a@h': 5 }, silent: ['b@h'] });
    expect(decide(from(), unknown, { abort: false })).toMatchObject({
      do: 'wait',
      why: expect.stringContaining('b@h'),
    });
  });

  it('that cannot be named to the broker at all are left to it, though none was ever sent away', () => {
    const still = { ...from(), moved: { seen: JSON.stringify([5000]), at: NOW - 31_000 } };
    expect(shown(decide(still, look({ leaver: many }), { abort: false }))).toBe('migrate');
  });

  it('are one at a time where the rate is less than one per second', () => {
    const slow = { options: { ...OPTIONS, rate: 1 / 60 } };
    const batchAfter = (elapsed: number) =>
      decide(from({ ...slow, lastBatchAt: NOW - elapsed }), look({ leaver: many }), { abort: false });
    expect(batchAfter(59_000)).toMatchObject({ do: 'wait' });
    expect(batchAfter(60_000)).toMatchObject({ do: 'disconnect', count: 1 });
    const still = { ...slow, moved: { seen: JSON.stringify([5000]), at: NOW - 50_000 } };
    const pausing = from({ ...still, disconnected: 1, lastBatchAt: NOW - 50_000 });
    expect(shown(decide(pausing, look({ leaver: many }), { abort: false }))).toBe('disconnect');
  });

  it('do not count as on their way once more after the listeners were suspended again', () => {
    const again = state('drain', { since: NOW - 61_000, disconnected: 2000 });
    const drained = decide({ ...again, options: { ...OPTIONS, rate: 200 } }, look({ leaver: many }), {
      abort: false,
    });
    const fresh = { ...drained.state, taken: { sessions: 10, at: NOW + 400 } };
    expect(decide(fresh, look({ leaver: many, now: NOW + 500 }), { abort: false })).toMatchObject({
      do: 'disconnect',
    });
  });

  it('are left to the broker where they do not go', () => {
    const still = {
      ...from({ disconnected: 50, lastBatchAt: NOW - 1000 }),
      moved: { seen: JSON.stringify([5000]), at: NOW - 31_000 },
    };
    const busy = { ...leaver, sessions: 5000, queueOut: 1234 };
    expect(shown(decide(still, look({ leaver: busy }), { abort: false }))).toBe('migrate');
  });
});

describe('a -k that did not take the node out', () => {
  const next = (from: StagedState, seen: Look) => decide(from, seen, { abort: false });

  it('and has deleted the listeners is sent again once nothing moves, and is nobody else’s', () => {
    const failed = state('migrate', { left: { at: NOW - 9000, answer: 'still_online_queues' } });
    const stopped = next(failed, deleted);
    expect(shown(stopped)).toBe('leave_failed');
    const first = next(resumed(stopped.state), deleted);
    expect(shown(first)).toBe('migrate');
    expect(first.state.left?.answer).not.toBe('sent_by_others');
    expect(shown(next(first.state, { ...deleted, now: NOW + 31_000 }))).toBe('leave migrate');
  });

  it('and died when nothing was left is sent again by whoever picks it up', () => {
    const stopped = next(state('depart', { ...left, since: NOW - 61_000 }), empty);
    expect(shown(stopped)).toBe('not_departed');
    const first = next(resumed(stopped.state), empty);
    expect(shown(first)).toBe('migrate');
    expect(shown(next(first.state, { ...empty, now: NOW + 31_000 }))).toBe('leave migrate');
  });
});

it('who takes it up suspends listeners that serve again once, and does not fight over them', () => {
  const taken = decide(state('drain', { mayResuspend: true }), look(), { abort: false });
  expect(shown(taken)).toBe('drain');
  expect(shown(decide(taken.state, serving, { abort: false }))).toBe('serves_again');
});

describe('a migration that stands still', () => {
  const seen = JSON.stringify([10, 20, 0]);
  const standing = {
    left: { at: NOW - 90_000, answer: 'leave_in_progress' },
    moved: { seen, at: NOW - 31_000 },
  };

  it('stops the watching, but not while its answer is awaited, nor while sessions may still go', () => {
    expect(shown(decide(state('migrate', standing), deleted, { abort: false }))).toBe('migration_stalled');
    expect(shown(decide(state('migrate', standing), { ...deleted, awaiting: true }, { abort: false }))).toBe(
      'migrate',
    );
    const patient = { ...standing, options: { ...OPTIONS, timeout: 120 } };
    expect(shown(decide(state('migrate', patient), deleted, { abort: false }))).toBe('migrate');
  });

  it('is sent again by whoever picks it up, once it has been seen to stand still', () => {
    const stopped = decide(state('migrate', standing), deleted, { abort: false }).state;
    const taken = resumed(stopped);
    const first = decide(taken, deleted, { abort: false });
    expect(shown(first)).toBe('migrate');
    expect(shown(decide(first.state, { ...deleted, now: NOW + 31_000 }, { abort: false }))).toBe(
      'leave migrate',
    );
    const back = { ...deleted, now: NOW + 31_000 };
    const down = decide(first.state, { ...deleted, lost: ['b@h'], isWhole: false }, { abort: false });
    expect(shown(decide(down.state, back, { abort: false }))).toBe('migrate');
    const moving = { ...deleted, now: NOW + 31_000, leaver: { ...leaver, queues: 19, listeners: 0 } };
    expect(shown(decide(first.state, moving, { abort: false }))).toBe('migrate');
  });
});
