import { describe, expect, it } from 'vitest';
import { interrupted, timeIsUp, unsaved } from '../../../../src/lib/cluster/staged/endings.js';
import type { Look } from '../../../../src/lib/cluster/staged/look.js';
import type { StagedState, Stand } from '../../../../src/lib/cluster/staged/state.js';
import { Failure } from '../../../../src/lib/failure.js';
import { sandbox, trio } from '../../sandbox/support.js';
import { begin, contextFor, follow, OPTIONS } from './world.js';

const state = (stand: Stand, more: Partial<StagedState> = {}): StagedState => ({
  stand,
  since: 0,
  startedAt: 0,
  node: 'c@h',
  address: null,
  survivors: ['a@h'],
  options: OPTIONS,
  listeners: [{ address: '0.0.0.0', port: 1883 }],
  total: { queues: 0, messages: 0 },
  queueOut: 0,
  disconnected: 0,
  ...more,
});
const look = { leaver: undefined, blind: undefined } as Look;
const sent = { left: { at: 0 } };

describe('whoever stops a staged leave', () => {
  const rows: [string, StagedState, RegExp, boolean][] = [
    ['before it began', state('suspend'), /its listeners may be suspended/, true],
    ['in the drain', state('drain'), /its listeners stay suspended/, true],
    ['in the disconnecting', state('disconnect'), /its listeners stay suspended/, true],
    ['before the -k', state('migrate'), /its listeners stay suspended/, true],
    ['after the -k', state('migrate', sent), /the broker goes on taking it out/, false],
    ['while it departs', state('depart', sent), /the broker goes on taking it out/, false],
    ['in the account', state('verify', sent), /it has left; its account is still to be taken/, false],
    ['while it is undone', state('restore'), /some of its listeners may be suspended still/, true],
  ];
  it.each(rows)('%s is told how it stands, and what can be done', (_name, from, told, canAbort) => {
    for (const failure of [interrupted(from), timeIsUp(from, look, 60_000, undefined)]) {
      expect(failure.message).toMatch(told);
      expect(failure.hint).toContain('vmqctl cluster leave node=c@h --staged --');
      expect(failure.hint?.includes('--abort')).toBe(canAbort);
    }
  });

  it('is told for how long it was watched, what was last seen, and where to look', () => {
    const leaver = { sessions: 3, queues: 7, queueOut: 0, serving: 0, listeners: 1, unserved: [] };
    const failure = timeIsUp(state('drain'), { ...look, leaver }, 61_000, 'b@h is suspended too');
    expect(failure.message).toMatch(
      /after 1 min 1 s.*3 sessions and 7 queues; it waits: b@h is suspended too/,
    );
    expect(failure.hint).toContain('vmqctl cluster show');
  });
});

describe('a journal that cannot be written', () => {
  it('ends the leave before the step that it was about, and says how the node stands', async () => {
    const [one, , three] = trio(await sandbox());
    const context = await contextFor([one]);
    const record = await begin(context, three, { grace: 60_000 });
    const write = context.store.write;
    context.store.write = async (given) => {
      if (given.phase === 'drain')
        throw new Failure('configuration', 'unwritable_file', 'cannot write: ENOSPC');
      return write(given);
    };
    const { thrown } = await follow(context, record);
    expect(thrown).toMatchObject({
      kind: 'configuration',
      code: 'unwritable_file',
      message: expect.stringMatching(/ENOSPC.*its listeners stay suspended/),
      hint: expect.stringContaining('--resume'),
    });
  });

  it('says nothing of steps that were not taken', () => {
    const full = new Failure('configuration', 'unwritable_file', 'cannot write: ENOSPC');
    expect(unsaved(full, state('suspend')).message).toMatch(/^cannot write: ENOSPC/);
  });
});

it('an account that is interrupted can be taken later, and says so', async () => {
  const [one, , three] = trio(await sandbox());
  three.fill({ queues: 2, messages: 1 });
  const stop = new AbortController();
  const context = await contextFor([one]);
  const { thrown } = await follow(
    { ...context, signal: stop.signal },
    await begin(context, three),
    { abort: false },
    (event) => event.type === 'phase' && event.phase === 'verify' && setTimeout(() => stop.abort(), 20),
  );
  expect(thrown).toMatchObject({
    kind: 'interrupted',
    message: expect.stringContaining('its account'),
    hint: expect.stringContaining('--resume'),
  });
});
