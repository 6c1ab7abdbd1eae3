import type { Command, RedisConnection } from './redis-connection.js';
import { transaction, written } from './redis-write.js';
import type { Exchange, ExchangeOutcome } from './store.js';

/**
 * Compares and writes records of one lot as if nobody else were there.
 *
 * @returns undefined when one of them was changed since it was read: then nothing was written
 */
export async function exchangeOnce(
  server: RedisConnection,
  exchanges: readonly Exchange[],
): Promise<ExchangeOutcome[] | undefined> {
  const keys = exchanges.map(({ key }) => key);
  const [, values] = await Promise.all([server.call('WATCH', ...keys), server.call('MGET', ...keys)]);
  const held = await heldBy(server, keys, values as readonly (Buffer | null)[]);
  const outcomes = exchanges.map((exchange, at) => outcomeOf(exchange, held[at]));
  const chosen = exchanges.filter((_, at) => outcomes[at] === 'written');
  // A WATCH that is not followed by EXEC does no harm: at worst the next exchange begins once more.
  if (chosen.length === 0) return outcomes;
  const what = keys.length === 1 ? (keys[0] ?? '') : `${chosen.length} records`;
  const commands = await commandsFor(server, chosen);
  const reply = await written(what, transaction(server, ...commands));
  return reply === null ? undefined : outcomes;
}

/** What a key holds: a text, nothing, or something that is no string. */
type Held = Buffer | 'nothing' | 'other';

async function heldBy(
  server: RedisConnection,
  keys: readonly string[],
  values: readonly (Buffer | null)[],
): Promise<Held[]> {
  const missing = keys.filter((_, at) => !values[at]);
  // One question for all of them: MGET has nothing for what is no string, either, and that is rare.
  const others = missing.length === 0 ? 0 : Number(await server.call('EXISTS', ...missing));
  return await Promise.all(
    keys.map(async (key, at) => {
      if (values[at]) return values[at];
      return others > 0 && (await server.call('EXISTS', key)) === 1 ? 'other' : 'nothing';
    }),
  );
}

function outcomeOf({ found, write }: Exchange, held: Held | undefined): ExchangeOutcome {
  const holds = (text: string | null) =>
    text === null ? held === 'nothing' : Buffer.isBuffer(held) && held.equals(Buffer.from(text));
  if (holds(found)) return 'written';
  return holds(write) ? 'already' : 'moved';
}

/** One command for all that need none of their own: a text that has a time to live keeps it. */
async function commandsFor(server: RedisConnection, chosen: readonly Exchange[]): Promise<Command[]> {
  const texts = chosen.flatMap(({ key, found, write }) => (write === null ? [] : [{ key, found, write }]));
  const times = await Promise.all(
    texts.map(async ({ key, found }) => (found === null ? 0 : Number(await server.call('PTTL', key)))),
  );
  const lasting = texts.filter((_, at) => Number(times[at]) <= 0).flatMap(({ key, write }) => [key, write]);
  const limited = texts.flatMap(({ key, write }, at): Command[] =>
    Number(times[at]) > 0 ? [['SET', key, write, 'PX', Number(times[at])]] : [],
  );
  const removed = chosen.flatMap(({ key, write }) => (write === null ? [key] : []));
  return [
    ...(lasting.length > 0 ? [['MSET', ...lasting] as const] : []),
    ...limited,
    ...(removed.length > 0 ? [['DEL', ...removed] as const] : []),
  ];
}
