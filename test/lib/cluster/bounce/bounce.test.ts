import { describe, expect, it } from 'vitest';
import { type BounceContext, bounceSessions } from '../../../../src/lib/cluster/bounce/bounce.js';
import { MemoryStore } from '../../acl/memory-store.js';

const CLIENTS = ['a', 'b', 'c'];
const keyOf = (client: string) => JSON.stringify(['', client, 'u']);
const rows = CLIENTS.map((client_id) => ({
  node: 'n1',
  mountpoint: '',
  client_id,
  is_online: true,
  user: 'u',
}));

/** A cluster of one node with these clients. @param onDisconnect called with the commands so far */
function bounce(onDisconnect: (commands: readonly string[]) => void, signal: AbortSignal) {
  const commands: string[] = [];
  const rpc = {
    address: 'http://n1',
    call: async ({
      words,
      arguments: [[, client] = []] = [],
    }: {
      words: string[];
      arguments?: string[][];
    }) => {
      if (words[1] === 'show') return { outcome: 'done', elements: [{ type: 'table', rows }] };
      commands.push(`${words.join(' ')} ${client}`);
      onDisconnect(commands);
      return { outcome: 'done', elements: [] };
    },
  };
  const clock = { now: () => 0, sleep: async () => undefined };
  const context = {
    fleet: { rpc: () => rpc, seeds: [], deadline: 1000, clock },
    view: { members: [{ name: 'n1', running: 'yes', address: 'http://n1' }] },
    store: new MemoryStore(Object.fromEntries(CLIENTS.map((client) => [keyOf(client), '{}']))),
    changed: new Set(CLIENTS.map(keyOf)),
    rate: 10,
    wait: 1000,
    signal,
  } as unknown as BounceContext;
  return { commands, events: bounceSessions(context) };
}

describe('disconnecting clients', () => {
  it('that is interrupted goes no further, and tells who is out', async () => {
    const stop = new AbortController();
    const { commands, events } = bounce((sent) => sent.length === 2 && stop.abort(), stop.signal);
    let step = await events.next();
    while (!step.done) step = await events.next();
    expect(commands).toEqual(['session disconnect a', 'session disconnect b']);
    expect(step.value).toMatchObject({
      report: {
        affected: 3,
        disconnected: 2,
        back: [],
        notBack: [{ clientId: 'a' }, { clientId: 'b' }],
        failed: [],
      },
      failure: { kind: 'interrupted' },
    });
  });
});
