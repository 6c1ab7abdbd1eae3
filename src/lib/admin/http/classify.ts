import { classifyElements } from '../classify.js';
import { parseElements } from '../elements.js';
import { done, failed, leaveInProgress, refused, unknown } from '../outcomes.js';
import type { AdminCommand, Classification } from '../rpc.js';
import { classifyError } from './classify-error.js';
import { parseCommandPath } from './path.js';

export interface HttpRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
}

/** An answer, or the code of the error that came instead: a Node error code, or `DEADLINE` when we stopped waiting. */
export type HttpAnswer = { readonly status: number; readonly body: string } | { readonly error: string };

/** What came back means what, for every path that a broker serves (vernemq.md §3.4; test/golden/http-*.json). */
export function classifyHttp(request: HttpRequest, answer: HttpAnswer): Classification {
  const command = parseCommandPath(request.path);
  if (command?.words.join(' ') === 'cluster leave' && !isOfBroker(answer)) {
    return leaveInProgress(`what came back is no answer of the broker (${nameOf(answer)})`);
  }
  if ('error' in answer) return classifyError(command, answer.error);
  if (answer.status === 200) return classifyOk(request, command, answer.body);
  if (answer.status === 500) return classifyCrash(command);
  if (answer.status === 503) return classifyDown(answer.body);
  return (
    STATUSES.get(answer.status) ??
    failed(
      'unexpected_status',
      `HTTP status ${answer.status}, which no VerneMQ sends`,
      'Is there a proxy in between?',
    )
  );
}

/**
 * Whether a broker can have said this to a command, or nobody has read it. A proxy gives up while the broker goes on,
 * and its answer must not be taken for the end of the command.
 */
function isOfBroker(answer: HttpAnswer): boolean {
  if ('error' in answer) return !answer.error.startsWith('HPE_');
  if (answer.status === 200) return parseElements(answer.body) !== undefined;
  return answer.status === 500 ? answer.body === '' : STATUSES.has(answer.status);
}

const nameOf = (answer: HttpAnswer) => ('error' in answer ? answer.error : `HTTP status ${answer.status}`);

function classifyOk(request: HttpRequest, command: AdminCommand | undefined, body: string): Classification {
  if (request.method !== 'GET') return done(`${request.method} answered`);
  if (command) {
    const elements = parseElements(body);
    return elements ? classifyElements(command, elements) : GARBLED;
  }
  if (request.path.startsWith('/api/v2/disconnect') && body.trim() === 'unknown') {
    return refused(
      'no_such_client',
      'the broker knows no such client',
      'See which clients are connected with session show; a mountpoint is part of who a client is.',
    );
  }
  if (request.path.startsWith('/health') && !/"status"\s*:\s*"OK"/.test(body)) return classifyDown(body);
  return done();
}

const STATUSES: ReadonlyMap<number, Classification> = new Map([
  [
    400,
    refused(
      'not_understood',
      'the broker does not know this command, or one of its keys, flags or values',
      'The broker names no cause over HTTP. Compare the command with vmq-admin on the same version.',
    ),
  ],
  [
    401,
    refused(
      'unauthorized',
      'the node does not accept this API key, or wants one',
      'A key needs the scope mgmt. A node that was asked with a key before the key reached it refuses it until it is restarted.',
    ),
  ],
  [
    404,
    refused(
      'not_found',
      'the node serves nothing at this path',
      'Is vmq_http_mgmt_api among the http_modules of this listener?',
    ),
  ],
  [
    405,
    refused(
      'method_not_allowed',
      'the management API takes GET only',
      'Send it with GET; if it was, a proxy in between has changed it.',
    ),
  ],
  [
    406,
    refused(
      'not_acceptable',
      'the management API answers application/json only',
      'Accept application/json; if it was accepted, a proxy in between has changed that.',
    ),
  ],
  [
    414,
    refused(
      'request_too_long',
      'the command is longer than the node accepts',
      'Raise max_request_line_length of its HTTP listener.',
    ),
  ],
]);

/** Over HTTP a failed callback and a bare `ok` both become an empty 500. */
function classifyCrash(command: AdminCommand | undefined): Classification {
  const name = command?.words.join(' ') ?? '';
  if (command?.flags?.some(([flag]) => flag === 'help'))
    return refused(
      'no_help_over_http',
      'the broker gives no help over HTTP',
      'Run vmq-admin with --help on the host of a node.',
    );
  if (name === 'cluster join') {
    return refused(
      'join_refused',
      'the broker refused the join, without a reason',
      'Either the joining node is not empty (clients, retained messages, API keys, an earlier membership), or it cannot reach the discovery node.',
    );
  }
  if (name === 'set' && command?.arguments?.length) {
    return unknown(
      'set_unverified',
      'the broker answers 500 to every set over HTTP, also when it was applied',
      'Check the value with show.',
    );
  }
  if (ANSWERS_BARE_OK.has(name)) {
    return unknown(
      'answer_lost',
      `${name} does its work and then fails to say so over HTTP`,
      'See console.log on the node.',
    );
  }
  if (command?.words[0] === 'show') {
    return refused(
      'unknown_setting',
      'the broker knows no such setting',
      'Check the spelling against the names in vernemq.conf.',
    );
  }
  return failed(
    'broker_error',
    `the broker failed while it ran ${name || 'the request'}`,
    'See console.log and crash.log on the node.',
  );
}

/** Their callbacks return `ok`, which is no reply (vernemq.md §2.2). */
const ANSWERS_BARE_OK = new Set(['tls clear-pem-cache', 'log level', 'log show config', 'trace stop_all']);

function classifyDown(body: string): Classification {
  return failed(
    'not_healthy',
    `the node says that it is down: ${healthReason(body)}`,
    'See its listeners in vmqctl cluster show.',
  );
}

/** `/health` has `reasons`, a list of texts; `/health/listeners` has `reason`, an Erlang iolist of character codes. */
function healthReason(body: string): string {
  try {
    const { reasons, reason } = JSON.parse(body) as { reasons?: unknown[]; reason?: unknown };
    return reasons ? reasons.join('; ') : flattenCharacters(reason);
  } catch {
    return body.trim().slice(0, 200) || 'no reason given'; // not JSON: a text of its own
  }
}

function flattenCharacters(value: unknown): string {
  if (Array.isArray(value)) return value.map(flattenCharacters).join('');
  return typeof value === 'number' ? String.fromCodePoint(value) : String(value ?? '');
}

const GARBLED = failed(
  'garbled_reply',
  'the answer is not what a VerneMQ sends',
  'Is this the management API of a broker?',
);
