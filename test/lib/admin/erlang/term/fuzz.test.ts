import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ErlangError } from '../../../../../src/lib/admin/erlang/error.js';
import { decodeTerm } from '../../../../../src/lib/admin/erlang/term/decode.js';
import { encodeTerm } from '../../../../../src/lib/admin/erlang/term/encode.js';
import { equals } from '../../../../../src/lib/admin/erlang/term/equals.js';
import { formatTerm } from '../../../../../src/lib/admin/erlang/term/format.js';
import { terms } from './arbitrary.js';

/** The term, or undefined where the bytes were refused as they may be. */
function decoded(bytes: Uint8Array) {
  try {
    return decodeTerm(bytes);
  } catch (error) {
    expect(error).toBeInstanceOf(ErlangError);
    expect(error).toHaveProperty('code', 'bad_term');
    return undefined;
  }
}

/** Whatever could be decoded must be good for everything else. */
function checkUsable(bytes: Uint8Array): void {
  const term = decoded(bytes);
  if (term === undefined) return;
  formatTerm(term);
  expect(equals(decodeTerm(encodeTerm(term)), term)).toBe(true);
}

const mutation = fc.record({
  at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  kind: fc.constantFrom('set', 'flip', 'remove', 'insert', 'cut'),
  value: fc.oneof(fc.integer({ min: 0, max: 255 }), fc.constantFrom(0, 1, 127, 128, 255)),
});

function mutated(bytes: Buffer, changes: readonly { at: number; kind: string; value: number }[]): Buffer {
  let result = Array.from(bytes);
  for (const { at, kind, value } of changes) {
    const index = 1 + Math.floor(at * (result.length - 1));
    if (kind === 'set') result[index] = value;
    else if (kind === 'flip') result[index] = (result[index] ?? 0) ^ (1 << (value & 7));
    else if (kind === 'remove') result.splice(index, 1 + (value & 3));
    else if (kind === 'insert') result.splice(index, 0, value);
    else result = result.slice(0, index);
  }
  return Buffer.from(result);
}

describe('decodeTerm throws nothing but ErlangError', () => {
  it('for terms in which bytes were changed', { timeout: 60_000 }, () => {
    const changes = fc.array(mutation, { minLength: 1, maxLength: 4 });
    const variants = fc.array(changes, { minLength: 20, maxLength: 20 });
    fc.assert(
      fc.property(terms({ mapPairs: 4, funs: true }), variants, (term, sets) => {
        const bytes = encodeTerm(term);
        for (const set of sets) checkUsable(mutated(bytes, set));
      }),
      { numRuns: 1000 },
    );
  });

  it('for bytes that are random', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) =>
        checkUsable(Buffer.concat([Buffer.of(131), bytes])),
      ),
      { numRuns: 2000 },
    );
  });
});
