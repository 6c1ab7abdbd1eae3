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
  if (errorTerm !== undefined) return refusal(asCode(errorTerm), `the broker refused ${name}: ${errorTerm}`);
  return classifyByCommand(name, command, text) ?? done(text);
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
      return text === 'All fine' ? undefined : failure('tls_check_failed', `tls check: ${firstLine(text)}`);
    default:
      return undefined;
  }
}

const LEAVE_TEXTS: readonly (readonly [RegExp, Classification])[] = [
  [
    /^Done! Use -k/,
    {
      outcome: 'done',
      code: 'listeners_suspended',
      message: 'the MQTT listeners of the node are suspended; it is still a member',
    },
  ],
  [
    /^Done$/,
    {
      outcome: 'unknown',
      code: 'leave_unverified',
      message: 'the broker says Done, which it also says for a misspelt, dead or absent node',
      hint: 'Only the views of all members tell whether the node has left.',
    },
  ],
  [
    /still online queues/,
    {
      outcome: 'failed',
      code: 'still_online_queues',
      message:
        'sessions were still online when the broker stopped waiting; the node stays a member, without its MQTT listeners',
      hint: 'Run the same command again with a longer -t; see console.log on the leaving node for the queues that remain.',
    },
  ],
  [
    /cluster is inconsistent/,
    {
      outcome: 'failed',
      code: 'cluster_inconsistent',
      message: 'the broker cannot migrate queues while the cluster is inconsistent',
      hint: 'See what the members disagree about with vmqctl cluster show, mend that, then run the same command again.',
    },
  ],
  [
    /no_target_available/,
    {
      outcome: 'failed',
      code: 'no_target_available',
      message:
        'there is no other member that could take the queues; the MQTT listeners of the node are gone already',
      hint: 'Start its listeners again (vmq-admin listener start address=… port=…) or restart the node.',
    },
  ],
  [
    /^Unknown error: noproc/,
    {
      outcome: 'unknown',
      code: 'node_is_stopping',
      message: 'the node is shutting down already',
      hint: 'Watch the views of the other members.',
    },
  ],
  [
    /^Migration already started/,
    {
      outcome: 'unknown',
      code: 'migration_running',
      message: 'a migration is running already',
      hint: 'Watch it; a second one must not be started.',
    },
  ],
];

function classifyLeave(text: string): Classification {
  const known = LEAVE_TEXTS.find(([pattern]) => pattern.test(text));
  return known?.[1] ?? failure('leave_failed', `the broker could not take the node out: ${firstLine(text)}`);
}

const JOIN_UNVERIFIED: Classification = {
  outcome: 'unknown',
  code: 'join_unverified',
  message: 'the broker says Done, which means only that the joining node has sent its new membership out',
  hint: 'Only the views of all members tell whether the nodes see each other.',
};

const EXPIRY_IGNORED: Classification = {
  outcome: 'failed',
  code: 'expiry_ignored',
  message:
    'the broker made a key with scope mgmt that never expires: it ignores expires= unless scope= stands before it',
  hint: 'Delete that key, and give scope=… first and expires=… after it.',
};

const REAUTHORIZE_UNVERIFIED: Classification = {
  outcome: 'unknown',
  code: 'reauthorize_unverified',
  message:
    'Done means that subscriptions changed; a client that is offline or on another node loses all of them',
  hint: 'Check them with session show --client_id=… --topic.',
};

/** `expires=` is read only after `scope=`: alone or in front it is dropped without a word. */
function expiryIsIgnored(command: AdminCommand): boolean {
  const keys = (command.arguments ?? []).map(([key]) => key);
  const expires = keys.indexOf('expires');
  const scope = keys.indexOf('scope');
  return expires !== -1 && (scope === -1 || scope > expires);
}

const JOIN_REASONS: Readonly<Record<string, readonly [message: string, hint: string]>> = {
  self_join: ['a node cannot join itself', 'Give another member as discovery-node.'],
  not_reachable: [
    'the joining node cannot reach the discovery node',
    'Check the spelling, the cookie and the Erlang ports (4369 and the distribution range) between the two.',
  ],
  non_empty_node: [
    'the joining node is not empty: it holds clients, retained messages, API keys or an earlier membership',
    'Wipe the data of the joining node (not of the discovery node) and join before anything else uses it.',
  ],
};

function classifyAlert(text: string): Classification {
  const reason = /^RPC to node .* failed for reason: (\S+)/.exec(text)?.[1];
  const join = reason === undefined ? undefined : JOIN_REASONS[reason];
  if (reason && join) return refusal(reason, join[0], join[1]);
  const cause = /due to '?([\w{][^']*)'?$/.exec(text)?.[1];
  if (cause) return refusal(asCode(cause), firstLine(text));
  if (/^You have to provide|^Please provide|^No valid|^vmq-admin /.test(text)) {
    return refusal('missing_argument', `the broker misses an argument: ${firstLine(text)}`);
  }
  return refusal('alert', firstLine(text));
}

function textOf(element: ReplyElement): string {
  if (element.type === 'text') return element.text;
  return element.type === 'alert' ? element.elements.map(textOf).join('\n') : '';
}

/** The first atom of an Erlang term, as an identifier. */
const asCode = (term: string) => /[a-z]\w*/.exec(term)?.[0] ?? 'error';
const firstLine = (text: string) => text.trim().split('\n', 1)[0] ?? '';
const done = (text: string): Classification => ({
  outcome: 'done',
  code: 'done',
  message: firstLine(text) || 'answered',
});
const failure = (code: string, message: string): Classification => ({ outcome: 'failed', code, message });
const refusal = (code: string, message: string, hint?: string): Classification => ({
  outcome: 'refused',
  code,
  message,
  ...(hint ? { hint } : {}),
});
