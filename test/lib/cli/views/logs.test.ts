import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { logDrawer, logJson } from '../../../../src/lib/cli/views/logs.js';
import { parseLine } from '../../../../src/lib/logs/record.js';

const T = '2026-11-22T10:29:45.460781+00:00';
function record(node: string, text: string) {
  const parts = parseLine(text, 0);
  return { node, time: undefined, message: text, text, ...parts };
}

test('every line has its node in front, those of a stack trace too', async () => {
  const draw = await logDrawer({ nodes: ['n1', 'node2'], colour: false, aligned: false });
  expect(draw([record('n1', `${T} [error]: crash\n  in f/1`), record('node2', `${T} [info]: x`)])).toBe(
    `n1 | ${T} [error]: crash\nn1 |   in f/1\nnode2 | ${T} [info]: x\n`,
  );
});

test('for eyes the names are as wide as the widest, and each node has a colour of its own', async () => {
  const draw = await logDrawer({ nodes: ['n1', 'node2'], colour: true, aligned: true });
  const [one = '', two = ''] = draw([
    record('n1', `${T} [info]: x`),
    record('node2', `${T} [error]: x`),
  ]).split('\n');
  expect(stripVTControlCharacters(one)).toBe(`n1    │ ${T} [info]: x`);
  expect(one.slice(0, 5)).toMatch(/^\p{Cc}\[\d\dm$/u);
  expect(one.slice(0, 5)).not.toBe(two.slice(0, 5));
  expect(two).toContain('\u001b[31m');
});

test('nothing in a log or a name steers the terminal', async () => {
  const evil = '\u001b[2J\u0007\u009b1m\r\u202e';
  for (const colour of [true, false]) {
    const draw = await logDrawer({ nodes: [evil], colour, aligned: true });
    const text = draw([record(evil, `${T} [info]: ${evil}\n${evil}`)]).replaceAll(/\p{Cc}\[\d\d?m/gu, '');
    expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202e]/u);
    expect(text).toContain('\\u001b[2J\\u0007\\u009b1m\\u000d\\u202e');
  }
});

test('as JSON, an entry is one line with its parts, and time in UTC', () => {
  const line = '2026-11-22T10:29:45.460781+01:00 [info] <0.4.0> vmq_x:f/2:131: cluster\n more';
  const text = logJson(record('n1', line));
  expect(text.split('\n')).toHaveLength(2);
  expect(JSON.parse(text)).toEqual({
    schema: 'vmqctl.log-record/1',
    node: 'n1',
    time: '2026-11-22T09:29:45.460781Z',
    level: 'info',
    pid: '<0.4.0>',
    module: 'vmq_x',
    function: 'f/2',
    line: 131,
    message: 'cluster\n more',
  });
  expect(JSON.parse(logJson(record('n1', 'garbage')))).toMatchObject({
    time: null,
    level: null,
    message: 'garbage',
  });
});
