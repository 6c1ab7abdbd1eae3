import { expect, test } from 'vitest';
import { LineSplitter } from '../../../../../src/lib/admin/erlang/io/lines.js';

const MEBI = 1024 * 1024;

function start() {
  const lines: string[] = [];
  return { lines, splitter: new LineSplitter((line) => lines.push(line)) };
}

test('a line may come in pieces', () => {
  const { lines, splitter } = start();
  for (const piece of ['a', 'b\n', 'c\nd\n\ne', 'f']) splitter.push(piece);
  expect(lines).toEqual(['ab', 'c', 'd', '']);
  splitter.end();
  splitter.end();
  expect(lines).toEqual(['ab', 'c', 'd', '', 'ef']);
});

test('a line that does not end is refused beyond 16 Mi characters, and what came before is kept', () => {
  const { lines, splitter } = start();
  const piece = 'x'.repeat(MEBI);
  splitter.push('one\n');
  for (let count = 0; count < 16; count++) splitter.push(piece);
  expect(() => splitter.push('y')).toThrow(expect.objectContaining({ code: 'bad_term' }));
  expect(() => splitter.push('z\nend')).not.toThrow();
  splitter.end();
  expect(lines.map((line) => line.length)).toEqual([3, 16 * MEBI + 1, 3]);
});
