import { describe, expect, it } from 'vitest';
import { isWanted, mayBeWanted, readColumns, readCondition } from '../../../src/lib/acl/list-filter.js';
import type { ListedRecord } from '../../../src/lib/acl/listed-record.js';

const RECORD: ListedRecord = {
  name: { mountpoint: '', clientId: 'dev-1', username: 'alice.b' },
  key: '["","dev-1","alice.b"]',
  record: {
    passhash: '$2b$10$secret',
    publish_acl: [{ pattern: 'a/+' }, { pattern: 'b/#' }, 5],
    subscribe_acl: 'no list',
  },
  problems: ['passhash is not a bcrypt hash', 'subscribe_acl must be a list'],
};

const meets = (...filters: string[]) => {
  const conditions = filters.map(readCondition);
  return mayBeWanted(RECORD.name, conditions) && isWanted(RECORD, conditions);
};

describe('a filter', () => {
  it.each([
    ['username=alice*', true],
    ['username=alice', false],
    ['username=alice?b', true],
    ['username=alicexb', false],
    ['username!=bob*', true],
    ['username!=alice*', false],
    ['client-id=dev-1', true],
    ['client_id=\\*', false],
    ['mountpoint=', true],
    ['mountpoint=?*', false],
    ['passhash=$2b$10$*', true],
    ['passhash=*secret*', false],
    ['publish_acl=b/#', true],
    ['publish_acl=a/+', true],
    ['publish_acl=a/x', false],
    ['publish_acl!=a/*', false],
    ['subscribe_acl=*', false],
    ['subscribe_acl!=*', true],
    ['problems=*bcrypt*', true],
    ['problems!=*', false],
  ])('%s is met: %s', (filter, met) => {
    expect(meets(filter)).toBe(met);
  });

  it('is met with others when all are', () => {
    expect(meets('username=alice*', 'publish_acl=b/*')).toBe(true);
    expect(meets('username=alice*', 'publish_acl=x')).toBe(false);
  });

  it('is met by no list of a broken record', () => {
    const broken = { ...RECORD, record: undefined, problems: ['broken: it is not JSON'] };
    expect(isWanted(broken, [readCondition('publish_acl=*')])).toBe(false);
    expect(isWanted(broken, [readCondition('problems=broken*')])).toBe(true);
  });

  it.each(['username', '=x', 'user=x', 'username<x'])('cannot be %s', (text) => {
    expect(() => readCondition(text)).toThrow(expect.objectContaining({ kind: 'usage' }));
  });
});

describe('columns', () => {
  it('are fields with commas between them', () => {
    expect(readColumns('username, client-id,problems')).toEqual(['username', 'client_id', 'problems']);
  });

  it.each(['', 'username,', 'name'])('cannot be %j', (text) => {
    expect(() => readColumns(text)).toThrow(
      expect.objectContaining({ kind: 'usage', hint: expect.stringContaining('mountpoint, client_id') }),
    );
  });
});
