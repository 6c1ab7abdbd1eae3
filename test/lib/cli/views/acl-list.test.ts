import { describe, expect, it } from 'vitest';
import { parseRecordKey, recordKey } from '../../../../src/lib/acl/key.js';
import { KnownRecords } from '../../../../src/lib/acl/known-records.js';
import type { ListedRecord } from '../../../../src/lib/acl/listed-record.js';
import { listShape } from '../../../../src/lib/cli/views/acl-list.js';

const HASH = '$2a$04$5xGvLdO5gqQJ6PAzaogvsuLbe/WS6wFJiXy4TSwRpQ46UFCMO8VmC';
const NAMES = [
  { mountpoint: '', clientId: 'c', username: 'u' },
  { mountpoint: 'mü', clientId: '"\\', username: '\u2028' },
];
const LISTS = [
  {},
  { publish_acl: [], subscribe_acl: [] },
  { subscribe_acl: [{ pattern: 'ü/"/%c', max_qos: 1 }], publish_acl: [{ pattern: 'a' }], more: { x: [1] } },
];

/** As a list has them, each text being read when it is known already. */
function listed(): ListedRecord[] {
  const known = new KnownRecords();
  return LISTS.flatMap((lists) =>
    NAMES.map((name) => {
      const text = JSON.stringify({ passhash: HASH, ...lists });
      known.read(text);
      const read = known.read(text);
      if ('reason' in read) throw new Error(read.reason);
      const key = recordKey(name);
      return { name: parseRecordKey(key) ?? name, key, ...read };
    }),
  );
}

describe('a record of which others have all but the passhash', () => {
  it('is shown as one that nobody has anything of', () => {
    const all = listed();
    expect(all.filter(({ shared }) => shared)).not.toHaveLength(0);
    for (const item of [...all, ...all]) {
      const alone = { ...item, shared: undefined };
      expect(listShape.row(item)).toEqual(listShape.row(alone));
      expect(listShape.csvRow(item)).toEqual(listShape.csvRow(alone));
      expect(listShape.entryJson?.(item)).toBe(JSON.stringify(listShape.entry(alone)));
      expect(listShape.entryJson?.(alone)).toBe(JSON.stringify(listShape.entry(alone)));
    }
  });
});
