import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeTerm } from '../../../../../src/lib/admin/erlang/term/decode.js';
import { encodeTerm } from '../../../../../src/lib/admin/erlang/term/encode.js';
import { equals } from '../../../../../src/lib/admin/erlang/term/equals.js';
import { formatTerm } from '../../../../../src/lib/admin/erlang/term/format.js';
import { terms } from './arbitrary.js';

const anyTerm = terms({ mapPairs: 5, funs: true });

describe('a term', () => {
  it('comes back as the same term, and as the same bytes again', () => {
    fc.assert(
      fc.property(anyTerm, (term) => {
        const bytes = encodeTerm(term);
        const decoded = decodeTerm(bytes);
        expect(decoded).toStrictEqual(term);
        expect(equals(decoded, term)).toBe(true);
        expect(encodeTerm(decoded).equals(bytes)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  it('equals another one exactly when their bytes are the same, but for the order of maps', () => {
    const withoutMaps = terms({ mapPairs: 0, funs: true });
    fc.assert(
      fc.property(withoutMaps, withoutMaps, (left, right) => {
        expect(equals(left, right)).toBe(encodeTerm(left).equals(encodeTerm(right)));
      }),
      { numRuns: 500 },
    );
  });

  it('is written as text of the length asked for', () => {
    fc.assert(
      fc.property(anyTerm, fc.nat(60), (term, maxLength) => {
        const text = formatTerm(term, { maxLength });
        expect(text.length).toBeLessThanOrEqual(maxLength + '...'.length);
        expect(text).not.toMatch(/\p{Cc}|\p{Cf}|\p{Surrogate}/u);
      }),
      { numRuns: 1000 },
    );
  });
});
