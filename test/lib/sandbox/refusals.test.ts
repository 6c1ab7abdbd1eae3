import { describe, expect, test } from 'vitest';
import {
  client,
  command,
  get,
  KILL,
  leave,
  pause,
  refusal,
  sandbox,
  statuses,
  trio,
  until,
  view,
} from './support.js';

const settles = (attempt: Promise<unknown>) =>
  Promise.race([
    attempt.then(
      () => true,
      () => true,
    ),
    pause(100).then(() => false),
  ]);

/** The code of the socket that a request failed with. */
async function socketError(attempt: Promise<unknown>): Promise<unknown> {
  const thrown = await attempt.then(
    () => null,
    (error: unknown) => error,
  );
  return (thrown as { cause?: { code?: string } } | null)?.cause?.code;
}

describe('a command that is refused', () => {
  test.each([
    ['crash', 500],
    ['unauthorized', 401],
    [{ text: 'Unknown error: no_target_available' }, 'Unknown error: no_target_available'],
  ] as const)('with %o is answered so, is not run, and others are', async (how, answer) => {
    const [one, two, three] = trio(await sandbox());
    one.refuse('cluster leave', how);
    expect(await leave(one, three)).toBe(answer);
    expect((await statuses(one))[three.name]?.listeners[0]?.status).toBe('running');
    expect(Object.keys(await view(one))).toHaveLength(3);
    expect(await leave(two, three)).toMatch(/^Done!/);
  });

  test('is refused as often as it is told to, or until it is accepted again', async () => {
    const [one] = trio(await sandbox());
    one.refuse('cluster', 'crash', 2);
    const asked = async () => await command(one, 'cluster/show');
    expect([await asked(), await asked()]).toEqual([500, 500]);
    expect(await asked()).toHaveLength(3);
    one.refuse('', 'unauthorized');
    expect([await asked(), await command(one, 'session/show')]).toEqual([401, 401]);
    one.accept('');
    expect(await asked()).toHaveLength(3);
  });

  test('is not taken for another one that begins with the same letters', async () => {
    const [one] = trio(await sandbox());
    one.refuse('session disconnect', 'crash');
    expect(await command(one, 'session/show')).toEqual([]);
    expect(await command(one, 'session/disconnect/batch?count=1')).toBe(500);
  });
});

test('an answer that comes late belongs to a command that has been run', async () => {
  const [one, , three] = trio(await sandbox());
  one.delay('cluster leave', 400);
  one.delay('/metrics', 400);
  const asked = leave(one, three);
  const metrics = get(one, '/metrics');
  expect([await settles(asked), await settles(metrics)]).toEqual([false, false]);
  expect((await statuses(three))[three.name]?.listeners[0]?.status).toBe('suspended');
  expect(await asked).toMatch(/^Done!/);
  expect((await metrics).status).toBe(200);
  one.delay('/metrics', 0);
  expect(await settles(get(one, '/metrics'))).toBe(true);
});

describe('a network that is cut', () => {
  test.each([
    ['refused', 'ECONNREFUSED'],
    ['reset', 'ECONNRESET'],
  ] as const)('%s: requests fail with %s, the node works on, and can be reached again', async (how, code) => {
    const [one, two] = trio(await sandbox());
    one.cut(how);
    expect(await socketError(get(one, '/health/ping'))).toBe(code);
    expect((await view(two))[one.name]).toBe(true);
    await client(one, 'at work');
    await one.mend();
    expect((await get(one, '/health/ping')).status).toBe(200);
  });

  test('hanging: requests and answers get through when it is mended', async () => {
    const [one, , three] = trio(await sandbox());
    three.fill({ queues: 5, messages: 1 });
    const reached = three.at('migrating', () => one.cut('hanging'));
    const leaving = leave(one, three, KILL);
    await reached;
    const asked = get(one, '/health/ping');
    await until(() => !three.isRunning);
    expect([await settles(leaving), await settles(asked)]).toEqual([false, false]);
    await one.mend();
    expect(await leaving).toBe('Done');
    expect((await asked).status).toBe(200);
  });

  test('in the middle of a leave: nobody hears of it, and it goes on', async () => {
    const [one, two, three] = trio(await sandbox());
    three.fill({ queues: 5, messages: 1 });
    const reached = three.at('migrating', () => one.cut('reset'));
    expect(await refusal(leave(one, three, KILL))).not.toBe('accepted');
    await reached;
    await until(() => !three.isRunning);
    await until(async () => Object.keys(await view(two)).length === 2);
  });

  test('stays cut when the node is started again behind it', async () => {
    const [one] = trio(await sandbox());
    one.cut();
    await one.kill();
    await one.restart();
    expect(await socketError(get(one, '/health/ping'))).toBe('ECONNREFUSED');
    await one.mend();
    expect((await get(one, '/health/ping')).status).toBe(200);
  });
});
