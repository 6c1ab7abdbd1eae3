import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeTerm } from '../../src/lib/admin/erlang/term/decode.js';
import { encodeTerm } from '../../src/lib/admin/erlang/term/encode.js';
import { equals } from '../../src/lib/admin/erlang/term/equals.js';
import { terms } from '../lib/admin/erlang/term/arbitrary.js';
import { CURRENT, OTHER } from '../lib/admin/erlang/term/real-bytes.js';
import { TermPeer } from './erlang-terms/peer.js';

let erlang: TermPeer;

/** Hundreds of questions, on a machine that is busy. */
const PATIENCE_MS = 60_000;

beforeAll(async () => {
  erlang = await TermPeer.start();
});

afterAll(() => erlang?.stop());

describe('a term from here', () => {
  it.each(CURRENT)('is what Erlang writes itself: %s', async (_name, hex) => {
    const echo = await erlang.echo(Buffer.from(`83${hex}`, 'hex'));
    expect(echo.toString('hex')).toBe(`83${hex}`);
  });

  it('comes back as the same bytes', { timeout: PATIENCE_MS }, async () => {
    // Of more pairs, Erlang chooses the order.
    const onePair = terms({ mapPairs: 1, funs: true });
    await fc.assert(
      fc.asyncProperty(onePair, async (term) => {
        const bytes = encodeTerm(term);
        const echo = await erlang.echo(bytes);
        expect(echo.toString('hex')).toBe(bytes.toString('hex'));
      }),
      { numRuns: 600 },
    );
  });

  it('comes back as the same term', { timeout: PATIENCE_MS }, async () => {
    await fc.assert(
      fc.asyncProperty(terms({ mapPairs: 40, funs: true }), async (term) => {
        expect(equals(decodeTerm(await erlang.echo(encodeTerm(term))), term)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});

describe('a term from Erlang', () => {
  it.each(OTHER)('is understood here as there: %s', async (_name, hex, term) => {
    const echo = await erlang.echo(Buffer.from(`83${hex}`, 'hex'));
    expect(encodeTerm(term).toString('hex')).toBe(echo.toString('hex'));
  });

  it('goes back as the same term, however it was written', { timeout: PATIENCE_MS }, async () => {
    for (let seed = 1; seed <= 900; seed += 1) {
      const ours = encodeTerm(decodeTerm(await erlang.generate(seed)));
      await erlang.checkIsLast(ours);
    }
  });

  it('goes back as the same bytes, where Erlang wrote them as of today', {
    timeout: PATIENCE_MS,
  }, async () => {
    for (let seed = 4; seed <= 1800; seed += 6) {
      const bytes = await erlang.generate(seed);
      expect(encodeTerm(decodeTerm(bytes)).toString('hex')).toBe(bytes.toString('hex'));
    }
  });
});

describe('a peer', () => {
  it('says what is wrong with bytes that are no term', async () => {
    await expect(erlang.echo(Buffer.from([131, 1]))).rejects.toThrow(/badarg/);
  });

  it('says when a term is another one than it generated', async () => {
    await erlang.generate(1);
    await expect(erlang.checkIsLast(encodeTerm([1, 2]))).rejects.toThrow(/is not/);
  });
});
