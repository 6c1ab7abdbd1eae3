import { classifyElements } from '../classify.js';
import type { AdminCommand, Classification } from '../rpc.js';
import { parseCommandPath } from './path.js';
import { parseElements } from './reply.js';

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
  if ('error' in answer) return classifyError(command, answer.error);
  if (answer.status === 200) return classifyOk(request, command, answer.body);
  if (answer.status === 500) return classifyCrash(command);
  if (answer.status === 503) return classifyDown(answer.body);
  return (
    STATUSES[answer.status] ??
    failed(
      'unexpected_status',
      `HTTP status ${answer.status}, which no VerneMQ sends`,
      'Is there a proxy in between?',
    )
  );
}

function classifyOk(request: HttpRequest, command: AdminCommand | undefined, body: string): Classification {
  if (request.method !== 'GET')
    return { outcome: 'done', code: 'done', message: `${request.method} answered` };
  if (command) {
    const elements = parseElements(body);
    return elements ? classifyElements(command, elements) : GARBLED;
  }
  if (request.path.startsWith('/api/v2/disconnect') && body.trim() === 'unknown') {
    return refused('no_such_client', 'the broker knows no such client');
  }
  if (request.path.startsWith('/health') && !/"status"\s*:\s*"OK"/.test(body)) return classifyDown(body);
  return { outcome: 'done', code: 'done', message: 'answered' };
}

const STATUSES: Readonly<Record<number, Classification>> = {
  400: refused(
    'not_understood',
    'the broker does not know this command, or one of its keys, flags or values',
    'The broker names no cause over HTTP. Compare the command with vmq-admin on the same version.',
  ),
  401: refused(
    'unauthorized',
    'the node does not accept this API key, or wants one',
    'A key needs the scope mgmt. A node that was asked with a key before the key reached it refuses it until it is restarted.',
  ),
  404: refused(
    'not_found',
    'the node serves nothing at this path',
    'Is vmq_http_mgmt_api among the http_modules of this listener?',
  ),
  405: refused('method_not_allowed', 'the management API takes GET only'),
  406: refused('not_acceptable', 'the management API answers application/json only'),
  414: refused(
    'request_too_long',
    'the command is longer than the node accepts',
    'Raise max_request_line_length of its HTTP listener.',
  ),
};

/** Over HTTP a failed callback and a bare `ok` both become an empty 500. */
function classifyCrash(command: AdminCommand | undefined): Classification {
  const name = command?.words.join(' ') ?? '';
  if (command?.flags?.some(([flag]) => flag === 'help'))
    return refused('no_help_over_http', 'the broker gives no help over HTTP');
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
  if (command?.words[0] === 'show') return refused('unknown_setting', 'the broker knows no such setting');
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

function classifyError(command: AdminCommand | undefined, error: string): Classification {
  if (NEVER_SENT.has(error))
    return failed(
      'unreachable',
      `no connection (${error})`,
      'Is the node up, and its HTTP listener on this address and port?',
    );
  if (isTlsError(error)) {
    return failed(
      'tls_not_trusted',
      `its certificate is not trusted (${error})`,
      'Give the authority that signed it with --ca-file.',
    );
  }
  if (error.startsWith('HPE_') || error === 'EPROTO') {
    return failed(
      'not_http',
      `what answers there does not speak ${error === 'EPROTO' ? 'TLS' : 'HTTP'} (${error})`,
      'Check scheme and port of the URL.',
    );
  }
  return classifyNoAnswer(command, error);
}

/** The request may have arrived, and the broker may still be working on it. */
function classifyNoAnswer(command: AdminCommand | undefined, error: string): Classification {
  const name = command?.words.join(' ');
  if (name === 'cluster leave') {
    return unknown(
      'leave_in_progress',
      `the connection ended without an answer (${error}); the broker closes it after 60 s and goes on`,
      'Keep watching the members; do not send a second leave.',
    );
  }
  if (name === 'trace client')
    return unknown('stream_not_over_http', 'the broker cannot stream a trace over HTTP');
  const hint = 'The node may be overloaded or frozen. Try again, or give it longer with --deadline.';
  if (command === undefined || isQuestion(command)) return failed('no_answer', `no answer (${error})`, hint);
  return unknown('outcome_unknown', `no answer (${error}): the broker may or may not have done it`, hint);
}

/** Commands that change nothing: without an answer nothing can have happened. */
const isQuestion = (command: AdminCommand) =>
  ['show', 'status', 'history', 'describe', 'sessions', 'listeners', 'plugins'].some((word) =>
    command.words.includes(word),
  );

const NEVER_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EADDRNOTAVAIL',
  'CONNECT_DEADLINE',
]);

const isTlsError = (error: string) =>
  /^(CERT_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|ERR_TLS_)/.test(error) || error === 'HOSTNAME_MISMATCH';

const GARBLED = failed(
  'garbled_reply',
  'the answer is not what a VerneMQ sends',
  'Is this the management API of a broker?',
);

function refused(code: string, message: string, hint?: string): Classification {
  return { outcome: 'refused', code, message, ...(hint ? { hint } : {}) };
}

function failed(code: string, message: string, hint: string): Classification {
  return { outcome: 'failed', code, message, hint };
}

function unknown(code: string, message: string, hint?: string): Classification {
  return { outcome: 'unknown', code, message, ...(hint ? { hint } : {}) };
}
