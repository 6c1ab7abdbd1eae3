import { describe, expect, it } from 'vitest';
import { ANY_CLIENT, recordKey } from '../../../src/lib/acl/key.js';
import { verifyPassword } from '../../../src/lib/acl/password.js';
import { readRecord } from '../../../src/lib/acl/record-reading.js';
import { BROKER_VERSIONS } from '../../support/golden.js';
import { type GoldenCase, goldenCases, nameOf, parsedValue, recordsOf } from './golden.js';

/** Logins that keys, passwords and records alone do not explain, and why. */
const NOT_COVERED: readonly { readonly ids: RegExp; readonly why: string }[] = [
  {
    ids: /^value (trailing comma|BOM before|single quotes|comment|raw newline|duplicate|invalid utf8)/,
    why: "the broker's JSON reader is lenient",
  },
  { ids: /^clientid "c{100,}"/, why: 'the client id is longer than max_client_id_size' },
  {
    ids: /^default\.(v5 )?no username|^default\.v5 no username|^default\.anonymous/,
    why: 'no username or no password is given',
  },
  { ids: /^default\.empty client id/, why: 'the broker makes up an id, or refuses the client' },
  { ids: /^redis type list/, why: 'the value is no string' },
  { ids: /nul\\u0000x/, why: 'MQTT does not allow NUL' },
  { ids: /latin1 bytes/, why: 'the password is not UTF-8' },
];

const covered = ({ id }: GoldenCase) => !NOT_COVERED.some(({ ids }) => ids.test(id));

describe.each(BROKER_VERSIONS)('the logins that VerneMQ %s was seen to accept or refuse', (version) => {
  const cases = goldenCases(version).filter(({ action }) => action.type === 'connect');

  it('are those of the record that is found, where they are covered', async () => {
    const asked = cases.filter(covered);
    expect(asked.length).toBeGreaterThan(200);
    const answers = await Promise.all(
      asked.map(async (one) => ({ id: one.id, decision: await decide(one), wanted: one.decision })),
    );
    expect(answers.filter(({ decision, wanted }) => decision !== wanted)).toEqual([]);
  });
});

/** The record of the exact id, or else the one for any client, as the broker's script looks them up. */
async function decide(one: GoldenCase): Promise<'allow' | 'deny'> {
  const name = nameOf(one);
  const keys = [recordKey(name), recordKey({ ...name, clientId: ANY_CLIENT })].filter(
    (key) => !key.includes(' '),
  );
  const stored = keys
    .map((key) => recordsOf(one).find(({ rawKey }) => rawKey === key))
    .find((found) => found !== undefined);
  const record = readRecord(parsedValue(stored));
  return record && (await verifyPassword(one.connect.password ?? '', record.passhash)) ? 'allow' : 'deny';
}
