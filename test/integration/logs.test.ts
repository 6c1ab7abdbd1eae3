import { randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { systemClock } from '../../src/lib/clock.js';
import { readConfiguration } from '../../src/lib/conf/read.js';
import { LogSource } from '../../src/lib/logs/source.js';
import type { SshHost } from '../../src/lib/ssh/host.js';
import { connectHost } from '../../src/lib/ssh/ssh-hosts.js';
import { LogWriter } from '../lib/logs/writer.js';
import { type Sshd, startSshd } from '../support/sshd.js';

const MARK = `LOGS_TEST=${randomUUID()}`;

let sshd: Sshd;
let host: SshHost;
let log: LogWriter;
let stop: AbortController;
let reading: Promise<void>;
const seen: string[] = [];

beforeAll(async () => {
  sshd = await startSshd({ config: [`SetEnv ${MARK}`] });
});
afterAll(() => sshd.stop());
beforeEach(() => {
  host = connectHost(sshd.url, { home: sshd.home, environment: {} });
  log = new LogWriter('m');
  stop = new AbortController();
  seen.length = 0;
  reading = Promise.resolve();
});
afterEach(async () => {
  stop.abort();
  await reading.catch(() => undefined);
  host.close();
  log.remove();
});

const options = { node: 'n1', lines: undefined, follow: false, sudo: false, deadline: 10_000 };

function read(given: { follow?: boolean; since?: number; lines?: number }): Promise<void> {
  const source = new LogSource(host, { ...options, file: log.path, ...given }, systemClock, stop.signal);
  reading = (async () => {
    for await (const event of source.events())
      if (event.kind === 'records') seen.push(...event.records.map(({ message }) => message));
  })();
  return reading;
}

const shows = (messages: readonly string[]) =>
  vi.waitFor(() => expect(seen).toEqual(messages), { timeout: 15_000, interval: 50 });

test('a large log comes through sshd byte for byte', async () => {
  log.write(40_000);
  await read({ since: 3_600_000 });
  expect(seen).toEqual(log.messages);
});

test('a log that is followed survives that its connection is killed, and a rotation meanwhile', async () => {
  log.write(3);
  void read({ follow: true, lines: 10 });
  await shows(log.messages);
  await sshd.killConnections();
  log.write(2);
  log.rotate();
  log.write(2);
  await shows(log.messages);
  log.write(2);
  await shows(log.messages);
});

test('when it is told to end, nothing of it runs on over there', async () => {
  log.write(1);
  void read({ follow: true, lines: 10 });
  await shows(log.messages);
  await vi.waitFor(async () => expect(await running()).not.toEqual([]), 5000);
  stop.abort();
  await reading;
  await vi.waitFor(async () => expect(await running()).toEqual([]), { timeout: 5000, interval: 100 });
});

/** Processes that sshd has started for us, by what it puts into their environment. */
async function running(): Promise<string[]> {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const environments = ids.map((id) => readFile(`/proc/${id}/environ`, 'utf8').catch(() => ''));
  return (await Promise.all(environments)).flatMap((text, index) =>
    text.includes(MARK) ? (ids[index] ?? []) : [],
  );
}

test('the configuration comes through sshd, without its secrets', async () => {
  log.append('nodename = VerneMQ@127.0.0.1\ndistributed_cookie = top\n');
  const { vernemqConf, vmArgs } = await readConfiguration(host, { path: log.path, deadline: 10_000 });
  expect(vernemqConf.text).toBe('nodename = VerneMQ@127.0.0.1\ndistributed_cookie = ***\n');
  expect(vernemqConf.secrets.get('distributed_cookie')?.reveal()).toBe('top');
  expect(vmArgs).toBeNull();
});
