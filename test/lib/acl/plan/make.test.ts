import { describe, expect, it } from 'vitest';
import { verifyPassword } from '../../../../src/lib/acl/password.js';
import { describeChange } from '../../../../src/lib/acl/plan/describe.js';
import { MemoryStore } from '../memory-store.js';
import { desiredRows, HASH, plan } from './planning.js';

const key = (client: string, mountpoint = '') => JSON.stringify([mountpoint, client, 'u']);
const record = (more: object = {}) =>
  JSON.stringify({ passhash: HASH, subscribe_acl: [], publish_acl: [], ...more });

describe('a plan', () => {
  it('adds what is not there, with the text that will be written', async () => {
    const { changes } = await plan(new MemoryStore(), desiredRows({ client_id: 'a', passhash: HASH }));
    expect(changes).toEqual([{ key: key('a'), found: null, write: record() }]);
  });

  it('leaves alone what means the same, however it is spelled', async () => {
    const store = new MemoryStore({
      [key('a')]: `{ "publish_acl" : [{"max_qos":1.0,"pattern":"x"}], "passhash" : "${HASH}" }`,
    });
    const rows = desiredRows({ client_id: 'a', passhash: HASH, publish_acl: [{ pattern: 'x', max_qos: 1 }] });
    expect(await plan(store, rows)).toMatchObject({ changes: [], unchanged: 1 });
  });

  it('compares a password by verifying it: the hash that is there stays, and a new one verifies', async () => {
    const made = await plan(new MemoryStore(), desiredRows({ client_id: 'a', password: 'one' }));
    const text = made.changes[0]?.write ?? '';
    const store = new MemoryStore({ [key('a')]: text });
    expect(await plan(store, desiredRows({ client_id: 'a', password: 'one' }))).toMatchObject({
      unchanged: 1,
    });
    const { changes } = await plan(store, desiredRows({ client_id: 'a', password: 'two' }));
    expect(await verifyPassword('two', JSON.parse(changes[0]?.write ?? '').passhash)).toBe(true);
    expect(changes.map(describeChange)).toMatchObject([
      { kind: 'changed', passhash: 'changed', publish: [] },
    ]);
  });

  it('keeps the members that no row names, as acl set does, and tells of them', async () => {
    const store = new MemoryStore({ [key('a')]: `{"passhash":"${HASH}","number":12345678901234567890}` });
    const { changes } = await plan(store, desiredRows({ client_id: 'a', publish_acl: ['x'] }));
    expect(changes[0]?.write).toContain('"number":12345678901234567890');
    expect(changes.map(describeChange)).toMatchObject([{ kept: ['number'], passhash: 'same' }]);
  });

  it('replaces what is broken as a whole, and says so', async () => {
    const store = new MemoryStore({ [key('a')]: 'no JSON' });
    const { changes } = await plan(store, desiredRows({ client_id: 'a', passhash: HASH }));
    expect(changes).toEqual([{ key: key('a'), found: 'no JSON', write: record() }]);
    expect(describeChange(changes[0] as never).broken).toContain('not JSON');
  });

  it('names every row that cannot be planned', async () => {
    const store = new MemoryStore();
    store.values.set(key('b'), { kind: 'wrong-type', type: 'list' });
    store.values.set(key('c'), { kind: 'not-utf8' });
    const rows = desiredRows(
      { client_id: 'a' },
      { client_id: 'b', passhash: HASH },
      { client_id: 'c', passhash: HASH },
      { client_id: 'd', password: 'x'.repeat(73) },
    );
    const { faults } = await plan(store, rows);
    expect(faults.map(({ line }) => line)).toEqual([1, 2, 3, 4]);
    expect(faults.map(({ why }) => why).join('\n')).toMatch(
      /neither passhash nor password.*\n.*a Redis list.*\n.*not UTF-8.*\n.*73 bytes/,
    );
  });

  it('prunes only in the mountpoints that are named, and never by nothing', async () => {
    const store = new MemoryStore({
      [key('a')]: record(),
      [key('old')]: 'whatever',
      [key('other', 'm')]: record(),
      '["", "stray", "u"]': record(),
    });
    const rows = desiredRows({ client_id: 'a', passhash: HASH });
    expect((await plan(store, rows)).changes).toEqual([]);
    const { changes, mountpoints } = await plan(store, rows, true);
    expect(changes).toEqual([{ key: key('old'), found: 'whatever', write: null }]);
    expect(mountpoints).toEqual(['']);
    await expect(plan(store, [], true)).rejects.toMatchObject({ kind: 'safety', code: 'empty_prune' });
  });
});
