import { decidePublish, decideSubscribe } from '../../src/lib/acl/authorize/action.js';
import { DEFAULT_BROKER } from '../../src/lib/acl/authorize/broker.js';
import { decide } from '../../src/lib/acl/authorize/decision.js';
import { rememberedReading } from '../../src/lib/acl/authorize/record.js';
import { recordKey } from '../../src/lib/acl/key.js';

const DECISIONS = 50_000;
const PASSHASH = '$2a$04$5xGvLdO5gqQJ6PAzaogvsuLbe/WS6wFJiXy4TSwRpQ46UFCMO8VmC';

export interface AclFigures {
  /** Decisions per second from the text of a record on: looked up, read, and decided by. */
  readonly fromRecord: number;
  /** The same of a record that was read before, as `acl test` has it. */
  readonly again: number;
  /** Decisions per second of a client that is logged in. */
  readonly loggedIn: number;
}

/** What deciding costs, without passwords; the best of so many rounds. */
export async function measureDecisions(rounds: number): Promise<AclFigures> {
  const who = { mountpoint: '', clientId: '1528361231', username: '101' };
  const text = JSON.stringify({
    passhash: PASSHASH,
    publish_acl: entries('out'),
    subscribe_acl: entries('in'),
  });
  const records = new Map([[recordKey(who), { kind: 'text', text } as const]]);
  const sources = {
    find: async (key: string) => records.get(key) ?? ({ kind: 'missing' } as const),
    verify: async () => true,
    isUsable: () => true,
  };
  const client = { ...who, password: { kind: 'assumed-right' }, protocol: 4, cleanSession: true } as const;
  const publish = {
    type: 'publish',
    topic: 'out/9/1528361231/x',
    qos: 1,
    retain: false,
    payloadBytes: 10,
  } as const;
  const subscribe = { type: 'subscribe', filters: [{ filter: 'in/3/1528361231/#', qos: 1 }] } as const;
  const { connect } = await decide(client, publish, sources, DEFAULT_BROKER);
  const { acl } = connect;
  if (!acl) throw new Error(`the client of the bench is refused: ${connect.reason}`);
  return {
    fromRecord: await best(rounds, async () => {
      for (let count = 0; count < DECISIONS; count += 1)
        await decide(client, count % 2 === 0 ? publish : subscribe, sources, DEFAULT_BROKER);
    }),
    again: await best(rounds, async () => {
      const remembering = { ...sources, read: rememberedReading() };
      for (let count = 0; count < DECISIONS; count += 1)
        await decide(client, count % 2 === 0 ? publish : subscribe, remembering, DEFAULT_BROKER);
    }),
    loggedIn: await best(rounds, async () => {
      for (let count = 0; count < DECISIONS; count += 1) {
        if (count % 2 === 0) decidePublish(acl, publish, DEFAULT_BROKER);
        else decideSubscribe(acl, subscribe, 4, DEFAULT_BROKER);
      }
    }),
  };
}

/** Three entries: two that do not match and one that does. */
const entries = (direction: string) => [
  { pattern: `${direction}/+/all`, max_qos: 1 },
  { pattern: 'status/%c' },
  { pattern: `${direction}/+/%c/#`, max_qos: 1, max_payload_size: 1000, allowed_retain: false },
];

/** Decisions per second. */
async function best(rounds: number, run: () => Promise<void>): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round += 1) {
    const started = performance.now();
    await run();
    least = Math.min(least, performance.now() - started);
  }
  return DECISIONS / (least / 1000);
}
