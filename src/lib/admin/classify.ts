import { classifyLeave } from './classify-leave.js';
import { done, failed, unknown } from './outcomes.js';
import { classifyAlert, classifyErrorTerm, firstLine } from './refusals.js';
import type { AdminCommand, Classification, ReplyElement } from './rpc.js';

/**
 * What a reply that the broker sent as a success really says. The broker answers most failures with a friendly text
 * (vernemq.md §1 P2, §3.4; texts from the recordings in test/golden), whatever carried the reply.
 */
export function classifyElements(command: AdminCommand, elements: readonly ReplyElement[]): Classification {
  const name = command.words.join(' ');
  const alert = elements.find((element) => element.type === 'alert');
  if (alert) return GOOD_ALERTS.get(name)?.test(textOf(alert)) ? done() : classifyAlert(textOf(alert));
  const text = elements.map(textOf).join('\n').trim();
  const errorTerm = /^\{error,\s*(.*)\}$/s.exec(text)?.[1];
  if (errorTerm !== undefined) return classifyErrorTerm(name, errorTerm);
  const leftOut = nodesLeftOut(elements);
  if (leftOut.length > 0) return nodesDown(leftOut);
  return classifyByCommand(name, command, text, elements) ?? done(firstLine(text) || 'answered');
}

/** What some commands send as an alert although it is the good end. */
const GOOD_ALERTS: ReadonlyMap<string, RegExp> = new Map([
  ['trace client', /^Done\.$/m],
  ['bridge start', /^VerneMQ Bridges restarted/],
  ['webui install', /^Frontend installed/],
]);

/** `set` for all nodes has a row for each, also for those that it did not reach. */
const nodesLeftOut = (elements: readonly ReplyElement[]): string[] =>
  elements
    .flatMap((element) => (element.type === 'table' ? element.rows : []))
    .filter((row) => row['Node Down/Unreachable'] === true)
    .map((row) => String(row.Node));

const nodesDown = (nodes: readonly string[]) =>
  failed(
    'nodes_left_out',
    `not done on ${nodes.join(', ')}: down or unreachable`,
    'All other nodes have done it. Repeat it when these are back.',
  );

function classifyByCommand(
  name: string,
  command: AdminCommand,
  text: string,
  elements: readonly ReplyElement[],
): Classification | undefined {
  switch (name) {
    case 'cluster leave':
      return classifyLeave(text);
    case 'cluster join':
      return text === 'Done' ? JOIN_UNVERIFIED : undefined;
    case 'api-key create':
      return expiryIsIgnored(command) ? EXPIRY_IGNORED : undefined;
    case 'session reauthorize':
      return text === 'Done' ? REAUTHORIZE_UNVERIFIED : UNCHANGED.get(text);
    case 'session unsubscribe':
      return text === 'Done' ? undefined : unsubscribeFailed(text);
    case 'script load':
    case 'script reload':
    case 'script unload':
      return /^Can't /.test(text) ? scriptFailed(text) : undefined;
    case 'node upgrade':
      return /upgrade: \{error\b/.test(text) ? upgradeFailed(text) : undefined;
    case 'tls check':
      return text === 'All fine' ? undefined : tlsCheckFailed(text || filesIn(elements));
    default:
      return undefined;
  }
}

const JOIN_UNVERIFIED = unknown(
  'join_unverified',
  'the broker says Done, which means only that the joining node has sent its new membership out',
  'Only the views of all members tell whether the nodes see each other.',
);

const EXPIRY_IGNORED = failed(
  'expiry_ignored',
  'the broker made a key with scope mgmt that never expires: it ignores expires= unless scope= stands before it',
  'Delete that key, and give scope=… first and expires=… after it.',
);

const REAUTHORIZE_UNVERIFIED = unknown(
  'reauthorize_unverified',
  'Done means that subscriptions changed; a client that is offline or on another node loses all of them',
  'Check them with session show --client_id=… --topic.',
);

const UNCHANGED: ReadonlyMap<string, Classification> = new Map([
  [
    'Unchanged',
    unknown(
      'unchanged',
      'no subscription was changed: they are all allowed, or this node knows no such client or none of its subscriptions',
      'See on which node it is, and what it subscribes, with session show --client_id=… --node --topic.',
    ),
  ],
]);

const unsubscribeFailed = (text: string) =>
  failed(
    'unsubscribe_failed',
    `the broker could not remove the subscription: ${firstLine(text)}`,
    'See what the client subscribes with session show --client_id=… --topic.',
  );

const scriptFailed = (text: string) =>
  failed('script_failed', firstLine(text), 'console.log on the node says what is wrong with the script.');

const upgradeFailed = (text: string) =>
  failed('upgrade_failed', firstLine(text), 'See console.log on the node before anything else is tried.');

const tlsCheckFailed = (text: string) =>
  failed(
    'tls_check_failed',
    `tls check: ${firstLine(text)}`,
    'Correct the certificate, key or CA file that vernemq.conf names for the listener, then check again.',
  );

/** The files of the certificates that `tls check` has found wanting. */
const filesIn = (elements: readonly ReplyElement[]): string =>
  elements
    .flatMap((element) => (element.type === 'table' ? element.rows : []))
    .map(({ File }) => String(File))
    .join(', ');

/** `expires=` is read only after `scope=`: alone or in front it is dropped without a word. */
function expiryIsIgnored(command: AdminCommand): boolean {
  const keys = (command.arguments ?? []).map(([key]) => key);
  const expires = keys.indexOf('expires');
  const scope = keys.indexOf('scope');
  return expires !== -1 && (scope === -1 || scope > expires);
}

function textOf(element: ReplyElement): string {
  if (element.type === 'text') return element.text;
  return element.type === 'alert' ? element.elements.map(textOf).join('\n') : '';
}
