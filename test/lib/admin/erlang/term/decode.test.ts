import { describe, expect, it } from 'vitest';
import { atom, tuple } from '../../../../../src/lib/admin/erlang/term/construct.js';
import { decodeTerm, decodeTermAt } from '../../../../../src/lib/admin/erlang/term/decode.js';
import { encodeTerm } from '../../../../../src/lib/admin/erlang/term/encode.js';
import { equals } from '../../../../../src/lib/admin/erlang/term/equals.js';
import { ImproperList, type Term } from '../../../../../src/lib/admin/erlang/term/types.js';
import { CURRENT, OLD_FUN, OTHER } from './real-bytes.js';

const bytes = (hex: string) => Buffer.from(hex, 'hex');

describe('decodeTerm', () => {
  it.each([...CURRENT, ...OTHER, OLD_FUN])('reads %s', (_name, hex, term) => {
    const decoded = decodeTerm(bytes(`83${hex}`));
    expect(decoded).toStrictEqual(term);
    expect(equals(decoded, term)).toBe(true);
  });

  it.each([...CURRENT, ...OTHER, OLD_FUN])('refuses %s that is cut short, wherever', (_name, hex) => {
    const whole = bytes(`83${hex}`);
    const step = Math.ceil(whole.length / 100);
    for (let length = 0; length < whole.length; length += step)
      expect(() => decodeTerm(whole.subarray(0, length)), `${length} bytes`).toThrow(
        expect.objectContaining({ code: 'bad_term' }),
      );
  });

  it('gives binaries as views of the bytes it was given', () => {
    const whole = bytes('836d000000026869');
    const binary = decodeTerm(whole) as Buffer;
    expect(binary.toString()).toBe('hi');
    expect(binary.buffer).toBe(whole.buffer);
  });

  it('reads from any Uint8Array, also one that begins within its buffer', () => {
    const within = new Uint8Array([9, 9, 131, 97, 5, 9]).subarray(2, 5);
    expect(decodeTerm(within)).toBe(5);
  });

  it('reads a term that is nested deeper than function calls could be', () => {
    const depth = 200_000;
    const tuples = Buffer.concat([bytes('83'), Buffer.alloc(depth * 2, bytes('6801')), bytes('6a')]);
    let term: Term = decodeTerm(tuples, { depth });
    for (let level = 0; level < depth; level += 1) term = (term as { elements: Term[] }).elements[0] as Term;
    expect(term).toEqual([]);
  });

  it('joins a list that is continued a hundred thousand times', () => {
    const link = bytes('6c000000016105');
    const chain = Buffer.concat([bytes('83'), ...new Array(100_000).fill(link), bytes('6106')]);
    const list = decodeTerm(chain) as ImproperList;
    expect(list).toBeInstanceOf(ImproperList);
    expect(list.elements.length).toBe(100_000);
    expect(list.tail).toBe(6);
  });

  it('tells atoms apart that begin and end alike', () => {
    const names = ['axb', 'ayb', 'axb', '', 'ayb', ''];
    expect(decodeTerm(encodeTerm(names.map(atom)))).toStrictEqual(names.map(atom));
  });

  it('refuses an atom that is cut short, also where it came in full before', () => {
    expect(() => decodeTerm(bytes('83680277026f6b77026f'))).toThrow(/cut short/);
  });

  it('gives one object for all atoms of one name', () => {
    const { elements } = decodeTerm(bytes('83680277026f6b6400026f6b')) as { elements: Term[] };
    expect(elements[0]).toBe(elements[1]);
  });
});

describe('decodeTermAt', () => {
  it('reads one term after the other, and says where each ends', () => {
    const message = bytes('ffff680161016b000161ff');
    const control = decodeTermAt(message, 2);
    expect(control).toEqual({ term: tuple(1), end: 6 });
    expect(decodeTermAt(message, control.end)).toEqual({ term: [97], end: 10 });
  });

  it("takes atoms out of the message's table, wherever an atom may stand", () => {
    const atoms = [atom('a@b'), atom('ok')];
    const { term } = decodeTermAt(bytes('68035201585200000000010000000200000003715201520161000000'), 0, {
      atoms,
    });
    expect(
      equals(
        term,
        decodeTerm(bytes('83680377026f6b58770361406200000001000000020000000371' + '77026f6b77026f6b6100')),
      ),
    ).toBe(true);
  });

  it.each([
    ['there is none', '5200', undefined],
    ['it is too short', '5202', [atom('a'), atom('b')]],
  ])('refuses an atom of the table where %s', (_name, hex, atoms) => {
    expect(() => decodeTermAt(bytes(hex), 0, { atoms })).toThrow(/atom table/);
  });

  it('refuses to begin behind the end', () => {
    expect(() => decodeTermAt(bytes('6101'), 2)).toThrow(/cut short/);
  });
});
