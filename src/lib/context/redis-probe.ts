import { Redis } from 'ioredis';
import { formatDuration } from '../duration.js';
import { Failure } from '../failure.js';
import type { Secret } from '../secret.js';
import type { Probe } from './probe.js';

export interface RedisProbeOptions {
  readonly password?: Secret | undefined;
  /** PEM text. */
  readonly ca?: string | undefined;
  /** Milliseconds. */
  readonly deadline: number;
}

/** Sends a PING. */
export function redisProbe(options: RedisProbeOptions): Probe {
  return async (url) => {
    const redis = new Redis(connection(url, options));
    const errors: Error[] = [];
    redis.on('error', (error: Error) => errors.push(error));
    try {
      await within(
        options.deadline,
        redis.connect().then(() => redis.ping()),
      );
      return 'answers PING';
    } catch (thrown) {
      // The error event has the cause; the call itself only learns that the connection is closed.
      throw refused(url, errors[0] ?? (thrown as Error));
    } finally {
      redis.disconnect();
    }
  };
}

function connection(text: string, { password, ca, deadline }: RedisProbeOptions) {
  const url = new URL(text);
  const target =
    url.protocol === 'unix:'
      ? { path: decodeURIComponent(url.pathname) }
      : {
          host: url.hostname.replace(/^\[|\]$/g, ''),
          port: Number(url.port || 6379),
          db: Number(url.pathname.slice(1)),
        };
  return {
    ...target,
    ...(url.username ? { username: decodeURIComponent(url.username) } : {}),
    ...(password ? { password: password.reveal() } : {}),
    ...(url.protocol === 'rediss:' ? { tls: ca === undefined ? {} : { ca } } : {}),
    lazyConnect: true,
    retryStrategy: () => null,
    connectTimeout: deadline,
  };
}

async function within<T>(deadline: number, work: Promise<T>): Promise<T> {
  const late = new Error(`no answer within ${formatDuration(deadline)}`);
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late), deadline);
  });
  return await Promise.race([work, limit]).finally(() => clearTimeout(timer));
}

function refused(url: string, cause: Error & { code?: string }): Failure {
  if (/^(NOAUTH|WRONGPASS|NOPERM|ERR AUTH|ERR invalid password)/.test(cause.message)) {
    return new Failure(
      'credentials',
      'credentials_refused',
      `${url} refuses the password: ${cause.message}`,
      { cause },
    );
  }
  if (/CERT|SIGNATURE|TLS|SSL|EPROTO/.test(cause.code ?? '')) {
    return new Failure('configuration', 'tls', `${url}: TLS does not trust it: ${cause.code}`, { cause });
  }
  return new Failure(
    'unreachable',
    'unreachable',
    `${url} cannot be reached: ${cause.code ?? cause.message}`,
    { cause },
  );
}
