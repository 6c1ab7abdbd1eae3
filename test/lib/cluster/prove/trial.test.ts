import { describe, expect, it } from 'vitest';
import { tryClient } from '../../../../src/lib/cluster/prove/trial.js';
import { Failure } from '../../../../src/lib/failure.js';
import type { Connect, ConnectRequest } from '../../../../src/lib/probe/client.js';
import { connectFailure, connectTimeout, subscribeRefused } from '../../../../src/lib/probe/refusals.js';
import { Secret } from '../../../../src/lib/secret.js';
import { MemoryStore } from '../../acl/memory-store.js';
import { HASH } from '../../acl/plan/planning.js';

const NAME = { mountpoint: '', clientId: 'c', username: 'u' };
const FILTERS = ['dev/%c/#', '$share/g/t', { pattern: 'x', modifiers: [['y', 1]] }, { pattern: 'a/#b' }];

/** A broker that grants these filters, and what it was asked for. */
function broker(granted: (filter: string) => boolean, failure?: Failure) {
  const asked: string[] = [];
  const requests: ConnectRequest[] = [];
  const connect: Connect = async (request) => {
    requests.push(request);
    if (failure) throw failure;
    return {
      sessionPresent: false,
      took: 1,
      isConnected: true,
      subscribe: async (filter) => {
        asked.push(`+${filter}`);
        if (!granted(filter)) throw subscribeRefused(filter);
      },
      unsubscribe: async (filter) => void asked.push(`-${filter}`),
      publish: async () => {
        throw new Error('nothing is published');
      },
      end: async () => void asked.push('end'),
    };
  };
  return { connect, asked, requests };
}

const attempt = (connect: Connect) =>
  tryClient(
    {
      store: new MemoryStore({
        '["","c","u"]': JSON.stringify({
          passhash: HASH,
          publish_acl: [{ pattern: 'out' }],
          subscribe_acl: FILTERS.map((entry) => (typeof entry === 'string' ? { pattern: entry } : entry)),
        }),
      }),
      connect,
      url: 'mqtt://127.0.0.1:1883',
      caFile: null,
      deadline: 1000,
      signal: new AbortController().signal,
    },
    NAME,
    new Secret('pw'),
  );

describe('trying a record with a client', () => {
  it('subscribes to what it grants and takes from nobody, ends each, and leaves no session', async () => {
    const { connect, asked, requests } = broker(() => true);
    expect(await attempt(connect)).toEqual({
      outcome: 'proven',
      why: 'logged in, 1 filters granted, 3 more left alone; publishing as can-i says, not tried',
    });
    expect(asked).toEqual(['+dev/c/#', '-dev/c/#', 'end']);
    expect(requests[0]).toMatchObject({ clientId: 'c', credentials: { username: 'u' } });
    expect(requests[0]?.persistent ?? false).toBe(false);
  });

  it('is refuted by a filter that is not granted', async () => {
    const { connect, asked } = broker(() => false);
    expect(await attempt(connect)).toEqual({
      outcome: 'refuted',
      why: 'subscribe_acl[0] should grant dev/c/#',
    });
    expect(asked).toEqual(['+dev/c/#', 'end']);
  });

  it.each([
    ['a login that is refused', connectFailure({ code: 4 }, '3.1.1'), 'refuted'],
    ['a broker that is busy', connectFailure({ code: 3 }, '3.1.1'), 'not-provable'],
    ['no answer', connectTimeout(1000), 'not-provable'],
  ])('%s', async (_, failure, outcome) => {
    expect(await attempt(broker(() => true, failure).connect)).toEqual({ outcome, why: failure.message });
  });

  it('ends when it is interrupted', async () => {
    const stopped = new Failure('interrupted', 'interrupted', 'interrupted');
    await expect(attempt(broker(() => true, stopped).connect)).rejects.toBe(stopped);
  });
});
