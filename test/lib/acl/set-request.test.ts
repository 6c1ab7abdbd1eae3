import { describe, expect, it } from 'vitest';
import { hashSecret } from '../../../src/lib/acl/credentials.js';
import { verifyPassword } from '../../../src/lib/acl/password.js';
import {
  needsPassword,
  readSetRequest,
  type SetFlags,
  withPasshash,
} from '../../../src/lib/acl/set-request.js';
import { Secret } from '../../../src/lib/secret.js';
import { MemoryStore } from './memory-store.js';

const NAME = { mountpoint: '', clientId: 'c', username: 'u' };
const PASSHASH = '$2a$04$5xGvLdO5gqQJ6PAzaogvsuLbe/WS6wFJiXy4TSwRpQ46UFCMO8VmC'; // of p1
const ENVIRONMENT = {
  PASSWORD: 'p1',
  LONG: 'x'.repeat(73),
  HASH: PASSHASH,
  HASH_2B: PASSHASH.replace('2a', '2b'),
};

const read = (flags: Partial<SetFlags>, canAsk = false) =>
  readSetRequest(
    NAME,
    { 'no-publish': false, 'no-subscribe': false, replace: false, 'dry-run': false, ...flags },
    ENVIRONMENT,
    canAsk,
  );

describe('the request that a command line makes', () => {
  it('has what is named, and nothing else', async () => {
    const { request, remarks } = await read({
      publish: ['hello'],
      'add-subscribe': ['say'],
      'dry-run': true,
    });
    expect(request).toEqual({
      name: NAME,
      change: {
        passhash: undefined,
        publish: { how: 'replace', entries: [{ pattern: 'hello' }] },
        subscribe: { how: 'add', entries: [{ pattern: 'say' }] },
      },
      replace: false,
      dryRun: true,
      maxDepth: 10,
    });
    expect(remarks).toEqual([]);
  });

  it('empties a list', async () => {
    const { request } = await read({ 'no-publish': true });
    expect(request.change.publish).toEqual({ how: 'replace', entries: [] });
  });

  it('hashes a password', async () => {
    const { request } = await read({ 'password-from': 'env:PASSWORD', cost: 4 });
    expect(await verifyPassword('p1', request.change.passhash ?? '')).toBe(true);
  });

  it('takes over a passhash, and says when it relabels it', async () => {
    expect(await read({ 'passhash-from': 'env:HASH' })).toMatchObject({
      request: { change: { passhash: PASSHASH } },
      remarks: [],
    });
    const relabelled = await read({ 'passhash-from': 'env:HASH_2B' });
    expect(relabelled.request.change.passhash).toBe(PASSHASH);
    expect(relabelled.remarks).toEqual([expect.stringContaining('relabelled to $2a$')]);
  });

  it('permits deeper patterns where the brokers do', async () => {
    const deep = { publish: ['a/b/c/d/e/f/g/h/i/j/k'] };
    await expect(read(deep)).rejects.toMatchObject({ code: 'bad_entry' });
    await expect(read({ ...deep, 'topic-max-depth': 11 })).resolves.toMatchObject({
      request: { maxDepth: 11 },
    });
  });

  it.each([
    [{ publish: ['a'], 'no-publish': true }, '--publish and --no-publish contradict each other'],
    [{ subscribe: ['a'], 'add-subscribe': ['b'] }, '--subscribe and --add-subscribe contradict each other'],
    [
      { 'password-from': 'env:PASSWORD', 'passhash-from': 'env:HASH' },
      '--passhash-from and --password-from contradict each other',
    ],
    [
      { 'passhash-from': 'env:HASH', cost: 4 },
      '--cost is of use only where a password is hashed: --password-from',
    ],
    [{ publish: ['a'], cost: 4 }, '--cost is of use only where a password is hashed: --password-from'],
    [{}, 'nothing is named that is to be set'],
    [{ publish: ['a', 'b#'] }, 'publish_acl[1].pattern has a # within a level: "b#"'],
    [{ 'add-publish': ['b#'] }, '--add-publish[0].pattern has a # within a level: "b#"'],
    [
      { replace: true, publish: ['a'] },
      '--replace keeps nothing of the old record, so this is missing: --password-from; --subscribe or --no-subscribe',
    ],
    [{ 'password-from': 'p1' }, '--password-from takes the place of a secret, never the secret itself'],
  ])('is refused when it makes no sense: %j', async (flags, message) => {
    await expect(read(flags)).rejects.toMatchObject({ kind: 'usage', message });
  });

  it('is refused for a password that cannot be used', async () => {
    await expect(read({ 'password-from': 'env:LONG' })).rejects.toMatchObject({
      kind: 'data',
      code: 'long_password',
    });
    await expect(read({ 'password-from': 'env:NOT_SET' })).rejects.toMatchObject({ kind: 'configuration' });
  });

  it('is refused for a name that the broker never finds, before any secret is read', async () => {
    const flags = {
      'no-publish': true,
      'no-subscribe': true,
      replace: false,
      'dry-run': false,
      'password-from': 'env:NOT_SET',
    };
    await expect(readSetRequest({ ...NAME, clientId: 'a b' }, flags, {}, false)).rejects.toMatchObject({
      code: 'unusable_name',
    });
  });
});

describe('a password', () => {
  it('is needed for a record that is not there yet', async () => {
    const { request } = await read({ publish: ['a'] });
    expect(await needsPassword(new MemoryStore(), request)).toBe(true);
    expect(await needsPassword(new MemoryStore({ '["","c","u"]': '{}' }), request)).toBe(false);
    expect(
      await needsPassword(new MemoryStore(), (await read({ 'passhash-from': 'env:HASH' })).request),
    ).toBe(false);
  });

  it('is needed for a record that is replaced', async () => {
    const { request } = await read({ publish: ['a'], subscribe: ['b'], replace: true }, true);
    expect(await needsPassword(new MemoryStore({ '["","c","u"]': '{}' }), request)).toBe(true);
  });

  it('that was asked for completes the request', async () => {
    const input = await read({ publish: ['a'], cost: 4 }, true);
    const { request } = withPasshash(input, await hashSecret(new Secret('p1'), 4));
    expect(await verifyPassword('p1', request.change.passhash ?? '')).toBe(true);
    expect(request.change.publish).toEqual(input.request.change.publish);
  });
});
