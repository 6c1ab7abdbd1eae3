import { certificateHint } from '../certificate-hint.js';
import { formatDuration } from '../duration.js';
import { Failure } from '../failure.js';
import { LATER, meaningOf, PASSWORD_HINT } from './redis-replies.js';

/** A server of a cluster has done nothing, and another one, or the same in a moment, may do it. */
export class NotDoneHere extends Failure {
  /** @param reply such as `MOVED 3999 127.0.0.1:6381` */
  constructor(
    readonly reply: string,
    ...told: ConstructorParameters<typeof Failure>
  ) {
    super(...told);
  }
}

/**
 * Turns an error reply of Redis into a failure. Its text is repeated only where it cannot hold a secret.
 *
 * @param place the URL of the Redis, without a password
 */
export function replyFailure(message: string, place: string): Failure {
  const meaning = meaningOf(message);
  if (meaning) {
    const told = [meaning.kind, meaning.code, `Redis at ${place} ${meaning.says}`] as const;
    const isForCluster = /^(MOVED|ASK|TRYAGAIN|CLUSTERDOWN|LOADING)\b/.test(message);
    return isForCluster
      ? new NotDoneHere(message, ...told, { hint: meaning.hint })
      : new Failure(...told, { hint: meaning.hint });
  }
  const [, missing] = /^ERR unknown command ['`]([A-Za-z]+)['`]/.exec(message) ?? [];
  if (missing)
    return new Failure('failed', 'redis_command_missing', `Redis at ${place} knows no ${missing}`, {
      hint: 'Its configuration may have given the command another name, or none: see rename-command.',
    });
  // For what it does not understand, Redis repeats the arguments: a password or a passhash.
  const safe = message.replace(/[,:]? with args beginning with.*$/s, '').replace(/[\r\n].*$/s, '');
  return new Failure('failed', 'redis_error', `Redis at ${place} answered: ${safe}`, {
    hint: 'Nothing was written by the command that it refused.',
  });
}

/** The same for AUTH, whose arguments are secret: a reply that is not recognised is not repeated at all. */
export function authFailure(message: string, place: string): Failure {
  const meaning = meaningOf(message);
  if (meaning) return replyFailure(message, place);
  return new Failure('credentials', 'redis_login_failed', `Redis at ${place} did not accept the login`, {
    hint: PASSWORD_HINT,
  });
}

export function timeoutFailure(place: string, deadline: number): Failure {
  return new Failure(
    'unreachable',
    'redis_timeout',
    `Redis at ${place} did not answer within ${formatDuration(deadline)}`,
    {
      hint: 'Look whether it is overloaded or stopped; --deadline gives it more time.',
    },
  );
}

/** Turns a broken or refused connection into a failure. */
export function connectionFailure(error: unknown, place: string): Failure {
  const { code = '', message = '' } = error as { code?: string; message?: string };
  // Redis sends these before it is asked anything, and the library wraps them.
  const unasked = /Last error: ((DENIED|ERR max number).*)/.exec(message)?.[1];
  if (unasked) return replyFailure(unasked, place);
  const unreachable = (name: string, says: string, hint: string) =>
    new Failure('unreachable', name, `Redis at ${place} ${says}`, { hint });
  if (/CERT|SELF_SIGNED|VERIFY|ALTNAME/.test(code)) {
    return unreachable(
      'redis_certificate',
      `has a certificate that is not trusted (${code})`,
      certificateHint(code),
    );
  }
  if (/EPROTO|ERR_SSL/.test(code)) {
    return unreachable(
      'redis_no_tls',
      'does not speak TLS',
      'Use redis:// instead of rediss://, or the TLS port.',
    );
  }
  if (/^(Unknown RESP type|Protocol error)/.test(message)) {
    return unreachable(
      'not_redis',
      'does not answer as a Redis does',
      'Look at host and port; a TLS port needs rediss://.',
    );
  }
  const reason = code || 'the connection was closed';
  return unreachable(
    'redis_unreachable',
    `is not reachable (${reason})`,
    'Look at host, port and firewall, and whether it runs.',
  );
}

/** Whether the answer to a command is missing, rather than a refusal. */
export const isAnswerLost = ({ code }: Failure): boolean =>
  code === 'redis_timeout' || code === 'redis_unreachable' || code === 'not_redis';

export function unknownOutcome(key: string, cause: Failure): Failure {
  return new Failure(
    'unknown',
    'write_outcome_unknown',
    `${cause.message}, so nobody can tell whether ${key} was written`,
    {
      hint: 'It is either as it was or as it should be, nothing in between: look with vmqctl acl get, then repeat the command.',
      details: { key },
    },
  );
}

export function unconfirmed(what: string, confirmed: number, replicas: number): Failure {
  return new Failure(
    'unknown',
    'too_few_replicas',
    `${what}: in the primary, but in time only ${confirmed} of ${replicas} replicas confirmed it, so a fail-over may lose it`,
    {
      hint: 'INFO replication says how many replicas there are and how far behind; --deadline gives them more time.',
      details: { confirmed, replicas },
    },
  );
}

export function contended(key: string, attempts: number): Failure {
  return new Failure(
    'failed',
    'record_contended',
    `${key} was changed by others ${attempts} times in a row, so nothing was written`,
    {
      hint: LATER,
      details: { key },
    },
  );
}
