import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseLine } from '../../../src/lib/logs/record.js';
import { formatStamp, readStamp } from '../../../src/lib/logs/stamp.js';

describe('the line an entry begins with', () => {
  const T = '2026-11-22T10:29:45.460781+00:00';
  const time = Date.UTC(2026, 10, 22, 10, 29, 45) * 1000 + 460_781;

  test.each([
    [
      'with process and place',
      `${T} [info] <0.404.0> vmq_cluster_mon:handle_info/2:131: cluster node 'VerneMQ22@127.0.0.1' UP`,
      {
        time,
        level: 'info',
        pid: '<0.404.0>',
        module: 'vmq_cluster_mon',
        function: 'handle_info/2',
        line: 131,
        message: "cluster node 'VerneMQ22@127.0.0.1' UP",
      },
    ],
    [
      'without a place',
      `${T} [error] <0.9569.0>: ** Connection attempt rejected. **`,
      { time, level: 'error', pid: '<0.9569.0>', message: '** Connection attempt rejected. **' },
    ],
    ['without a process', `${T} [notice]: text`, { time, level: 'notice', message: 'text' }],
    [
      'from inside a fun',
      `${T} [warning] <0.1.0> vmq_x:'-init/1-fun-0-'/2:33: text: more`,
      {
        time,
        level: 'warning',
        pid: '<0.1.0>',
        module: 'vmq_x',
        function: "'-init/1-fun-0-'/2",
        line: 33,
        message: 'text: more',
      },
    ],
    ['of the simple template', `${T} error: text`, { time, level: 'error', message: 'text' }],
    [
      'of a release before 2.0, whose stamps have no zone',
      '2026-11-22 11:29:45.460 [info] <0.31.0>@vmq_ranch:accept:123 text',
      {
        time: time - 781,
        level: 'info',
        pid: '<0.31.0>',
        module: 'vmq_ranch',
        function: 'accept',
        line: 123,
        message: 'text',
      },
    ],
    [
      'in JSON',
      JSON.stringify({ time, level: 'info', pid: '<0.1.0>', mfa: ['m', 'f', 2], line: 7, msg: 'text' }),
      { time, level: 'info', pid: '<0.1.0>', module: 'm', function: 'f/2', line: 7, message: 'text' },
    ],
    ['with a level nobody knows', `${T} [loud] text`, { time, message: '[loud] text' }],
    ['with nothing after the stamp', T, { time, message: '' }],
  ])('%s', (_, line, expected) => {
    expect(parseLine(line, 60)).toEqual(expected);
  });

  test.each([
    '',
    '    in function vmq_x:f/1',
    '2026-11-22',
    '2026-13-22T10:29:45+00:00 [info] month 13',
    '2026-11-22T24:29:45+00:00 [info] hour 24',
    'x2026-11-22T10:29:45+00:00 [info] not at the beginning',
    '2026-11-22T10:29:45+00:00x [info] something stuck to it',
    '{"level":"info","msg":"no time"}',
    '{"time":"soon"}',
    '{a,tuple}',
    '{',
    '\u0000\u0001\ufffd',
  ])('%j begins none', (line) => {
    expect(parseLine(line, 0)).toBeUndefined();
  });

  test('every line recorded from real brokers is read in full', () => {
    const lines = ['splitview.json', 'splitview-2.2.0.json'].flatMap((name) => {
      const text = readFileSync(new URL(`../../golden/${name}`, import.meta.url), 'utf8');
      return [...text.matchAll(/"(\d{4}-\d\d-\d\dT[^"\\]*\[[a-z]+\][^"\\]*)"/g)].map(([, line = '']) => line);
    });
    expect(lines.length).toBeGreaterThan(20);
    const parsed = lines.map((line) => parseLine(line, 0));
    for (const parts of parsed)
      expect(parts).toMatchObject({
        time: expect.any(Number),
        level: expect.stringMatching(/^(info|warning|notice|error)$/),
        pid: expect.stringMatching(/^<[\d.]+>$/),
        message: expect.stringMatching(/^[^\s:]/),
      });
    // OTP's own warnings, as of overlapping partitions, do not tell where they are from.
    const placed = parsed.filter((parts) => parts?.module !== undefined);
    expect(placed.length).toBeGreaterThan(lines.length / 2);
    for (const parts of placed)
      expect(parts).toMatchObject({
        module: expect.stringMatching(/^[a-z]\w+$/),
        function: expect.stringMatching(/^\w+\/\d$/),
      });
  });
});

describe('a time stamp', () => {
  test.each([
    ['2026-11-22T10:00:00Z x', 0, '2026-11-22T10:00:00.000000Z'],
    ['2026-11-22T10:00:00.5+01:00 x', 0, '2026-11-22T09:00:00.500000Z'],
    ['2026-11-22T10:00:00.123456789-0330 x', 0, '2026-11-22T13:30:00.123456Z'],
    ['2026-11-22 10:00:00,250 x', 120, '2026-11-22T08:00:00.250000Z'],
    ['2026-12-31T23:59:60Z x', 0, '2027-01-01T00:00:00.000000Z'],
  ])('%s', (text, zone, utc) => {
    expect(formatStamp(readStamp(text, zone)?.time ?? 0)).toBe(utc);
  });
});
