import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LogRecord } from '../../../src/lib/logs/record.js';
import { MergeWindow } from '../../../src/lib/logs/window.js';

const record = (node: string, time: number | undefined): LogRecord => ({ node, time, message: '', text: '' });
const records = (node: string, ...times: number[]) => times.map((time) => record(node, time));
const shown = (list: readonly LogRecord[]) => list.map(({ node, time }) => `${node}${time}`).join(' ');

describe('while logs are read', () => {
  test('nothing goes out before every node has told its earliest', () => {
    const window = new MergeWindow(2, 1000, 100);
    window.push(0, records('a', 1, 3), 0);
    expect(window.take(99_999, 10)).toEqual([]);
    expect(window.due()).toBeUndefined();
    window.push(1, records('b', 2, 4), 0);
    expect(shown(window.take(0, 10))).toBe('a1 b2 a3');
    window.setState(0, 'ended');
    expect(shown(window.take(0, 10))).toBe('b4');
    window.setState(1, 'ended');
    expect(window.ended).toBe(true);
  });

  test('at the same time, the nodes come in their own order', () => {
    const window = new MergeWindow(2, 1000, 100);
    window.push(1, records('b', 5, 5), 0);
    window.push(0, records('a', 5, 6), 0);
    expect(shown(window.take(0, 3))).toBe('a5 b5 b5');
  });

  test('lines of one node keep the order of its file, whatever its clock did', () => {
    const window = new MergeWindow(2, 1000, 100);
    window.push(0, records('a', 10, 2, 11), 0);
    window.push(1, records('b', 9, 12), 0);
    window.setState(0, 'ended');
    window.setState(1, 'ended');
    expect(shown(window.take(0, 10))).toBe('b9 a10 a2 a11 b12');
  });

  test('an entry without a time holds nothing up', () => {
    const window = new MergeWindow(1, 1000, 100);
    window.push(0, [record('a', undefined)], 0);
    window.setState(0, 'live');
    expect(window.take(0, 10)).toHaveLength(1);
  });
});

describe('while logs are followed', () => {
  function live(nodes: number, capacity = 100) {
    const window = new MergeWindow(nodes, 1000, capacity);
    for (let index = 0; index < nodes; index += 1) window.setState(index, 'live');
    return window;
  }

  test('an entry waits for an earlier one of another node, but not longer than its time', () => {
    const window = live(2);
    window.push(0, records('a', 20), 5000);
    expect(window.take(5999, 10)).toEqual([]);
    expect(window.due()).toBe(6000);
    window.push(1, records('b', 10), 5999);
    expect(shown(window.take(5999, 10))).toBe('b10');
    expect(shown(window.take(6000, 10))).toBe('a20');
  });

  test('one that comes too late goes out when its turn comes, and is not lost', () => {
    const window = live(2);
    window.push(0, records('a', 20), 0);
    expect(shown(window.take(1000, 10))).toBe('a20');
    window.push(1, records('b', 10), 1001);
    expect(shown(window.take(2001, 10))).toBe('b10');
  });

  test('a node whose clock is an hour off holds nobody up', () => {
    const window = live(2);
    window.push(0, records('a', 3_600_000_000), 0);
    window.push(1, records('b', 1, 2), 500);
    expect(shown(window.take(1000, 10))).toBe('b1 b2 a3600000000');
  });

  test('the longest wait ends when there are too many', () => {
    const window = live(2, 3);
    window.push(0, records('a', 1, 2, 3, 4, 5), 0);
    expect(shown(window.take(0, 10))).toBe('a1 a2 a3');
  });

  test('a node that ends is not waited for', () => {
    const window = live(2);
    window.push(0, records('a', 1), 0);
    window.setState(1, 'ended');
    expect(shown(window.take(0, 10))).toBe('a1');
  });
});

test('files that are in order come out in order, with nothing lost and nothing twice', () => {
  const file = fc.array(fc.nat(1000), { maxLength: 60 }).map((times) => times.sort((one, two) => one - two));
  fc.assert(
    fc.property(fc.array(file, { minLength: 1, maxLength: 5 }), fc.nat(7), (files, step) => {
      const window = new MergeWindow(files.length, 1000, 10_000);
      const out: LogRecord[] = [];
      const longest = Math.max(...files.map(({ length }) => length));
      for (let at = 0; at <= longest; at += step + 1) {
        for (const [index, times] of files.entries()) {
          window.push(index, records(String(index), ...times.slice(at, at + step + 1)), 0);
          if (at + step + 1 >= times.length) window.setState(index, 'ended');
        }
        out.push(...window.take(0, Number.POSITIVE_INFINITY));
      }
      expect(window.ended).toBe(true);
      expect(out.map(({ time }) => time)).toEqual(files.flat().sort((one, two) => one - two));
    }),
  );
});
