import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exportRecords } from '../../../../src/lib/acl/bulk/export.js';
import { CsvHeader, csvReader } from '../../../../src/lib/acl/bulk/formats/csv.js';
import { yamlReader } from '../../../../src/lib/acl/bulk/formats/yaml.js';
import { BEGINNING } from '../../../../src/lib/acl/bulk/lines.js';
import { checkRow } from '../../../../src/lib/acl/bulk/row.js';
import { recordText } from '../../../../src/lib/acl/bulk/settle.js';
import { MemoryStore } from '../memory-store.js';

const HASH = '$2a$04$5xGvLdO5gqQJ6PAzaogvsuLbe/WS6wFJiXy4TSwRpQ46UFCMO8VmC';
const name = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('a', 'dev-1', '*', '0101') },
  fc.constantFrom(
    '',
    'true',
    'null',
    'True',
    '1',
    '~',
    'a b',
    'a:',
    '#',
    '-',
    "'",
    '&a',
    '!b',
    '$x',
    'a#b',
    '\\',
    'ä',
    '=1',
  ),
);
const hash = fc.oneof(
  { weight: 5, arbitrary: fc.constant(HASH) },
  fc.constantFrom(HASH.replace('2a', '2b'), '', 'x'),
);
const list = fc.oneof(
  fc.constantFrom(
    '[]',
    '[{"pattern":"a/#"}]',
    '[{"pattern":"a"},{"pattern":"b/+"}]',
    '["a"]',
    '[{"pattern":"a","max_qos":1}]',
  ),
  fc.constantFrom(
    '[ ]',
    '[{"pattern":"a/#/b"}]',
    '[{"pattern":"+"},{"pattern":"a b"}]',
    '[{"pattern":"a","pattern":"a"}]',
    '[{}]',
  ),
  fc.constantFrom(
    '[{"pattern":"a","max_qos":1.0}]',
    '[{"pattern":"a","max_qos":3}]',
    '[{"pattern":"a"}',
    '[1]',
    '',
    'a;b/#',
    '{"pattern":"a"}',
  ),
);
const fields = fc.record({
  mountpoint: name,
  client_id: name,
  username: name,
  passhash: hash,
  publish_acl: list,
  subscribe_acl: list,
});
const given = { publish: '[{"pattern":"given"}]' };

/** A header that was read. */
async function headerOf(columns: readonly string[]): Promise<CsvHeader> {
  const header = new CsvHeader();
  async function* batches() {
    yield { start: BEGINNING, end: BEGINNING, texts: [columns.join(',')], problems: new Map() };
  }
  for await (const _ of header.take(batches())) break;
  return header;
}

describe('what is read at a glance is what is read in the general way', () => {
  it('in CSV', async () => {
    const columns = [
      'subscribe_acl',
      'client_id',
      'mountpoint',
      'username',
      'publish_acl',
      'passhash',
    ] as const;
    const header = await headerOf(columns);
    const read = csvReader(header, given);
    fc.assert(
      fc.property(fields, (row) => {
        const text = columns.map((column) => `"${row[column].replaceAll('"', '""')}"`).join(',');
        const said = header.fields(columns.map((column) => row[column]));
        expect(read(text)).toEqual(
          typeof said === 'string' ? { ok: false, why: said } : checkRow(said, given),
        );
      }),
      { numRuns: 1000 },
    );
  });

  it('in YAML', () => {
    const read = yamlReader(given);
    const drawn = fc.record({
      row: fields,
      plain: fc.boolean(),
      left: fc.constantFrom('', 'mountpoint', 'publish_acl', 'passhash'),
    });
    fc.assert(
      fc.property(drawn, ({ row, plain, left }) => {
        const lines = Object.entries(row).flatMap(([field, value]) =>
          field === left
            ? []
            : [`${field}: ${plain || field.endsWith('_acl') ? value : JSON.stringify(value)}`],
        );
        const text = `- ${lines.join('\n  ')}`;
        // A comment is nothing usual.
        const general = read(`${text}\n  # comment`);
        const usual = read(text);
        if (general?.ok || usual?.ok) expect(usual).toEqual(general);
      }),
      { numRuns: 1000 },
    );
  });

  it('in an export', async () => {
    await fc.assert(
      fc.asyncProperty(list, list, hash, async (publish, subscribe, passhash) => {
        const text = recordText(passhash, { publish, subscribe });
        const spaced = text.replace('{', '{ ');
        const store = new MemoryStore({ '["","a","u"]': text, '["","b","u"]': spaced });
        for await (const { rows } of exportRecords(store, {}, {}, new AbortController().signal)) {
          const [usual, general] = ['a', 'b'].map((id) =>
            rows.find(({ name: { clientId } }) => clientId === id),
          );
          expect(usual?.lists).toEqual(general?.lists);
          expect(usual?.passhash).toEqual(general?.passhash);
        }
      }),
      { numRuns: 200 },
    );
  });
});
