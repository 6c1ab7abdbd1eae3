import { describe, expect, it } from 'vitest';
import type { LeaveEvent, LeaveReport } from '../../../../src/lib/cluster/leave/events.js';
import type { LeavePlan } from '../../../../src/lib/cluster/leave/preflight.js';
import {
  type MigrationLog,
  occasionOfLeave,
  withMigrationLog,
} from '../../../../src/lib/cluster/leave/with-log.js';
import { Failure } from '../../../../src/lib/failure.js';
import type { MigrationEvent } from '../../../../src/lib/logs/migration.js';
import { FakeClock } from '../../../support/fake-clock.js';

const REPORT = { node: 'c@h' } as LeaveReport;
const planned = (path: LeavePlan['path'] = 'migrate'): LeaveEvent => ({
  type: 'planned',
  plan: { path, target: { name: 'c@h', address: 'ssh://h' } } as LeavePlan,
});
const sent: LeaveEvent = { type: 'sent', coordinator: 'ssh://a', again: false };
const records = (...texts: string[]): MigrationEvent => ({
  kind: 'records',
  records: texts.map((text) => ({ node: 'c@h', time: undefined, message: text, text })),
});
const unreachable = new Failure('unreachable', 'ssh_lost', 'ssh://h: it was closed');

async function* leaveOf(...events: (LeaveEvent | Promise<unknown> | Error)[]) {
  for (const event of events) {
    if (event instanceof Error) throw event;
    if (event instanceof Promise) await event;
    else yield event;
  }
  return REPORT;
}

/** A log that says these and then waits until it is told to end. */
const logOf = (...events: (MigrationEvent | Failure)[]) =>
  async function* (_: string | null, signal: AbortSignal): MigrationLog {
    for (const event of events) {
      if (event instanceof Failure) throw event;
      yield event;
    }
    await new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      signal.addEventListener('abort', () => resolve());
    });
    yield records('said last');
  };

async function told(leave: AsyncGenerator<LeaveEvent, LeaveReport>, open = logOf({ kind: 'reached' })) {
  const events: string[] = [];
  const generator = withMigrationLog(leave, { open, occasionOf: occasionOfLeave, clock: new FakeClock() });
  try {
    for (;;) {
      const next = await generator.next();
      if (next.done) return { events, report: next.value };
      const event = next.value;
      if (event.type === 'log') events.push(`log: ${event.record.text}`);
      else events.push(event.type === 'warning' ? `warning: ${event.message}` : event.type);
    }
  } catch (thrown) {
    return { events, thrown };
  }
}

const soon = () => new Promise((resolve) => setTimeout(resolve, 20));

describe("a leave with the leaving node's log", () => {
  it('has the lines between its events, the last ones too, and its report', async () => {
    const log = logOf({ kind: 'reached' }, records('one', 'two'));
    expect(await told(leaveOf(planned(), soon(), sent, soon()), log)).toEqual({
      events: ['planned', 'log: one', 'log: two', 'sent', 'log: said last'],
      report: REPORT,
    });
  });

  it('is sent only once the log is being read', async () => {
    let isSent = false;
    const seen: boolean[] = [];
    const leave = (async function* (): AsyncGenerator<LeaveEvent, LeaveReport> {
      yield planned();
      isSent = true;
      yield sent;
      return REPORT;
    })();
    const open = async function* (): MigrationLog {
      await soon();
      seen.push(isSent);
      yield { kind: 'reached' };
    };
    expect((await told(leave, open)).report).toBe(REPORT);
    expect(seen).toEqual([false]);
  });

  it.each([
    ['cannot be reached', logOf({ kind: 'lost', failure: unreachable })],
    ['cannot be read', logOf(new Failure('configuration', 'log_not_found', 'ssh://h: no log'))],
  ])('is not sent when the log %s', async (_, open) => {
    let wentOn = false;
    const leave = (async function* (): AsyncGenerator<LeaveEvent, LeaveReport> {
      yield planned();
      wentOn = true;
      return REPORT;
    })();
    const { thrown, events } = await told(leave, open);
    expect(events).toEqual(['planned']);
    expect(thrown).toMatchObject({
      message: expect.stringMatching(/^nothing was sent, because its log cannot be shown: ssh:\/\/h: /),
      hint: expect.stringContaining('leave --logs out'),
    });
    expect(wentOn).toBe(false);
  });

  it('that was sent before goes on without a log that cannot be read', async () => {
    const resumed: LeaveEvent = { type: 'resumed', sentAt: 0, message: 'picked up', leaver: 'ssh://h' };
    const open = () => {
      throw new Failure('usage', 'no_ssh_node', 'http://h:8888 does not tell how to get to its host');
    };
    expect(await told(leaveOf(resumed, sent), open)).toEqual({
      events: [
        'resumed',
        'warning: its log is not shown: http://h:8888 does not tell how to get to its host',
        'sent',
      ],
      report: REPORT,
    });
  });

  it('goes on when the log is lost, and is told when it ends for good', async () => {
    const denied = new Failure('credentials', 'ssh_denied', 'ssh://h refuses the login');
    const log = logOf({ kind: 'reached' }, { kind: 'lost', failure: unreachable }, denied);
    expect(await told(leaveOf(planned(), soon(), sent, soon()), log)).toEqual({
      events: [
        'planned',
        'warning: ssh://h: it was closed; trying again',
        'warning: its log is no longer shown: ssh://h refuses the login',
        'sent',
      ],
      report: REPORT,
    });
  });

  it('that fails ends the log', async () => {
    const stalled = new Failure('failed', 'leave_stalled', 'nothing has moved');
    let signal: AbortSignal | undefined;
    const open = (leaver: string | null, until: AbortSignal) => {
      signal = until;
      return logOf({ kind: 'reached' })(leaver, until);
    };
    expect((await told(leaveOf(planned(), soon(), stalled), open)).thrown).toBe(stalled);
    expect(signal?.aborted).toBe(true);
  });

  it('in which nothing migrates reads no log', async () => {
    const open = () => expect.fail('no log is wanted');
    expect((await told(leaveOf(planned('suspend')), open)).events).toEqual(['planned']);
    expect((await told(leaveOf(planned('remove')), open)).events).toEqual(['planned']);
  });

  it('whose reader goes away ends the leave and the log', async () => {
    let signal: AbortSignal | undefined;
    const open = (leaver: string | null, until: AbortSignal) => {
      signal = until;
      return logOf({ kind: 'reached' })(leaver, until);
    };
    const leave = leaveOf(planned(), sent, soon());
    const generator = withMigrationLog(leave, { open, occasionOf: occasionOfLeave, clock: new FakeClock() });
    await generator.next();
    await generator.next();
    await generator.return(REPORT);
    expect(signal?.aborted).toBe(true);
    expect((await leave.next()).done).toBe(true);
  });
});
