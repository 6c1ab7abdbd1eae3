import { describe, expect, it } from 'vitest';
import { type BounceContext, bounceSessions } from '../../../../src/lib/cluster/bounce/bounce.js';
import { MemoryStore } from '../../acl/memory-store.js';

const CLIENTS = ['a', 'b', 'c'];
const keyOf = (client: string) => JSON.stringify(['', client, 'u']);
const ROWS = CLIENTS.map((client_id) => ({
  node: 'n1',
  mountpoint: '',
  client_id,
  is_online: true,
  user: 'u',
}));

/** Brokers with these clients. @param onDisconnect called with the commands so far; what it returns is there from then on */
function bounce(
  atFirst: readonly object[],
  onDisconnect: (commands: readonly string[]) => readonly object[],
  signal: AbortSignal,
  took = 0,
) {
  let rows = atFirst;
  const commands: string[] = [];
  const looks: number[] = [];
  let now = 0;
  const rpc = {
    address: 'http://n1',
    call: async ({ words, arguments: given }: { words: string[]; arguments?: string[][] }) => {
      if (words[1] === 'show') {
        looks.push(now);
        now += took;
        return { outcome: 'done', elements: [{ type: 'table', rows }] };
      }
      commands.push(`${words.join(' ')} ${given?.[0]?.[1]}`);
      rows = onDisconnect(commands);
      return { outcome: 'done', elements: [] };
    },
  };
  const clock = {
    now: () => now,
    sleep: async (milliseconds: number) => {
      now += milliseconds;
    },
  };
  const context = {
    fleet: { rpc: () => rpc, seeds: [], deadline: 1000, clock },
    view: { members: [{ name: 'n1', running: 'yes', address: 'http://n1' }] },
    store: new MemoryStore(Object.fromEntries(CLIENTS.map((client) => [keyOf(client), '{}']))),
    changed: new Set(CLIENTS.map(keyOf)),
    rate: 10,
    wait: 30_000,
    signal,
  } as unknown as BounceContext;
  return { commands, looks, events: bounceSessions(context) };
}

async function ended(events: ReturnType<typeof bounceSessions>) {
  let step = await events.next();
  while (!step.done) step = await events.next();
  return step.value;
}

describe('disconnecting clients', () => {
  it('that is interrupted goes no further, and tells who is out', async () => {
    const stop = new AbortController();
    const onDisconnect = (sent: readonly string[]) => {
      if (sent.length === 2) stop.abort();
      return ROWS;
    };
    const { commands, events } = bounce(ROWS, onDisconnect, stop.signal);
    const bounced = await ended(events);
    expect(commands).toEqual(['session disconnect a', 'session disconnect b']);
    expect(bounced).toMatchObject({
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

  it('takes no other connection that was there before for a return, as there may be one in a split', async () => {
    const [a = {}] = ROWS;
    const other = { ...a, node: 'n2', session_started_at: 1 };
    const again = { ...a, session_started_at: 2 };
    const never = new AbortController().signal;
    const left = await ended(bounce([other, a], () => [other], never).events);
    expect(left.report).toMatchObject({ back: [], failed: [{ clientId: 'a', node: 'n2' }] });
    const returned = await ended(bounce([a], () => [again], never).events);
    expect(returned.report).toMatchObject({ back: [{ clientId: 'a' }], failed: [] });
  });

  it('looks the less often who is back the longer a look takes, and once more at the end', async () => {
    const [a = {}] = ROWS;
    const { events, looks } = bounce([a], () => [], new AbortController().signal, 5000);
    expect((await ended(events)).report).toMatchObject({ back: [], notBack: [{ clientId: 'a' }] });
    // The first one is who is affected; the pause for the rate is 100 ms, and the least one between looks 1 s.
    expect(looks).toEqual([0, 5100, 30_100, 36_100]);
  });
});
