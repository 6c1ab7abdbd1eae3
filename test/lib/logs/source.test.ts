import { rmSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { systemClock } from '../../../src/lib/clock.js';
import { LogSource, type SourceOptions } from '../../../src/lib/logs/source.js';
import { LocalHost } from './local-host.js';
import { LogWriter } from './writer.js';

let log: LogWriter;
let host: LocalHost;
let stop: AbortController;
let reading: Promise<void> | undefined;
const seen: string[] = [];
const warnings: string[] = [];
let isLive = false;
let lost = 0;

beforeEach(() => {
  log = new LogWriter('m');
  host = new LocalHost('ssh://n1');
  stop = new AbortController();
  seen.length = 0;
  warnings.length = 0;
  isLive = false;
  lost = 0;
});
afterEach(async () => {
  stop.abort();
  await reading?.catch(() => undefined);
  reading = undefined;
  expect(host.running).toBe(0);
  log.remove();
});

const defaults: SourceOptions = { node: 'n1', lines: 10_000, follow: false, sudo: false, deadline: 10_000 };

function read(options: Partial<SourceOptions> = {}): Promise<void> {
  const source = new LogSource(host, { ...defaults, file: log.path, ...options }, systemClock, stop.signal);
  reading = (async () => {
    for await (const event of source.events()) {
      if (event.kind === 'records') seen.push(...event.records.map(({ message }) => message));
      if (event.kind === 'warning') warnings.push(event.text);
      if (event.kind === 'live') isLive = true;
      if (event.kind === 'lost') lost += 1;
    }
  })();
  return reading;
}

const follow = async (options: Partial<SourceOptions> = {}) => {
  void read({ follow: true, ...options }).catch(() => undefined);
  await vi.waitFor(() => expect(isLive).toBe(true), 5000);
};
const shows = (messages: readonly string[]) =>
  vi.waitFor(() => expect(seen).toEqual(messages), { timeout: 8000, interval: 20 });

describe('a log that is read', () => {
  test('--lines gives the last ones that are asked for, and finds them however far back they are', async () => {
    log.write(1, { level: 'error' });
    log.write(5000);
    log.write(2, { level: 'error' });
    log.write(5000);
    await read({ lines: 3, level: 'error' });
    expect(seen).toEqual(['m-1', 'm-5002', 'm-5003']);
  });

  test('--lines goes back into the file before a rotation', async () => {
    log.write(5);
    log.rotate();
    log.write(2);
    await read({ lines: 4 });
    expect(seen).toEqual(['m-4', 'm-5', 'm-6', 'm-7']);
  });

  test('--lines fetches only the end of a large file', async () => {
    log.write(50_000);
    await read({ lines: 3 });
    expect(seen).toEqual(log.messages.slice(-3));
    expect(host.received).toBeLessThan(50_000);
  });

  test('--since counts by the clock of the node, and fetches only what it needs of a large file', async () => {
    log.remove();
    log = new LogWriter('m', Date.now() - 3_600_000);
    log.write(100_000, { step: 36 });
    await read({ lines: undefined, since: 60_000 });
    const count = Math.round(60_000 / 36);
    expect(seen.length).toBeGreaterThan(count - 300);
    // The host's clock is told in whole seconds.
    expect(seen.length).toBeLessThanOrEqual(count + 1000 / 36);
    expect(seen).toEqual(log.messages.slice(-seen.length));
    expect(host.received).toBeLessThan(1_500_000);
  });

  test('--since goes through the files before a rotation', async () => {
    log.remove();
    log = new LogWriter('m', Date.now() - 10_000);
    for (const entries of [100, 100, 100]) {
      log.write(entries, { step: 30 });
      if (log.messages.length < 300) log.rotate();
    }
    await read({ lines: undefined, since: 3_600_000 });
    expect(seen).toEqual(log.messages);
  });

  test('--since finds its place between lines longer than a probe, and garbage', async () => {
    log.remove();
    log = new LogWriter('m', Date.now() - 100_000);
    for (let index = 0; index < 20; index += 1) {
      log.write(1, { step: 5000 });
      log.append(Buffer.alloc(300_000, index % 2 === 0 ? 'x' : Buffer.from([0xff, 0x00, 0x0a, 0x80])));
      log.append('\n');
    }
    await read({ lines: undefined, since: 30_000 });
    const firsts = seen
      .map((message) => message.split('\n')[0])
      .filter((message) => message?.startsWith('m-'));
    expect(firsts.slice(-5)).toEqual(log.messages.slice(-5));
    expect(firsts.length).toBeLessThanOrEqual(7);
  });

  describe('with rotated files that are compressed', () => {
    const compressed = expect.stringMatching(
      /^n1: compressed logs are not read.*: \/\S+console\.log\.1\.gz\.$/,
    );
    beforeEach(() => {
      log.remove();
      log = new LogWriter('m', Date.now() - 60_000);
      log.write(5, { step: 10_000 });
      writeFileSync(`${log.path}.1.gz`, Buffer.from([0x1f, 0x8b, 0x08, 0x00]));
    });

    test.each([
      ['--since that goes back further', { lines: undefined, since: 3_600_000 }],
      ['--since without any entry left', { lines: undefined, since: 3_600_000, level: 'error' as const }],
      ['more lines than there are', { lines: 6 }],
    ])('%s says so', async (_what, options) => {
      await read(options);
      expect(warnings).toEqual([compressed]);
    });

    test.each([
      ['--since of which all is there', { lines: undefined, since: 35_000 }],
      ['as many lines as there are', { lines: 5 }],
    ])('%s does not', async (_what, options) => {
      await read(options);
      expect(seen.length).toBeGreaterThan(0);
      expect(warnings).toEqual([]);
    });
  });

  test('an empty log has no lines', async () => {
    writeFileSync(log.path, '');
    await read();
    await read({ lines: undefined, since: 60_000 });
    expect(seen).toEqual([]);
  });

  test('a log that is not there is said to be missing', async () => {
    await expect(read()).rejects.toMatchObject({ kind: 'configuration', code: 'log_not_found' });
  });

  test('a connection that is lost half-way is made again, and no line comes twice or is missing', async () => {
    log.write(30_000);
    host.fault = (run) => (run === 4 || run === 5 ? 'lost-after' : 'none');
    await read({ lines: undefined, since: 3_600_000 });
    expect(seen).toEqual(log.messages);
    expect(lost).toBe(2);
  });

  test('a host that does not come back is given up', async () => {
    log.write(30_000);
    host.fault = (run) => (run > 3 ? 'refused' : 'none');
    await expect(read({ lines: undefined, since: 3_600_000 })).rejects.toMatchObject({ kind: 'unreachable' });
    expect(seen).toEqual(log.messages.slice(0, seen.length));
  });

  test('a host that is not there at first is not asked twice', async () => {
    host.fault = () => 'refused';
    await expect(read()).rejects.toMatchObject({ kind: 'unreachable' });
    expect(host.runs).toBe(1);
  });

  test('a host that stalls is given up after the deadline', async () => {
    log.write(10);
    host.fault = () => 'stalled';
    await expect(read({ deadline: 50 })).rejects.toMatchObject({ code: 'ssh_deadline' });
  });
});

describe('a log that is followed', () => {
  test('begins with the last lines, and goes on with what is written', async () => {
    log.write(20);
    await follow({ lines: 2 });
    log.write(2);
    await shows(['m-19', 'm-20', 'm-21', 'm-22']);
    log.append('  a line of its own\n');
    await shows(['m-19', 'm-20', 'm-21', 'm-22', '  a line of its own']);
  });

  test('begins with nothing where no lines are asked for', async () => {
    log.write(20);
    await follow({ lines: 0 });
    log.write(1);
    await shows(['m-21']);
  });

  test('ends when it is told, with the remote command', async () => {
    log.write(1);
    await follow();
    await vi.waitFor(() => expect(host.running).toBe(1));
    stop.abort();
    await reading;
    expect(host.running).toBe(0);
  });

  test('goes on in the new file when the old one is renamed', async () => {
    log.write(3);
    await follow();
    log.write(3);
    log.rotate();
    log.write(3);
    await shows(log.messages);
    log.rotate();
    await shows(log.messages);
    log.write(3);
    await shows(log.messages);
    expect(warnings).toEqual([]);
  });

  test('misses nothing of several rotations while the connection is away', async () => {
    log.write(3);
    await follow();
    await shows(log.messages);
    let away = true;
    host.fault = () => (away ? 'refused' : 'none');
    log.write(2);
    await vi.waitFor(() => expect(lost).toBeGreaterThan(0), 5000);
    for (let rotation = 0; rotation < 3; rotation += 1) {
      log.rotate();
      log.write(2);
    }
    away = false;
    await shows(log.messages);
    expect(warnings).toEqual([]);
  });

  test('misses nothing when the file is copied and truncated', async () => {
    log.write(3);
    await follow();
    log.write(3);
    log.copyAndTruncate();
    log.write(1);
    await shows(log.messages);
    log.write(1);
    await shows(log.messages);
    expect(warnings).toEqual([]);
  });

  test('says so when the old file is gone for good, and goes on with the new one', async () => {
    log.write(3);
    await follow();
    rmSync(log.path);
    log.write(2);
    await shows(log.messages);
    expect(warnings).toEqual([expect.stringContaining('lines may be missing')]);
  });

  test('waits for a file that was removed, and is not yet there again', async () => {
    log.write(3);
    await follow();
    log.rotate();
    await new Promise((resolve) => setTimeout(resolve, 400));
    log.write(2);
    await shows(log.messages);
    expect(warnings).toEqual([]);
  });

  test('goes on where it was when the connection was lost while half of a read had arrived', async () => {
    log.write(3);
    await follow();
    await shows(log.messages);
    host.fault = (run) => (run % 2 === 0 ? 'lost-after' : 'none');
    for (let round = 0; round < 3; round += 1) {
      log.write(2000);
      await shows(log.messages);
    }
    expect(warnings).toEqual([]);
  });
});

test('warns of a clock that is off', async () => {
  log.write(1);
  const clock = { ...systemClock, now: () => Date.now() - 60_000 };
  const source = new LogSource(host, { ...defaults, file: log.path }, clock, stop.signal);
  const texts = [];
  for await (const event of source.events()) if (event.kind === 'warning') texts.push(event.text);
  expect(texts).toEqual([expect.stringMatching(/n1: its clock is (59|60|61) s ahead/)]);
});
