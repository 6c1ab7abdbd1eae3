import type { Command, RedisConnection, Reply } from './redis-connection.js';
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
  const [, values, ...times] = await Promise.all([
    server.call('WATCH', ...keys),
    server.call('MGET', ...keys),
    ...keys.map((key) => server.call('PTTL', key)),
  ]);
  const outcomes = exchanges.map((exchange, at) =>
    outcomeOf(exchange, (values as readonly Reply[])[at] ?? null, Number(times[at])),
  );
  const commands = exchanges.flatMap((exchange, at) =>
    outcomes[at] === 'written' ? [commandFor(exchange, Number(times[at]))] : [],
  );
  // A WATCH that is not followed by EXEC does no harm: at worst the next exchange begins once more.
  if (commands.length === 0) return outcomes;
  const what = keys.length === 1 ? (keys[0] ?? '') : `${commands.length} records`;
  const reply = await written(what, transaction(server, ...commands));
  return reply === null ? undefined : outcomes;
}

/** What PTTL says of a key that is not there. MGET has nothing for one that holds no string, either. */
const GONE = -2;

function outcomeOf({ found, write }: Exchange, value: Reply, timeToLive: number): ExchangeOutcome {
  const holds = (text: string | null) =>
    text === null ? timeToLive === GONE : Buffer.isBuffer(value) && value.equals(Buffer.from(text));
  if (holds(found)) return 'written';
  return holds(write) ? 'already' : 'moved';
}

/** SET alone would end its time to live. */
function commandFor({ key, write }: Exchange, timeToLive: number): Command {
  if (write === null) return ['DEL', key];
  return timeToLive > 0 ? ['SET', key, write, 'PX', timeToLive] : ['SET', key, write];
}
