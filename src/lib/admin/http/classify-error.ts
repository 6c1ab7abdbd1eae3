import { certificateHint } from '../../certificate-hint.js';
import { failed, leaveInProgress, unknown } from '../outcomes.js';
import { isQuestion } from '../question.js';
import type { AdminCommand, Classification } from '../rpc.js';

/**
 * What it means that no answer came.
 *
 * @param error a Node error code, `DEADLINE` or `CONNECT_DEADLINE`
 */
export function classifyError(command: AdminCommand | undefined, error: string): Classification {
  if (NEVER_SENT.has(error))
    return failed(
      'unreachable',
      `no connection (${error})`,
      'Is the node up, and its HTTP listener on this address and port?',
    );
  if (isTlsError(error)) {
    return failed('tls_not_trusted', `its certificate is not trusted (${error})`, certificateHint(error));
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
    return leaveInProgress(
      `the connection ended without an answer (${error}), as the broker does after 60 s while it goes on`,
    );
  }
  if (name === 'trace client') {
    return unknown(
      'stream_not_over_http',
      'the broker cannot stream a trace over HTTP',
      'Run vmq-admin trace client on the host of the node; trace stop_all ends one that was left running.',
    );
  }
  const hint = 'The node may be overloaded or frozen. Try again, or give it longer with --deadline.';
  if (command === undefined || isQuestion(command)) return failed('no_answer', `no answer (${error})`, hint);
  return unknown('outcome_unknown', `no answer (${error}): the broker may or may not have done it`, hint);
}

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
