import { describe, expect, it } from 'vitest';
import { watchDocument, watchLines } from '../../../../src/lib/cli/views/cluster-watch.js';
import type { Problem } from '../../../../src/lib/cluster/problems/problem.js';
import type { WatchState } from '../../../../src/lib/cluster/watch/state.js';
import { Failure } from '../../../../src/lib/failure.js';
import { stateOf } from '../live/states.js';

const ghost: Problem = {
  code: 'ghost',
  severity: 'error',
  message: 'b is dead',
  hint: 'Start it.',
  nodes: ['b@h'],
};
const withProblems = (state: WatchState, problems: readonly Problem[]): WatchState => ({
  ...state,
  report: { ...state.report, problems, healthy: problems.length === 0 },
});
const texts = (before: WatchState | undefined, now: WatchState) =>
  watchLines(before, now).map(({ text }) => text.replace('2026-01-02T03:04:05.000Z ', ''));

const calm = stateOf([{ name: 'a@h', online: 5 }, { name: 'b@h' }]);

describe('the lines of a watch', () => {
  it('begin with how it stands, and every problem', () => {
    expect(texts(undefined, withProblems(calm, [ghost]))).toEqual([
      'not healthy: 2 nodes, 5 online, 0 queued',
      'error: b is dead -> Start it.',
    ]);
  });

  it('are none while nothing but rates changes', () => {
    const busy = stateOf([{ name: 'a@h', online: 5, in: 900 }, { name: 'b@h' }]);
    expect(texts(calm, busy)).toEqual([]);
  });

  it('tell what changed on a node on one line', () => {
    const later = stateOf([
      { name: 'a@h', online: 7, queued: 3 },
      { name: 'b@h', running: 'no' },
    ]);
    expect(texts(calm, later)).toEqual([
      'a@h: online 5 -> 7, queued 0 -> 3',
      'b@h: running yes -> no, version 2.1.2 -> ?, online 0 -> ?, offline 0 -> ?',
    ]);
  });

  it('tell members that come and go', () => {
    const other = stateOf([{ name: 'a@h', online: 5 }, { name: 'c@h' }]);
    expect(texts(calm, other)).toEqual(['c@h is a member now', 'b@h is no member any more']);
  });

  it('tell a problem when it begins and when it is over, and not when only its words change', () => {
    const sick = withProblems(calm, [ghost]);
    expect(texts(calm, sick)).toEqual(['error: b is dead -> Start it.']);
    expect(texts(sick, withProblems(calm, [{ ...ghost, message: 'b is still dead' }]))).toEqual([]);
    expect(texts(sick, calm)).toEqual(['over: b is dead']);
  });

  it('tell once that nobody answers, and once that somebody does again', () => {
    const failure = new Failure('unreachable', 'unreachable', 'no node answers', { hint: 'Look.' });
    const silent = { ...calm, silence: failure };
    expect(texts(calm, silent)).toEqual(['error: no node answers -> Look.']);
    expect(texts(silent, silent)).toEqual([]);
    expect(texts(silent, calm)).toEqual(['answered again']);
  });
});

describe('the document of a watch', () => {
  it('has rates, and does not say healthy of what does not answer', () => {
    const failure = new Failure('unreachable', 'unreachable', 'no node answers', { hint: 'Look.' });
    expect(watchDocument(stateOf([{ name: 'a@h', in: 2.5 }], { silence: failure }))).toMatchObject({
      schema: 'vmqctl.cluster-watch/1',
      answered: false,
      healthy: false,
      error: { code: 'unreachable', message: 'no node answers', hint: 'Look.' },
      nodes: [{ name: 'a@h', messagesPerSecond: { in: 2.5, out: null } }],
    });
  });
});
