import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BEGINNING, type LineBatch, LONGEST_LINE, readLines } from '../../../../src/lib/acl/bulk/lines.js';

/** Cuts bytes into chunks of these lengths, the last one having the rest. */
async function* chunks(bytes: Buffer, lengths: readonly number[]): AsyncGenerator<Buffer> {
  let from = 0;
  for (const length of [...lengths, bytes.length]) {
    if (from >= bytes.length) return;
    yield bytes.subarray(from, from + length);
    from += length;
  }
}

async function read(bytes: Buffer | string, lengths: readonly number[] = []): Promise<LineBatch[]> {
  const batches: LineBatch[] = [];
  for await (const batch of readLines(chunks(Buffer.from(bytes as string), lengths))) batches.push(batch);
  return batches;
}

const textsOf = (batches: readonly LineBatch[]) => batches.flatMap(({ texts }) => texts);
const problemsOf = (batches: readonly LineBatch[]) =>
  batches.flatMap(({ start, problems }) =>
    [...problems].map(([index, why]) => `${start.line + index}: ${why}`),
  );

describe('the lines of an input', () => {
  it.each([
    ['', []],
    ['a', ['a']],
    ['a\n', ['a']],
    ['a\n\nb', ['a', '', 'b']],
    ['a\r\nb\r\n', ['a', 'b']],
    ['\uFEFFa\n\uFEFFb\n', ['a', '\uFEFFb']],
  ])('of %j are %j', async (text, lines) => {
    expect(textsOf(await read(text))).toEqual(lines);
  });

  it('are the same however the input comes in pieces, and their positions add up', async () => {
    const anyText = fc
      .array(fc.constantFrom('a', 'ä', '😀', '\n', '\r\n', ' '))
      .map((parts) => parts.join(''));
    await fc.assert(
      fc.asyncProperty(anyText, fc.array(fc.integer({ min: 1, max: 5 })), async (text, lengths) => {
        const whole = await read(text);
        const pieces = await read(text, lengths);
        expect(textsOf(pieces)).toEqual(textsOf(whole));
        let at = BEGINNING;
        for (const { start, end, texts } of pieces) {
          expect(start).toEqual(at);
          expect(end.line).toBe(start.line + texts.length);
          at = end;
        }
        expect(at.bytes).toBe(Buffer.byteLength(text));
      }),
    );
  });

  it('can be read on from where a batch ends', async () => {
    const text = 'one\ntwo\nthree\nfour\n';
    const [first] = await read(text, [8]);
    if (!first) throw new Error('there is no batch');
    const rest: LineBatch[] = [];
    const source = chunks(Buffer.from(text).subarray(first.end.bytes), []);
    for await (const batch of readLines(source, first.end)) rest.push(batch);
    expect([first.end.line, ...textsOf(rest)]).toEqual([3, 'three', 'four']);
  });

  it('that are not UTF-8 are told by their first characters, and the others are read', async () => {
    const bytes = Buffer.concat([Buffer.from('a\n'), Buffer.from([0xff, 0xfe, 0x41]), Buffer.from('\nb\n')]);
    const batches = await read(bytes);
    expect(textsOf(batches)).toEqual(['a', '\u00ff\u00fe', 'b']);
    expect(problemsOf(batches)).toEqual(['2: it is not UTF-8']);
  });

  it.each([
    ['in one piece', []],
    ['in many', Array.from({ length: 60 }, () => 65_536)],
  ])('that are too long, %s, are told and not kept', async (_how, lengths) => {
    const long = 'x'.repeat(3 * LONGEST_LINE);
    const text = `a\n${long}\nb\n${long}`;
    const batches = await read(text, lengths);
    expect(textsOf(batches)).toEqual(['a', 'xx', 'b', 'xx']);
    expect(problemsOf(batches)).toEqual([2, 4].map((line) => `${line}: it is longer than 1048576 bytes`));
    expect(batches.at(-1)?.end).toEqual({ bytes: Buffer.byteLength(text), line: 5 });
  });

  it('of UTF-16 are refused', async () => {
    await expect(read(Buffer.from('\uFEFFa\n', 'utf16le'))).rejects.toMatchObject({ code: 'utf16' });
  });
});
