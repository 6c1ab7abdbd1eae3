import { describe, expect, it } from 'vitest';
import { type ProveContext, proveRecords } from '../../../../src/lib/cluster/prove/prove.js';
import { Failure } from '../../../../src/lib/failure.js';
import { connectFailure } from '../../../../src/lib/probe/refusals.js';
import { Secret } from '../../../../src/lib/secret.js';
import { MemoryStore } from '../../acl/memory-store.js';
import { HASH } from '../../acl/plan/planning.js';

const keyOf = (user: string) => JSON.stringify(['', '*', user]);
const record = JSON.stringify({ passhash: HASH });

/** Lost as soon as the second user is asked for. */
class DyingStore extends MemoryStore {
  override async read(keys: readonly string[]) {
    return this.asked(keys) ?? (await super.read(keys));
  }
  override async get(key: string) {
    return this.asked([key]) ?? (await super.get(key));
  }
  private asked(keys: readonly string[]): undefined {
    if (keys.some((key) => key.includes('second'))) throw new Failure('unreachable', 'gone', 'Redis is gone');
    return undefined;
  }
}

describe('proving records', () => {
  it('that ends early keeps what it has found out', async () => {
    const context: ProveContext = {
      fleet: {} as ProveContext['fleet'],
      view: { members: [] } as unknown as ProveContext['view'],
      store: new DyingStore({ [keyOf('first')]: record, [keyOf('second')]: record }),
      written: new Map(['first', 'second'].map((user) => [keyOf(user), new Secret('p')])),
      removed: [keyOf('old')],
      back: [],
      connect: async () => {
        throw connectFailure(
          Object.assign(new Error('Connection refused: Not authorized'), { code: 5 }),
          '3.1.1',
        );
      },
      url: 'mqtt://127.0.0.1:1883',
      caFile: null,
      deadline: 1000,
      signal: new AbortController().signal,
    };
    const events = proveRecords(context);
    let step = await events.next();
    while (!step.done) step = await events.next();
    expect(step.value).toMatchObject({
      records: [
        { key: keyOf('old'), outcome: 'not-provable' },
        { key: keyOf('first'), outcome: 'refuted' },
      ],
      failure: { code: 'gone' },
    });
  });
});
