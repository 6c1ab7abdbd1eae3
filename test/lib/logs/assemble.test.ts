import { describe, expect, test } from 'vitest';
import { LONGEST_RECORD } from '../../../src/lib/logs/assemble.js';
import { LineSplitter, LONGEST_LINE } from '../../../src/lib/logs/lines.js';
import { Pipeline } from '../../../src/lib/logs/pipeline.js';

const stamp = (second: number) => `2026-11-22T10:00:${String(second).padStart(2, '0')}.000000+00:00`;

function pipeline(midway = false) {
  return new Pipeline({ node: 'n1', zone: 0, midway, accepts: () => true });
}

const texts = (records: readonly { text: string }[]) => records.map(({ text }) => text);
const bytes = (text: string | Buffer) => ({ bytes: Buffer.from(text as string), newFile: false });

describe('lines', () => {
  test.each([1, 2, 3, 5, 100])('are the same however the bytes are cut (%i at a time)', (size) => {
    const text = Buffer.from('één\r\ntwee\n\n\u{1F600} drie\nfour');
    const splitter = new LineSplitter();
    const lines: string[] = [];
    for (let at = 0; at < text.length; at += size) lines.push(...splitter.push(text.subarray(at, at + size)));
    expect([...lines, ...splitter.end()]).toEqual(['één', 'twee', '', '\u{1F600} drie', 'four']);
    expect(splitter.end()).toEqual([]);
  });

  test('bytes that are no UTF-8 are replaced, not lost with their line', () => {
    expect(new LineSplitter().push(Buffer.from([0x61, 0xff, 0xfe, 0x00, 0x62, 0x0a]))).toEqual([
      'a\ufffd\ufffd\u0000b',
    ]);
  });

  test('a line of 10 MB is cut, counted, and followed by the next', () => {
    const splitter = new LineSplitter();
    const lines: string[] = [];
    for (let piece = 0; piece < 160; piece += 1) lines.push(...splitter.push(Buffer.alloc(65_536, 'x')));
    lines.push(...splitter.push(Buffer.from('\nnext\n')));
    expect(lines.map(({ length }) => length < LONGEST_LINE + 40)).toEqual([true, true]);
    expect(lines[0]).toMatch(new RegExp(`x … \\(${160 * 65_536 - LONGEST_LINE} more bytes\\)$`));
    expect(lines[1]).toBe('next');
  });

  test('what is left of a line that reading began inside of is no line', () => {
    const splitter = new LineSplitter(true);
    expect(splitter.push(Buffer.from('rest'))).toEqual([]);
    expect(splitter.push(Buffer.from(' of it\nwhole\n'))).toEqual(['whole']);
  });
});

describe('entries', () => {
  test('lines without a stamp stay with the entry before them', () => {
    const entries = pipeline();
    const records = entries.push(
      bytes(`${stamp(1)} [error] crash:\n  in f/1\r\n\n  in g/2\n${stamp(2)} [info] next\n`),
    );
    expect(records).toEqual([
      {
        node: 'n1',
        time: Date.UTC(2026, 10, 22, 10, 0, 1) * 1000,
        level: 'error',
        message: 'crash:\n  in f/1\n\n  in g/2',
        text: `${stamp(1)} [error] crash:\n  in f/1\n\n  in g/2`,
      },
    ]);
    expect(entries.open).toBe(true);
    expect(texts(entries.flush())).toEqual([`${stamp(2)} [info] next`]);
    expect(entries.open).toBe(false);
  });

  test('a line that comes too late for its entry goes out alone, with its time and level', () => {
    const entries = pipeline();
    entries.push(bytes(`${stamp(1)} [error] crash\n`));
    const [entry] = entries.flush();
    entries.push(bytes('  in f/1\n'));
    expect(entries.flush()).toEqual([{ ...entry, message: '  in f/1', text: '  in f/1' }]);
  });

  test('half a line is waited for', () => {
    const entries = pipeline();
    entries.push(bytes(`${stamp(1)} [info] one\n${stamp(2)} [inf`));
    expect(texts(entries.flush())).toEqual([`${stamp(1)} [info] one`]);
    entries.push(bytes('o] two\n'));
    expect(texts(entries.flush())).toEqual([`${stamp(2)} [info] two`]);
  });

  test('a new file ends the line and the entry of the old one', () => {
    const entries = pipeline();
    entries.push(bytes(`${stamp(1)} [info] cut o`));
    const records = entries.push({ bytes: Buffer.from(`${stamp(2)} [info] new\n`), newFile: true });
    expect(texts(records)).toEqual([`${stamp(1)} [info] cut o`]);
  });

  test('lines at the beginning that belong to nothing are shown, but not where reading began midway', () => {
    expect(texts(pipeline().push(bytes(`old\nlines\n${stamp(1)} [info] x\n`)))).toEqual(['old\nlines']);
    expect(pipeline(true).push(bytes(`lf a line\n  rest\n${stamp(1)} [info] x\n`))).toEqual([]);
  });

  test('binary garbage without end stays within bounds, and the next entry is whole', () => {
    const entries = pipeline();
    const garbage = Buffer.alloc(64 * 1024, Buffer.from([0x80, 0x00, 0x0a, 0xff, 0x1b]));
    let most = 0;
    let total = 0;
    for (let piece = 0; piece < 64; piece += 1)
      for (const { text } of entries.push({ bytes: garbage, newFile: false })) {
        most = Math.max(most, text.length);
        total += text.length;
      }
    expect(most).toBeLessThan(2 * LONGEST_RECORD);
    expect(total).toBeGreaterThan(0);
    const [, whole] = [...entries.push(bytes(`\n${stamp(3)} [info] fine\n`)), ...entries.flush()].slice(-2);
    expect(whole?.text).toBe(`${stamp(3)} [info] fine`);
  });
});
