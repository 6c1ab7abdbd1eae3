import { describe, expect, it } from 'vitest';
import { decodeTerm } from '../../../../../src/lib/admin/erlang/term/decode.js';
import { encodeTerm, writeTerm } from '../../../../../src/lib/admin/erlang/term/encode.js';
import { formatTerm } from '../../../../../src/lib/admin/erlang/term/format.js';
import { Writer } from '../../../../../src/lib/admin/erlang/term/writer.js';
import { BROKER_VERSIONS, goldenFile } from '../../../../support/golden.js';
import { messagesOf, type Recording } from './golden-terms.js';

describe.each(BROKER_VERSIONS)('terms between nodes of VerneMQ %s', (version) => {
  const messages = messagesOf(goldenFile(`dist-${version}.json`) as Recording);

  it('are recorded', () => {
    expect(messages.length).toBeGreaterThan(150);
    expect(messages.every(({ terms }) => terms.length === 1 || terms.length === 2)).toBe(true);
  });

  it('are written as the very bytes that were read', () => {
    for (const { bytes, atoms, terms } of messages) {
      const writer = new Writer(1_000_000);
      const atomIndex = (name: string) => {
        const index = atoms.findIndex((atom) => atom.name === name);
        return index < 0 ? undefined : index;
      };
      for (const term of terms) writeTerm(writer, term, { atomIndex });
      expect(writer.result().toString('hex')).toBe(bytes.toString('hex'));
    }
  });

  it('are the same terms without an atom table', () => {
    for (const term of messages.flatMap(({ terms }) => terms))
      expect(decodeTerm(encodeTerm(term))).toStrictEqual(term);
  });

  it('have the command that vmq-admin was asked for', () => {
    const texts = messages.flatMap(({ terms }) => terms.map((term) => formatTerm(term, { maxLength: 2000 })));
    expect(texts).toContainEqual(
      expect.stringMatching(/vmq_server_cli.*command.*"vmq-admin","cluster","show"/),
    );
  });
});
