import { done, failed, leaveInProgress, unknown } from './outcomes.js';
import { classifyAlert, classifyErrorTerm, firstLine } from './refusals.js';
import type { AdminCommand, Classification, ReplyElement } from './rpc.js';

/**
 * What a reply that the broker sent as a success really says. The broker answers most failures with a friendly text
 * (vernemq.md §1 P2, §3.4; texts from the recordings in test/golden), whatever carried the reply.
 */
export function classifyElements(command: AdminCommand, elements: readonly ReplyElement[]): Classification {
  const alert = elements.find((element) => element.type === 'alert');
  if (alert) return classifyAlert(textOf(alert));
  const text = elements.map(textOf).join('\n').trim();
  const name = command.words.join(' ');
  const errorTerm = /^\{error,\s*(.*)\}$/s.exec(text)?.[1];
  if (errorTerm !== undefined) return classifyErrorTerm(name, errorTerm);
  return classifyByCommand(name, command, text) ?? done(firstLine(text) || 'answered');
}

function classifyByCommand(name: string, command: AdminCommand, text: string): Classification | undefined {
  switch (name) {
    case 'cluster leave':
      return classifyLeave(text);
    case 'cluster join':
      return text === 'Done' ? JOIN_UNVERIFIED : undefined;
    case 'api-key create':
      return expiryIsIgnored(command) ? EXPIRY_IGNORED : undefined;
    case 'session reauthorize':
      return text === 'Done' ? REAUTHORIZE_UNVERIFIED : undefined;
    case 'tls check':
      return text === 'All fine' ? undefined : tlsCheckFailed(text);
    default:
      return undefined;
  }
}

const LEAVE_TEXTS: readonly (readonly [RegExp, Classification])[] = [
  [
    /^Done! Use -k/,
    done('the MQTT listeners of the node are suspended; it is still a member', 'listeners_suspended'),
  ],
  [
    /^Done$/,
    unknown(
      'leave_unverified',
      'the broker says Done, which it also says for a misspelt, dead or absent node',
      'Only the views of all members tell whether the node has left.',
    ),
  ],
  [
    /still online queues/,
    failed(
      'still_online_queues',
      'sessions were still online when the broker stopped waiting; the node stays a member, without its MQTT listeners',
      'Run the same command again with a longer -t; see console.log on the leaving node for the queues that remain.',
    ),
  ],
  [
    /cluster is inconsistent/,
    failed(
      'cluster_inconsistent',
      'the broker cannot migrate queues while the cluster is inconsistent',
      'See what the members disagree about with vmqctl cluster show, mend that, then run the same command again.',
    ),
  ],
  [
    /no_target_available/,
    failed(
      'no_target_available',
      'there is no other member that could take the queues; the MQTT listeners of the node are gone already',
      'Start its listeners again (vmq-admin listener start address=… port=…) or restart the node.',
    ),
  ],
  [
    /^Unknown error: noconnection/,
    failed(
      'leaver_died',
      'the broker has lost the leaving node: it died or is cut off; what had not moved is on its disk',
      'Keep its data. Start it again and run the same command; its account tells what came through.',
    ),
  ],
  [
    /^Unknown error: noproc/,
    unknown('node_is_stopping', 'the node is shutting down already', 'Watch the views of the other members.'),
  ],
  [
    /^Migration already started/,
    unknown(
      'migration_running',
      'a migration is running already',
      'Watch it; a second one must not be started.',
    ),
  ],
];

function classifyLeave(text: string): Classification {
  if (text === '') return leaveInProgress('the answer says nothing'); // the broker always ends a leave with a text
  const known = LEAVE_TEXTS.find(([pattern]) => pattern.test(text));
  return known?.[1] ?? leaveFailed(text);
}

const leaveFailed = (text: string) =>
  failed(
    'leave_failed',
    `the broker could not take the node out: ${firstLine(text)}`,
    'See console.log on the leaving node, and with vmqctl cluster show what state it is in now.',
  );

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

const tlsCheckFailed = (text: string) =>
  failed(
    'tls_check_failed',
    `tls check: ${firstLine(text)}`,
    'Correct the certificate, key or CA file that vernemq.conf names for the listener, then check again.',
  );

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
