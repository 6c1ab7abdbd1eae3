import type { AnyAuthMethod } from 'ssh2';
import { algorithms } from '../algorithms.js';
import { judge, knownTypes, namesOf } from '../known-hosts/judge.js';
import { readKnownHosts } from '../known-hosts/read.js';
import { refusal } from '../known-hosts/refuse.js';
import { Attempt, type OpenOptions } from './attempt.js';
import type { Connection } from './connection.js';

/** Milliseconds, and how many questions may stay without an answer. */
const KEEP_ALIVE = { interval: 15_000, count: 3 };

/**
 * Connects, judges the host by its key, and logs in.
 *
 * @throws Failure: unreachable, credentials, configuration
 */
export async function openConnection(given: OpenOptions): Promise<Connection> {
  const { settings } = given;
  const entries = await readKnownHosts(settings.knownHostsFiles);
  const attempt = new Attempt(given);
  const names = namesOf(settings.hostname, settings.port, settings.hostKeyAlias);
  return attempt.run((stream, login) => ({
    sock: stream,
    username: settings.user,
    algorithms: algorithms(knownTypes(entries, names)),
    // Our own countdown stands still while the operator is asked.
    readyTimeout: 0,
    keepaliveInterval: settings.keepAliveInterval ?? given.options.keepAliveInterval ?? KEEP_ALIVE.interval,
    keepaliveCountMax: settings.keepAliveCount ?? KEEP_ALIVE.count,
    hostVerifier: (key: Buffer) =>
      attempt.accepts(key, refusal(judge(entries, names, key), key, settings, given.via)),
    authHandler: (
      allowed: readonly string[] | null,
      _isPartial: boolean | null,
      next: (method: AnyAuthMethod) => void,
    ) => attempt.authenticate(login, allowed, next),
  }));
}
