import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../../../src/lib/clock.js';
import { readSigns } from '../../../../src/lib/cluster/check/log-probe.js';
import { LocalHost } from '../../logs/local-host.js';

/** As a broker writes it (2.1.2). */
const line = (secondsAgo: number, text: string) =>
  `${new Date(Date.now() - secondsAgo * 1000).toISOString().replace('Z', '000+00:00')} [warning] <0.754.0> ${text}\n`;

async function signsOf(...lines: string[]) {
  const folder = await mkdtemp(join(tmpdir(), 'vmqctl-signs-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, 'console.log');
  await writeFile(file, lines.join(''));
  const options = { file, sudo: false, deadline: 5000 };
  return readSigns('a@h1', new LocalHost('h1'), options, systemClock, new AbortController().signal);
}

const REFUSED =
  "vmq_cluster_node:connect_async/2:366: can't connect to cluster node 'b@h2' due to econnrefused";
const CONNECTED = "vmq_cluster_node:handle_message/2:220: successfully connected to cluster node 'b@h2'";

it('reads what a log said of its links in the last minute, and not what is older', async () => {
  const { failed, turnedAway } = await signsOf(
    line(300, REFUSED),
    line(20, REFUSED),
    line(10, REFUSED),
    line(5, 'vmq_cluster_com:loop/1:103: terminate due to remote_node_not_available'),
  );
  expect([...failed]).toEqual([['b@h2', { why: 'refused', times: 2 }]]);
  expect(turnedAway).toBe(1);
});

it('forgets a failure that is over', async () => {
  const { failed } = await signsOf(line(20, REFUSED), line(10, CONNECTED));
  expect([...failed]).toEqual([]);
});
