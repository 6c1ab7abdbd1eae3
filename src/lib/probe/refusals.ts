import { certificateHint } from '../certificate-hint.js';
import { formatDuration } from '../duration.js';
import { Failure, type FailureKind } from '../failure.js';
import type { Protocol } from './client.js';

interface Refusal {
  readonly kind: FailureKind;
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}

const CREDENTIALS_HINT = 'Give --username and --password-from, or --provision to set records of its own.';

const WRONG_PASSWORD: Refusal = {
  kind: 'credentials',
  code: 'mqtt_bad_credentials',
  message: 'it refuses the login: the password is wrong, or there is no record for this client id and user',
  hint: CREDENTIALS_HINT,
};
const NOT_AUTHORIZED: Refusal = {
  kind: 'credentials',
  code: 'mqtt_not_authorized',
  message: 'it refuses the login: not authorised',
  hint: `It wants credentials, or cannot read the record. ${CREDENTIALS_HINT}`,
};
/** MQTT 5 does not tell the two apart. */
const EITHER: Refusal = { ...NOT_AUTHORIZED, message: 'it refuses the login: user, password or record' };
/** A member is down or cut off, or what a session holds cannot be moved. */
export const UNAVAILABLE: Refusal = {
  kind: 'unreachable',
  code: 'mqtt_unavailable',
  message: 'it takes no clients now: server unavailable',
  hint: 'So brokers answer while a member is down or cut off: vmqctl cluster show.',
};
const VERSION: Refusal = {
  kind: 'unreachable',
  code: 'mqtt_version',
  message: 'its listener does not take this MQTT version',
  hint: 'Give the other --protocol, or add the version to allowed_protocol_versions of the listener.',
};
const CLIENT_ID: Refusal = {
  kind: 'unreachable',
  code: 'mqtt_client_id',
  message: 'it does not take the client id',
  hint: 'Client ids of a probe have up to 30 characters: see max_client_id_size.',
};

/** CONNACK return codes of MQTT 3.1.1 (3.2.2.3) and reason codes of MQTT 5 (3.2.2.2). */
const CONNACK: ReadonlyMap<number, Refusal> = new Map([
  [1, VERSION],
  [2, CLIENT_ID],
  [3, UNAVAILABLE],
  [4, WRONG_PASSWORD],
  [5, NOT_AUTHORIZED],
  [132, VERSION],
  [133, CLIENT_ID],
  [134, EITHER],
  [135, NOT_AUTHORIZED],
  [136, UNAVAILABLE],
]);

const NETWORK: ReadonlyMap<string, string> = new Map([
  ['ECONNREFUSED', 'connection refused'],
  ['ECONNRESET', 'the connection was reset'],
  ['EPIPE', 'the connection was reset'],
  ['ENOTFOUND', 'its host name is not known here'],
  ['EAI_AGAIN', 'its host name could not be resolved'],
  ['EHOSTUNREACH', 'no route to it'],
  ['ENETUNREACH', 'no route to it'],
  ['ETIMEDOUT', 'no answer'],
]);

/** Why a connection was not made. */
export function connectFailure(cause: unknown, protocol: Protocol): Failure {
  const { code, message = String(cause) } = cause as { readonly code?: unknown; readonly message?: string };
  const refusal = typeof code === 'number' ? CONNACK.get(code) : undefined;
  if (refusal) {
    const text = refusal === VERSION ? `${refusal.message} (${protocol})` : refusal.message;
    return new Failure(refusal.kind, refusal.code, text, { hint: refusal.hint, cause });
  }
  if (typeof code === 'number')
    return unreachable('mqtt_refused', `it refuses the connection with code ${code}`, cause);
  const network = NETWORK.get(String(code));
  if (network !== undefined) return unreachable('mqtt_unreachable', network, cause);
  if (/CERT|SELF_SIGNED|UNABLE_TO|ERR_TLS|HOSTNAME_MISMATCH/.test(String(code)))
    return new Failure('unreachable', 'mqtt_certificate', `its certificate is not trusted: ${code}`, {
      hint: certificateHint(String(code)),
      cause,
    });
  return unreachable('mqtt_failed', message, cause);
}

export const connectTimeout = (deadline: number): Failure =>
  unreachable('mqtt_timeout', `no answer within ${formatDuration(deadline)}`);

/** On a connection that is there. */
export const unanswered = (deadline: number): Failure =>
  unreachable(
    'mqtt_unanswered',
    `it let the client in, and acknowledges nothing: no answer within ${formatDuration(deadline)}`,
    undefined,
    'So brokers behave while a member is down or cut off (unless allow_publish_during_netsplit), or when they hang: vmqctl cluster show.',
  );

export const closedEarly = (): Failure =>
  unreachable(
    'mqtt_closed',
    'it closed the connection without an answer',
    undefined,
    'It may not speak this --protocol or this transport there, or want a client certificate.',
  );

export const connectionLost = (): Failure =>
  unreachable(
    'mqtt_lost',
    'the connection was lost',
    undefined,
    'The node may have gone down; and brokers end connections that publish what their record does not allow.',
  );

export const subscribeRefused = (filter: string, cause?: unknown): Failure =>
  new Failure('credentials', 'subscribe_refused', `it refuses to subscribe to ${filter}`, {
    hint: 'The record of this user does not allow it. --provision sets records that do.',
    cause,
  });

/** Reason code 135 of MQTT 5 is "Not authorized"; what else is refused is the broker's own trouble. */
export function publishRefused(topic: string, cause: unknown): Failure {
  const { code } = cause as { readonly code?: unknown };
  if (typeof code !== 'number') return connectionLost();
  const kind = code === 135 ? 'credentials' : 'failed';
  return new Failure(kind, 'publish_refused', `it refuses to publish to ${topic} (reason ${code})`, {
    cause,
  });
}

const unreachable = (code: string, message: string, cause?: unknown, hint?: string): Failure =>
  new Failure('unreachable', code, message, {
    hint:
      hint ??
      'Check that its MQTT listener runs, the address and the firewall; --mqtt NODE=URL names another.',
    cause,
  });
