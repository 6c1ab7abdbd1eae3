import { describe, expect, test } from 'vitest';
import { Failure } from '../../../src/lib/failure.js';
import { type LogEvent, mergeLogs, type NodeReport, type Source } from '../../../src/lib/logs/merge.js';
import { readLogs } from '../../../src/lib/logs/operation.js';
import type { LogRecord } from '../../../src/lib/logs/record.js';
import type { SourceEvent } from '../../../src/lib/logs/source.js';
import { FakeClock } from '../../support/fake-clock.js';
import { LocalHost } from './local-host.js';
import { LogWriter } from './writer.js';

const records = (node: string, ...times: number[]): SourceEvent => ({
  kind: 'records',
  records: times.map((time): LogRecord => ({ node, time, message: '', text: '' })),
});
const REACHED: SourceEvent = { kind: 'reached' };
const LIVE: SourceEvent = { kind: 'live' };
const away = () => new Failure('unreachable', 'ssh_lost', 'n2: away');

type Step = SourceEvent | Failure | number | 'hang';

/** Does these things one after the other; a number is a pause in milliseconds. */
const source = (node: string, clock: FakeClock, steps: readonly Step[]): Source => ({
  node,
  async *events(signal) {
    for (const step of steps) {
      if (signal.aborted) return;
      if (step instanceof Failure) throw step;
      if (step === 'hang')
        await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
      else if (typeof step === 'number') await clock.sleep(step, signal);
      else yield step;
    }
  },
});

async function run(build: (clock: FakeClock) => Source[], stop = new AbortController().signal) {
  const clock = new FakeClock();
  const events: LogEvent[] = [];
  const merging = mergeLogs(build(clock), clock, stop);
  for (;;) {
    const next = await merging.next();
    if (next.done) return { events, reports: next.value, shown: shown(events) };
    events.push(next.value);
  }
}

const shown = (events: readonly LogEvent[]) =>
  events
    .flatMap((event) => (event.kind === 'records' ? event.records : []))
    .map(({ node, time }) => `${node}:${time}`)
    .join(' ');
const warned = (events: readonly LogEvent[]) =>
  events.flatMap((event) => (event.kind === 'warning' ? [event.text] : []));

describe('logs of several nodes', () => {
  test('come out in the order of time, however slowly one of them comes', async () => {
    const { shown } = await run((clock) => [
      source('a', clock, [REACHED, records('a', 1, 4), records('a', 5)]),
      source('b', clock, [REACHED, 30_000, records('b', 2), 30_000, records('b', 3, 6)]),
    ]);
    expect(shown).toBe('a:1 b:2 b:3 a:4 a:5 b:6');
  });

  test('a node that is not reached is warned of and reported, and the others go on', async () => {
    const { shown, reports, events } = await run((clock) => [
      source('a', clock, [REACHED, records('a', 1)]),
      source('b', clock, [away()]),
    ]);
    expect(shown).toBe('a:1');
    expect(reports).toMatchObject([
      { node: 'a', reached: true, failure: undefined },
      { node: 'b', reached: false, failure: { code: 'ssh_lost' } },
    ]);
    expect(warned(events)).toEqual([expect.stringContaining('n2: away')]);
  });

  test('a node that goes away while it is followed is told once, and again when it is back', async () => {
    const stop = new AbortController();
    const lost: SourceEvent = { kind: 'lost', failure: away() };
    const result = run(
      (clock) => [
        source('a', clock, [REACHED, LIVE, 100, records('a', 1), 5000, records('a', 3), 'hang']),
        source('b', clock, [REACHED, LIVE, lost, 100, lost, 2000, REACHED, records('b', 2), 9000, 'hang']),
        { node: 'c', events: () => closing(stop, 20_000) },
      ],
      stop.signal,
    );
    const { shown, events, reports } = await result;
    expect(shown).toBe('a:1 b:2 a:3');
    expect(warned(events)).toEqual(['n2: away; trying again.', 'b: connected again.']);
    expect(reports[1]).toMatchObject({ reached: true, failure: undefined });
  });

  test('a node that stalls before its first line holds the others up only until it fails', async () => {
    const { shown, reports } = await run((clock) => [
      source('a', clock, [REACHED, records('a', 1), 1, records('a', 2)]),
      source('b', clock, [REACHED, 15_000, away()]),
    ]);
    expect(shown).toBe('a:1 a:2');
    expect(reports[1]).toMatchObject({ reached: true, failure: { code: 'ssh_lost' } });
  });

  test('ends when no node was ever reached, although all would try on', async () => {
    const { reports } = await run((clock) => [
      source('a', clock, [{ kind: 'lost', failure: away() }, 'hang']),
      source('b', clock, [away()]),
    ]);
    expect(reports.map(({ reached }: NodeReport) => reached)).toEqual([false, false]);
  });

  test('what is held back still comes out when it is told to end', async () => {
    const stop = new AbortController();
    const { shown } = await run(
      (clock) => [
        source('a', clock, [REACHED, LIVE, records('a', 1), 'hang']),
        source('b', clock, [REACHED, LIVE, 'hang']),
        { node: 'c', events: () => closing(stop, 0) },
      ],
      stop.signal,
    );
    expect(shown).toBe('a:1');
  });

  test('a reader that is slow is not read ahead of, beyond a bound', async () => {
    const clock = new FakeClock();
    let produced = 0;
    const endless: Source = {
      node: 'a',
      async *events() {
        yield REACHED;
        for (;;) {
          produced += 500;
          yield records('a', ...Array.from({ length: 500 }, (_, index) => produced + index));
        }
      },
    };
    const merging = mergeLogs([endless], clock, new AbortController().signal);
    let taken = 0;
    for (let batch = 0; batch < 20; batch += 1) {
      const next = await merging.next();
      if (!next.done && next.value.kind === 'records') taken += next.value.records.length;
      await new Promise((resolve) => setImmediate(resolve));
      expect(produced - taken).toBeLessThan(4096 + 1000);
    }
    await merging.return([]);
    expect(taken).toBeGreaterThan(4000);
  });

  test('a mistake of ours is not taken for a failure of the host', async () => {
    const broken: Source = {
      node: 'a',
      // biome-ignore lint/correctness/useYield: it fails before
      async *events() {
        throw new TypeError('a mistake');
      },
    };
    await expect(run(() => [broken])).rejects.toThrow('a mistake');
  });
});

/** Aborts after a moment, and ends. */
async function* closing(stop: AbortController, milliseconds: number): AsyncGenerator<SourceEvent> {
  yield REACHED;
  yield LIVE;
  await new Promise((resolve) => setTimeout(resolve, Math.min(milliseconds, 200)));
  stop.abort();
}

describe('real files', () => {
  const options = { lines: 100, follow: false, sudo: false, deadline: 5000 };
  const never = new AbortController().signal;

  test('of three nodes are merged, and a clock that is skewed loses nothing', async () => {
    const start = Date.now() - 60_000;
    const logs = [
      new LogWriter('a', start),
      new LogWriter('b', start + 1),
      new LogWriter('c', start + 7_200_000),
    ];
    for (const log of logs) log.write(30, { step: 2 });
    const nodes = logs.map(({ path }, index) => ({ node: `n${index}`, host: hostOf(path) }));
    const { messages, reports } = await collect(readLogs(nodes, options, realClock, never));
    const [a, b, c] = logs.map(({ messages }) => messages);
    expect(messages.slice(0, 60)).toEqual(a?.flatMap((message, index) => [message, b?.[index]]));
    expect(messages.slice(60)).toEqual(c);
    expect(reports.every(({ failure }) => failure === undefined)).toBe(true);
    for (const log of logs) log.remove();
  });

  test('none of which can be read is a failure of the kind that they have in common', async () => {
    const refused = hostOf('/nowhere');
    refused.fault = () => 'refused';
    const missing = hostOf('/nowhere');
    await expect(
      collect(readLogs([{ node: 'a', host: refused }], options, realClock, never)),
    ).rejects.toMatchObject({
      kind: 'unreachable',
    });
    await expect(
      collect(readLogs([{ node: 'a', host: missing }], { ...options, file: '/nowhere' }, realClock, never)),
    ).rejects.toMatchObject({ kind: 'configuration', code: 'log_not_found' });
    await expect(
      collect(
        readLogs(
          [
            { node: 'a', host: missing },
            { node: 'b', host: refused },
          ],
          { ...options, file: '/nowhere' },
          realClock,
          never,
        ),
      ),
    ).rejects.toMatchObject({ kind: 'unreachable' });
  });
});

const realClock = {
  now: () => Date.now(),
  sleep: (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds)),
};

/** A host whose vernemq.conf, so to speak, names this log. */
function hostOf(path: string): LocalHost {
  const host = new LocalHost(`ssh://${path}`);
  const run = host.run.bind(host);
  host.run = (line, given) =>
    run(line, { ...given, input: given?.input?.replace(/^LOGS=.*$/m, `LOGS=${path}`) });
  return host;
}

async function collect(merging: ReturnType<typeof readLogs>) {
  const messages: string[] = [];
  for (;;) {
    const next = await merging.next();
    if (next.done) return { messages, reports: next.value };
    if (next.value.kind === 'records') messages.push(...next.value.records.map(({ message }) => message));
  }
}
