import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MessageDecoder } from '../../../../src/lib/admin/erlang/frame/decoder.js';
import { encodeFrame, encodeTerms, type Terms } from '../../../../src/lib/admin/erlang/frame/frame.js';
import type { AtomHeader } from '../../../../src/lib/admin/erlang/frame/header.js';
import { decodeAtomHeader, encodeAtomHeader } from '../../../../src/lib/admin/erlang/frame/header.js';
import { FrameSplitter } from '../../../../src/lib/admin/erlang/frame/splitter.js';
import { ErlangError } from '../../../../src/lib/admin/erlang/index.js';
import { BrokenTerm } from '../../../../src/lib/admin/erlang/term/decode.js';
import { Atom, Tuple } from '../../../../src/lib/admin/erlang/term/types.js';

const withLength = (frame: Buffer, lengthBytes: 2 | 4) => {
  const length = Buffer.alloc(lengthBytes);
  length.writeUIntBE(frame.length, 0, lengthBytes);
  return Buffer.concat([length, frame]);
};

const badFrame = expect.objectContaining({ code: 'bad_frame' });

describe('the splitter', () => {
  const frames = fc.array(fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)));

  test.each([2, 4] as const)('finds the frames however they were cut (%i bytes of length)', (lengthBytes) => {
    fc.assert(
      fc.property(frames, fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 }), (sent, cuts) => {
        const stream = Buffer.concat(sent.map((frame) => withLength(frame, lengthBytes)));
        const splitter = new FrameSplitter(lengthBytes, 300);
        const found: Buffer[] = [];
        for (let start = 0, turn = 0; start < stream.length; turn++) {
          const end = start + (cuts[turn % cuts.length] ?? 1);
          splitter.push(stream.subarray(start, end));
          for (let frame = splitter.next(); frame; frame = splitter.next()) found.push(frame);
          start = end;
        }
        expect(found).toEqual(sent);
        expect(splitter.available).toBe(0);
      }),
    );
  });

  test('goes from two bytes of length to four within one chunk', () => {
    const splitter = new FrameSplitter(2, 10);
    splitter.push(Buffer.from('0001aa00000002bbcc', 'hex'));
    expect(splitter.next()).toEqual(Buffer.from('aa', 'hex'));
    splitter.expect(4, 10);
    expect(splitter.next()).toEqual(Buffer.from('bbcc', 'hex'));
    expect(splitter.next()).toBeUndefined();
  });

  test('refuses a frame that is too long as soon as its length is known', () => {
    const splitter = new FrameSplitter(4, 1000);
    splitter.push(Buffer.from('000003e9', 'hex'));
    expect(() => splitter.next()).toThrow(badFrame);
  });
});

const reference = (cacheIndex: number, name: string, isNew: boolean) => ({
  cacheIndex,
  atom: new Atom(name),
  isNew,
});

describe('the atom header', () => {
  test.each([0, 1, 2, 3, 254, 255])('of %i atoms is decoded, and encoded as it was', (count) => {
    const references = Array.from({ length: count }, (_, index) =>
      reference((index * 9) % 2048, `a${index}`, true),
    );
    const header: AtomHeader = { references, longAtoms: false };
    const bytes = encodeAtomHeader(header);
    expect(decodeAtomHeader(bytes, 0, [])).toEqual({ header, end: bytes.length });
  });

  test('finds atoms that came earlier, and replaces them', () => {
    const decoder = new MessageDecoder();
    const message = (header: AtomHeader) =>
      decoder.decode(
        encodeFrame({ kind: 'message', header, control: new Atom('x'), payload: new Atom('y') }),
      );
    const x = (isNew: boolean) => reference(2047, 'x', isNew);
    expect(message({ references: [x(true)], longAtoms: false })?.control).toEqual(new Atom('x'));
    expect(message({ references: [x(false)], longAtoms: false })?.control).toEqual(new Atom('x'));
    expect(message({ references: [reference(2047, 'y', true)], longAtoms: false })?.payload).toEqual(
      new Atom('y'),
    );
  });

  test('may have atoms of 255 characters of four bytes', () => {
    const header: AtomHeader = { references: [reference(0, '😀'.repeat(255), true)], longAtoms: true };
    const bytes = encodeAtomHeader(header);
    expect(decodeAtomHeader(bytes, 0, [])).toEqual({ header, end: bytes.length });
  });

  test.each([
    ['an atom that never came', '010005'],
    ['an atom that is cut short', '01080503'],
    ['an atom that is no UTF-8', '01080501ff'],
    ['no flags', '03'],
  ])('is refused with %s', (_, hex) => {
    expect(() => decodeAtomHeader(Buffer.from(hex, 'hex'), 0, [])).toThrow(badFrame);
  });
});

describe('fragments', () => {
  const header: AtomHeader = { references: [reference(3, 'abc', true)], longAtoms: false };
  const terms = (seed: number): Terms => ({
    control: new Tuple([2, new Atom('abc'), seed]),
    payload: Buffer.alloc(1000, seed),
  });

  /** A message in that many fragments. */
  function fragment(sequence: bigint, count: number, message: Terms): Buffer[] {
    const data = encodeTerms(message, header);
    const size = Math.ceil(data.length / count);
    return Array.from({ length: count }, (_, index) => {
      const part = data.subarray(index * size, (index + 1) * size);
      const common = { sequence, fragment: BigInt(count - index), data: part };
      return encodeFrame(
        index === 0 ? { kind: 'first_fragment', header, ...common } : { kind: 'later_fragment', ...common },
      );
    });
  }

  test.each([1, 2, 3, 10])('of a message in %i are put together', (count) => {
    const decoder = new MessageDecoder();
    const results = fragment(7n, count, terms(1)).map((frame) => decoder.decode(frame));
    expect(results.slice(0, -1).every((result) => result === undefined)).toBe(true);
    expect(results.at(-1)).toEqual(terms(1));
  });

  test('of several messages may come interleaved, with other messages between', () => {
    const decoder = new MessageDecoder();
    const [a, b] = [fragment(1n, 5, terms(1)), fragment(2n ** 64n - 1n, 5, terms(2))];
    const between = encodeFrame({ kind: 'pass_through', control: new Tuple([1]), payload: undefined });
    const order = a.flatMap((frame, index) => [frame, between, Buffer.alloc(0), b[index] ?? between]);
    const results = order.map((frame) => decoder.decode(frame)).filter((result) => result?.payload);
    expect(results).toEqual([terms(1), terms(2)]);
  });

  test.each<[string, (frames: Buffer[]) => (Buffer | undefined)[]]>([
    ['the first is missing', ([, second]) => [second]],
    ['one is missing', ([first, , third]) => [first, third]],
    ['one comes twice', ([first, second]) => [first, second, second]],
    ['the first comes twice', ([first]) => [first, first]],
    ['they are cut short', ([first]) => [first?.subarray(0, 15)]],
  ])('are refused where %s', (_, pick) => {
    const decoder = new MessageDecoder();
    const frames = pick(fragment(1n, 4, terms(1)));
    const decodeAll = () => frames.map((frame) => decoder.decode(frame ?? Buffer.alloc(0)));
    expect(decodeAll).toThrow(badFrame);
  });

  test('are refused beyond the limits', () => {
    const limits = { messages: 2, fragments: 10n, bytes: 2000 };
    const begin = (decoder: MessageDecoder, sequence: bigint, count: number) =>
      decoder.decode(fragment(sequence, count, terms(1))[0] ?? Buffer.alloc(0));
    const many = new MessageDecoder(limits);
    begin(many, 1n, 5);
    begin(many, 2n, 5);
    expect(() => begin(many, 3n, 5)).toThrow(badFrame);
    expect(() => begin(new MessageDecoder(limits), 1n, 11)).toThrow(badFrame);
    const large = new MessageDecoder({ ...limits, bytes: 500 });
    expect(() => fragment(1n, 4, terms(1)).map((frame) => large.decode(frame))).toThrow(badFrame);
  });

  const begin = (sequence: bigint, count: bigint, data = Buffer.alloc(1)) =>
    encodeFrame({ kind: 'first_fragment', sequence, fragment: count, header, data });
  const proceed = (sequence: bigint, fragment: bigint, data: Buffer) =>
    encodeFrame({ kind: 'later_fragment', sequence, fragment, data });

  test('may be of a hundred messages at once', () => {
    const decoder = new MessageDecoder();
    for (let sequence = 0n; sequence < 100n; sequence++) decoder.decode(begin(sequence, 2n));
    expect(() => decoder.decode(begin(100n, 2n))).toThrow(badFrame);
  });

  test('are refused where they are empty, after the first', () => {
    const decoder = new MessageDecoder();
    decoder.decode(begin(1n, 3n, Buffer.alloc(0)));
    expect(() => decoder.decode(proceed(1n, 2n, Buffer.alloc(0)))).toThrow(badFrame);
  });

  test('count for what they take in memory, however small they are', () => {
    const decoder = new MessageDecoder({ messages: 1, fragments: 100n, bytes: 1280 });
    decoder.decode(begin(1n, 11n));
    for (let fragment = 10n; fragment > 1n; fragment--)
      decoder.decode(proceed(1n, fragment, Buffer.alloc(1)));
    expect(() => decoder.decode(proceed(1n, 1n, Buffer.alloc(1)))).toThrow(badFrame);
  });

  test('that are complete make room for others', () => {
    const decoder = new MessageDecoder({ messages: 1, fragments: 10n, bytes: 1200 });
    for (let turn = 0n; turn < 5n; turn++)
      expect(fragment(turn, 2, terms(1)).map((frame) => decoder.decode(frame))[1]).toEqual(terms(1));
  });
});

describe('frames', () => {
  test.each([
    ['of another kind', '99'],
    ['with a header of another kind', '8350'],
    ['without a version before the term', '706161'],
    ['without a version before the second term', '708361016102'],
    ['with something after the terms', '7083610183610200'],
    ['with a header and something after the terms', '8344006101610200'],
  ])('%s are refused', (_, hex) => {
    expect(() => new MessageDecoder().decode(Buffer.from(hex, 'hex'))).toThrow(badFrame);
  });

  test.each([
    ['without a header', '7083610183680361076a'],
    ['with a header', '8344006101680361076a'],
  ])('%s may have a payload that is cut short, of which they give the beginning', (_, hex) => {
    const message = new MessageDecoder().decode(Buffer.from(hex, 'hex'));
    expect(message).toMatchObject({
      control: 1,
      payload: { error: { code: 'bad_term' }, beginning: [7, []] },
    });
    expect(message?.payload).toBeInstanceOf(BrokenTerm);
  });

  test('may have a list of as many elements as a quarter of their bytes', () => {
    const list = Array.from({ length: 5_000_000 }, () => 97);
    const frame = encodeFrame({ kind: 'pass_through', control: 1, payload: list });
    expect(new MessageDecoder().decode(frame)?.payload).toHaveLength(5_000_000);
  });

  test('may not have more objects than fit into memory', () => {
    const empty = new Tuple([]);
    const list = Array.from({ length: 4_000_001 }, () => empty);
    const frame = encodeFrame({ kind: 'pass_through', control: 1, payload: list });
    expect(new MessageDecoder().decode(frame)?.payload).toMatchObject({ error: { code: 'bad_term' } });
  });

  test('of any bytes do nothing worse than be refused', () => {
    fc.assert(
      fc.property(fc.constantFrom('70', '7083', '8344', '8345', '8346'), fc.uint8Array(), (start, rest) => {
        try {
          new MessageDecoder().decode(Buffer.concat([Buffer.from(start, 'hex'), rest]));
        } catch (error) {
          expect(error).toBeInstanceOf(ErlangError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
