import { describe, expect, it } from 'vitest';
import { DEFAULT_BROKER } from '../../../../src/lib/acl/authorize/broker.js';
import { decide } from '../../../../src/lib/acl/authorize/decision.js';
import { readExpectation } from '../../../../src/lib/acl/authorize/expect/expectation.js';
import { rememberedReading } from '../../../../src/lib/acl/authorize/record.js';
import { isUsablePasshash } from '../../../../src/lib/acl/passhash.js';
import { verifyPassword } from '../../../../src/lib/acl/password.js';
import { BROKER_VERSIONS, type BrokerVersion } from '../../../support/golden.js';
import { type GoldenCase, goldenCases } from '../golden.js';

/** Many cases have the same passhash, and each comparison takes a while. */
const compared = new Map<string, Promise<boolean>>();
const verify = (password: Uint8Array, passhash: string) => {
  const key = `${Buffer.from(password).toString('hex')} ${passhash}`;
  const known = compared.get(key) ?? verifyPassword(password, passhash);
  compared.set(key, known);
  return known;
};

/** What is remembered of one case must not change another. */
const read = rememberedReading();

async function decided(row: GoldenCase, version: BrokerVersion) {
  const expectation = readExpectation(row, 1);
  if (!('client' in expectation)) throw new Error(`${row.id}: ${expectation.join('; ')}`);
  const { client, action, records } = expectation;
  const find = async (key: string) => records?.get(key) ?? ({ kind: 'missing' } as const);
  const sources = { find, verify, isUsable: isUsablePasshash, read };
  return await decide(client, action, sources, { ...DEFAULT_BROKER, version });
}

describe.each(BROKER_VERSIONS)('the decisions that VerneMQ %s was seen to take', (version) => {
  it('are all ours', { timeout: 60_000 }, async () => {
    const cases = goldenCases(version);
    expect(cases.length).toBe(1235);
    const decisions = await Promise.all(cases.map((row) => decided(row, version)));
    const wrong = cases.filter(({ decision }, index) => (decision === 'allow') !== decisions[index]?.allowed);
    expect(wrong.map(({ id }) => id)).toEqual([]);
  });
});
