import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { systemClock } from '../clock.js';
import { acquireLock } from '../cluster/operations/lock.js';
import type { RedisSettings } from '../context/settings.js';
import { Failure } from '../failure.js';
import { Secret } from '../secret.js';
import { openAccess } from './access.js';
import { type CleanUpAccess, cleanUp } from './cleanup.js';
import type { Credentials } from './client.js';
import { fileJournals } from './journal.js';
import type { Watchdog } from './options.js';

/** What it takes to clean up, besides the journal. */
export interface WatchdogSettings {
  /** Milliseconds per connection and call. */
  readonly deadline: number;
  readonly credentials: Credentials | undefined;
  /** Where records are set, if any are. */
  readonly redis: RedisSettings | undefined;
}

/** What the watchdog is told on its standard input: secrets among it, so it is written nowhere else. */
interface Orders {
  readonly folder: string;
  readonly id: string;
  readonly deadline: number;
  readonly login: { readonly username: string; readonly password: string | undefined } | undefined;
  readonly redis: RedisOrders | undefined;
}

/** The same with its secrets as they are. */
interface RedisOrders extends Omit<RedisSettings, 'password' | 'sentinelPassword'> {
  readonly password: string | undefined;
  readonly sentinelPassword: string | undefined;
}

/** Milliseconds until the watchdog has to be ready. */
const START = 15_000;
/** Milliseconds after the death of a probe in which brokers still read what it had sent. */
const SETTLE = 1000;
/** How often it tries, and after how many milliseconds again. */
const ATTEMPTS = 20;
const PAUSE = 3000;

export const lockKey = (id: string): string => `probe ${id}`;

/**
 * Starts a process that outlives this one: however we end, it notices, and removes what the journal then names.
 *
 * @param script its bundled entry
 * @throws Failure (failed) when it does not start
 */
export async function startWatchdog(
  script: string,
  folder: string,
  id: string,
  settings: WatchdogSettings,
): Promise<Watchdog> {
  const { PATH, NODE_EXTRA_CA_CERTS } = process.env;
  const child = spawn(process.execPath, [script], {
    detached: true,
    env: { PATH, ...(NODE_EXTRA_CA_CERTS ? { NODE_EXTRA_CA_CERTS } : {}) },
    stdio: ['pipe', 'pipe', 'ignore'],
    windowsHide: true,
  });
  child.stdin.on('error', () => undefined);
  const { deadline, credentials, redis } = settings;
  const orders: Orders = {
    ...{ folder, id, deadline },
    login: credentials && { ...credentials, password: credentials.password?.reveal() },
    redis: redis && {
      ...redis,
      password: redis.password?.reveal(),
      sentinelPassword: redis.sentinelPassword?.reveal(),
    },
  };
  child.stdin.write(`${JSON.stringify(orders)}\n`);
  const ready = once(createInterface(child.stdout), 'line', { signal: AbortSignal.timeout(START) });
  const failed = new Promise<never>((_, reject) => {
    child.once('error', reject);
    child.once('exit', () => reject(new Error('it ended')));
  });
  failed.catch(() => undefined);
  try {
    await Promise.race([ready, failed]);
  } catch (cause) {
    child.kill('SIGKILL');
    throw new Failure('failed', 'no_watchdog', 'the process that would clean up after us did not start', {
      cause,
    });
  }
  child.stdout.destroy();
  child.unref();
  return { dismiss: () => child.stdin.destroy() };
}

/** The process itself: it waits until the one who gave the orders has ended, and does what that one has not. */
export async function runWatchdog(input: NodeJS.ReadableStream, ready: () => void): Promise<void> {
  const lines = createInterface(input);
  const [line] = (await once(lines, 'line')) as [string];
  const orders = JSON.parse(line) as Orders;
  // A terminal that is closed concerns whoever sat there.
  process.on('SIGHUP', () => undefined);
  const closed = once(lines, 'close');
  ready();
  await closed;
  // After an end in good order there is nothing to wait for.
  if ((await fileJournals(orders.folder).read(orders.id)) !== undefined) await systemClock.sleep(SETTLE);
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    if (await isDone(orders)) return;
    await systemClock.sleep(PAUSE);
  }
}

/** Who has told it is no more, so there is nobody to tell: the journal stays, and the next probe says why. */
async function isDone(orders: Orders): Promise<boolean> {
  const { folder, id } = orders;
  try {
    const lock = await acquireLock(folder, lockKey(id), 'cleaning up after a cluster probe');
    try {
      const journals = fileJournals(folder);
      const journal = await journals.read(id);
      if (journal === undefined) await journals.remove(id);
      else await cleanUp(accessOf(orders), journals, journal);
      return true;
    } finally {
      await lock.release();
    }
  } catch (thrown) {
    if (thrown instanceof Failure) return false;
    throw thrown;
  }
}

function accessOf({ deadline, login, redis }: Orders): CleanUpAccess {
  const secret = (text: string | undefined) => (text === undefined ? undefined : new Secret(text));
  const credentials = login && { ...login, password: secret(login.password) };
  return openAccess(deadline, credentials, async (url) => {
    const none = { url, deadline, password: undefined, sentinelPassword: undefined };
    const { password, sentinelPassword, ...settings } = redis ?? none;
    const [own, ofSentinels] = [secret(password), secret(sentinelPassword)];
    return {
      ...settings,
      url,
      ...(own ? { password: own } : {}),
      ...(ofSentinels ? { sentinelPassword: ofSentinels } : {}),
    };
  });
}
