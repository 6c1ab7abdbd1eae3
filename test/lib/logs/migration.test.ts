import { expect, test, vi } from 'vitest';
import { systemClock } from '../../../src/lib/clock.js';
import { isMigration, migrationLog } from '../../../src/lib/logs/migration.js';
import { LocalHost } from './local-host.js';
import { LogWriter } from './writer.js';

test.each([
  ['all queues offline: 0 draining, 12 offline, 340 msgs', true],
  ['intermediate queue summary: 3 online, 0 wait_for_offline, 2 draining, 7 offline, 340 msgs', true],
  ["can't drain queue '{[],<<\"c\">>}' for [<0.1.0>][<1.2.0>] due to timeout", true],
  ['drain queue \'{[],<<"c">>}\' for [<0.1.0>][<1.2.0>] remote_enqueue failed due to noproc', true],
  [
    'can\'t migrate the queue[<0.1.0>] for subscriber {[],<<"c">>} due to no responsible remote node found',
    true,
  ],
  ['dead queues summary: 3 queues fixed', true],
  ["cluster node 'VerneMQ2@127.0.0.1' DOWN", true],
  ["cluster node 'vmq1_maint_760@127.0.0.1' UP", false],
  ["connection to node 'VerneMQ3@127.0.0.1' has been closed, reconnect in 1000ms", true],
  ['can\'t authenticate client {[],<<"c">>} due to invalid_credentials', false],
  ['Opening LevelDB SWC database at "./data/swc_meta/meta1"', false],
  ['terminate due to remote_node_not_available', false],
])('%s: %s', (message, expected) => {
  expect(isMigration({ message })).toBe(expected);
});

test("a leaver's log gives its migration from now on, until it is told to end, with what is said last", async () => {
  const log = new LogWriter('m');
  const entry = (message: string) =>
    `${new Date().toISOString()} [info] <0.1.0> vmq_server_cli:wait_till_all_offline/2:509: ${message}\n`;
  log.append(entry('all queues offline: 0 draining, 1 offline, 1 msgs'));
  const stop = new AbortController();
  const host = new LocalHost('ssh://n1');
  const seen: string[] = [];
  const options = { node: 'n1', file: log.path, sudo: false, deadline: 5000, clock: systemClock };
  const following = (async () => {
    for await (const event of migrationLog(host, options, stop.signal))
      if (event.kind === 'records') seen.push(...event.records.map(({ message }) => message));
  })();
  await vi.waitFor(() => expect(host.runs).toBeGreaterThan(1));
  log.append(
    entry('intermediate queue summary: 3 online, 0 wait_for_offline, 2 draining, 7 offline, 340 msgs'),
  );
  log.append(entry('something else'));
  log.append(entry('all queues offline: 0 draining, 12 offline, 340 msgs'));
  await vi.waitFor(() => expect(seen).toHaveLength(2), 5000);
  stop.abort();
  await following;
  expect(seen).toEqual([
    'intermediate queue summary: 3 online, 0 wait_for_offline, 2 draining, 7 offline, 340 msgs',
    'all queues offline: 0 draining, 12 offline, 340 msgs',
  ]);
  expect(host.running).toBe(0);
  log.remove();
});
