import { describe, expect, test } from 'vitest';
import { shortNames } from '../../../src/lib/logs/hosts.js';
import { type LogFlags, logRequest } from '../../../src/lib/logs/request.js';
import { selects } from '../../../src/lib/logs/selection.js';

const request = (flags: Partial<LogFlags>) => logRequest({ follow: false, ...flags });

describe('what is asked for', () => {
  test.each([
    [{}, { lines: 100, since: undefined }],
    [{ follow: true }, { lines: 10, follow: true }],
    [{ since: '10m' }, { since: 600_000, lines: undefined }],
    [{ since: '2d' }, { since: 172_800_000 }],
    [{ lines: 0 }, { lines: 0 }],
    [{ level: 'warning' }, { level: 'warning' }],
    [{ file: '/x y/console.log' }, { file: '/x y/console.log' }],
  ])('%j', (flags, expected) => {
    expect(request(flags)).toMatchObject(expected);
  });

  test.each([
    [{ since: '10m', lines: 3 }, 'since_and_lines'],
    [{ since: 'yesterday' }, 'bad_duration'],
    [{ lines: -1 }, 'bad_lines'],
    [{ lines: 1_000_000 }, 'bad_lines'],
    [{ grep: '(' }, 'bad_pattern'],
    [{ file: 'console.log' }, 'bad_path'],
    [{ file: '/a\nb' }, 'bad_path'],
  ])('%j is refused', (flags, code) => {
    expect(() => request(flags)).toThrow(expect.objectContaining({ kind: 'usage', code }));
  });
});

test.each([
  [{ level: 'warning' as const }, { level: 'info' as const }, false],
  [{ level: 'warning' as const }, { level: 'error' as const }, true],
  [{ level: 'warning' as const }, {}, true],
  [{ since: 10 }, { time: 9 }, false],
  [{ since: 10 }, { time: 10 }, true],
  [{ since: 10 }, { time: undefined }, true],
  [{ pattern: /c.n't$/u }, { text: "x can't" }, true],
  [{ pattern: /c.n't$/u }, { text: 'x' }, false],
])('%j of %j: %s', (selection, record, expected) => {
  expect(selects(selection)({ node: 'n', time: 0, message: '', text: '', ...record })).toBe(expected);
});

test.each([
  [
    ['ssh://root@a', 'ssh://root@b'],
    ['a', 'b'],
  ],
  [
    ['ssh://root@a', 'ssh://root@a:2222'],
    ['a', 'a:2222'],
  ],
  [
    ['ssh://x@a', 'ssh://y@a'],
    ['ssh://x@a', 'ssh://y@a'],
  ],
])('%j are shown as %j', (urls, names) => {
  expect(shortNames(urls)).toEqual(names);
});
