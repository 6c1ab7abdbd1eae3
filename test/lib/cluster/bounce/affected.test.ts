import { describe, expect, it } from 'vitest';
import { affectedSessions } from '../../../../src/lib/cluster/bounce/affected.js';
import type { SessionRow } from '../../../../src/lib/cluster/explain/sightings.js';
import { MemoryStore } from '../../acl/memory-store.js';

const session = (clientId: string, more: Partial<SessionRow> = {}): SessionRow => ({
  node: 'n1',
  mountpoint: '',
  clientId,
  isOnline: true,
  state: 'online',
  user: 'u',
  host: '127.0.0.1',
  port: 1,
  protocol: 4,
  clean: true,
  startedAt: 1,
  offlineMessages: 0,
  ...more,
});
const key = (client: string, mountpoint = '') => JSON.stringify([mountpoint, client, 'u']);
const affected = async (
  rows: readonly SessionRow[],
  changed: readonly string[],
  records: readonly string[],
) => {
  const store = new MemoryStore(Object.fromEntries(records.map((name) => [name, '{}'])));
  const found = await affectedSessions(rows, new Set(changed), store);
  return found.map(({ row, record }) => `${row.mountpoint}${row.clientId}${record === null ? ' out' : ''}`);
};

describe('a changed record affects', () => {
  it.each([
    ['the session of its client, not others', ['a', 'b'], [key('a')], [key('a'), key('b')], ['a']],
    [
      'for any client, sessions without a record of their own',
      ['a', 'b'],
      [key('*')],
      [key('a'), key('*')],
      ['b'],
    ],
    ['that is removed, its client, who has another one left', ['a'], [key('a')], [key('*')], ['a']],
    ['that is removed, its client, who has none left', ['a'], [key('a')], [], ['a out']],
    ['for any client, that is removed, those who lived by it', ['a'], [key('*')], [], ['a out']],
    [
      'that is added, the client who lived by the one for any',
      ['a'],
      [key('a')],
      [key('a'), key('*')],
      ['a'],
    ],
  ])('%s', async (_, ids, changed, records, expected) => {
    expect(
      await affected(
        ids.map((id) => session(id)),
        changed,
        records,
      ),
    ).toEqual(expected);
  });

  it('nobody of another mountpoint or user, who is offline, or who has no user; and each client once', async () => {
    const rows = [
      session('a', { mountpoint: 'm' }),
      session('b', { user: 'v' }),
      session('c', { isOnline: false }),
      session('d', { user: null }),
      session('e'),
      session('e', { node: 'n2' }),
    ];
    const all = ['a', 'b', 'c', 'd', 'e'].map((id) => key(id));
    expect(await affected(rows, all, all)).toEqual(['e']);
    expect(await affected(rows, [key('a', 'm')], [])).toEqual(['ma out']);
  });
});
