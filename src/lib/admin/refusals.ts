import type { CommandSpec } from './catalogue/types.js';
import { failed, refused } from './outcomes.js';
import type { AdminCommand, Classification } from './rpc.js';

const JOIN_REASONS: ReadonlyMap<string, Classification> = new Map(
  [
    refused('self_join', 'a node cannot join itself', 'Give another member as discovery-node.'),
    refused(
      'not_reachable',
      'the joining node cannot reach the discovery node',
      'Check the spelling, the cookie and the Erlang ports (4369 and the distribution range) between the two.',
    ),
    refused(
      'non_empty_node',
      'the joining node is not empty: it holds clients, retained messages, API keys or an earlier membership',
      'Wipe the data of the joining node (not of the discovery node) and join before anything else uses it.',
    ),
  ].map((refusal) => [refusal.code, refusal]),
);

/** What helps, by the reason that the broker gives. */
const HINTS: ReadonlyMap<string, string> = new Map([
  ['key_already_exists', 'Give another key, or delete that one first.'],
  ['key_not_found', 'See which keys there are with api-key show; give the scope too where it is not mgmt.'],
  ['invalid_expiry_date', 'Give a time in the future, in UTC, such as 2031-06-01T00:00:00.'],
  ['already_started', 'A listener has this address and port already: see listener show.'],
  ['plugin_not_found', 'See which plugins there are with plugin show --all.'],
  ['already_enabled', 'There is nothing to do: the plugin is enabled.'],
]);

/** The broker answered with an Erlang error term. */
export function classifyErrorTerm(name: string, term: string): Classification {
  return becauseOf(asCode(term), `the broker refused ${name}: ${firstLine(term)}`);
}

/** The broker answered with an alert. */
export function classifyAlert(text: string): Classification {
  const reason = /^RPC to node .* failed for reason: (\S+)/.exec(text)?.[1];
  const join = reason === undefined ? undefined : JOIN_REASONS.get(reason);
  if (join) return join;
  const mistake = MISTAKES.find(([pattern]) => pattern.test(text));
  if (mistake) return mistake[1](firstLine(text));
  const cause = /due to '?([\w{][^']*)'?$/.exec(text)?.[1];
  if (cause) return becauseOf(asCode(cause), firstLine(text));
  if (MISSING_ARGUMENT.test(text)) return missingArgument(firstLine(text));
  return becauseOf('alert', firstLine(text) || 'the broker refused, without a reason');
}

const MISSING_ARGUMENT =
  /^You have to provide|^Please provide|^No valid|^vmq-admin |^Incomplete plugin specification/;

const missingArgument = (line: string) =>
  refused(
    'missing_argument',
    `the broker misses an argument: ${line}`,
    'Add it as key=value, in front of all flags.',
  );

/** What the command line of the broker says of a mistake in a command (clique_error; test/golden/cli-*.json). */
const MISTAKES: readonly (readonly [RegExp, (line: string) => Classification])[] = [
  [/^Invalid Flags:|^Invalid flag:/, (line) => mistake('unknown_flag', line)],
  [/^Invalid key:|^Invalid arguments:/, (line) => mistake('unknown_key', line)],
  [/^Invalid (value|argument|number)\b/, (line) => mistake('bad_value', line)],
  [/^Invalid node name/, (line) => mistake('unknown_node', line)],
  [/^Invalid mountpoint value/, (line) => mistake('bad_value', line)],
  [/^Empty value in argument:/, (line) => mistake('empty_value', line)],
  [/^Error: Cannot use|^Specify config file or/, (line) => mistake('contradicting_flags', line)],
  [
    /cannot be converted to|^Error transforming datatype|^Invalid configuration:/,
    (line) => mistake('bad_value', line),
  ],
  [
    /^Invalid config keys:|^Unknown variable:|^not found$|^config item not found|^App not configured/,
    (line) =>
      refused(
        'unknown_setting',
        `the broker knows no such setting: ${line}`,
        'Check the spelling against the names in vernemq.conf.',
      ),
  ],
  [
    /config keys are not settable/,
    (line) =>
      refused(
        'not_settable',
        line,
        'Change it in vernemq.conf and restart the node: it cannot change while it runs.',
      ),
  ],
  [
    /^Target node is down|^Target process could not be reached|^Failed to (get|set) config for/,
    (line) =>
      failed('node_down', line, 'See with vmqctl cluster show which nodes run. The others have done it.'),
  ],
  [
    /^Cannot start trace as another trace/,
    (line) => refused('trace_running', line, 'Wait for its end, or end it with trace stop_all.'),
  ],
  [
    /^Error downloading file/,
    (line) =>
      failed('download_failed', line, 'Can the node reach GitHub, and are version and account right?'),
  ],
];

const mistake = (code: string, line: string) =>
  refused(
    code,
    `the broker does not take it: ${line}`,
    'Nothing was changed. Compare with the help of the command, and with the version of the node.',
  );

/** How alerts begin that are no mistakes. */
const OTHER_ALERTS =
  /^RPC to node .* failed|^[Cc]an't \w+ (module )?(plugin|listener|endpoint)\b|^No config found|^Done\.$|^VerneMQ Bridges|^Frontend installed/;

/** Whether a text for people was an alert: in that form nothing else marks it. */
export const isAlertText = (text: string): boolean =>
  OTHER_ALERTS.test(text) || MISSING_ARGUMENT.test(text) || MISTAKES.some(([pattern]) => pattern.test(text));

/**
 * The broker printed how a command is used instead of running it.
 *
 * @param spec what we know of the command
 * @returns undefined when it did not
 */
export function classifyUsage(
  command: AdminCommand,
  spec: CommandSpec | undefined,
  text: string,
): Classification | undefined {
  if (/^Error: Usage information not found/.test(text)) return NOT_READY;
  if (!text.startsWith('Usage: ')) return undefined;
  if (spec?.settings) return missingArgument(firstLine(text));
  const name = command.words.join(' ');
  return refused('unknown_command', `the node has no command ${name}`.trim(), knownWhere(spec));
}

/** Its ports are open before its commands are there. */
const NOT_READY = refused(
  'not_ready',
  'the node has only just started: its commands are not there yet',
  'Try again in a few seconds.',
);

/** Why a node may not know a command that there is. */
export function knownWhere(spec: CommandSpec | undefined): string {
  if (spec === undefined) return 'See which commands there are with vmqctl --help.';
  const plugin = spec.plugin === undefined ? [] : [`It is there only while the plugin ${spec.plugin} is on.`];
  const since = spec.since === undefined ? [] : [`It came with VerneMQ ${spec.since}.`];
  return [...plugin, ...since, 'See the version of the node with vmqctl cluster show.'].join(' ');
}

const becauseOf = (code: string, message: string): Classification =>
  refused(code, message, HINTS.get(code) ?? 'Nothing was changed. console.log on the node may say more.');

/** The first atom of an Erlang term, as an identifier. */
const asCode = (term: string) => /[a-z]\w*/.exec(term)?.[0] ?? 'error';

export const firstLine = (text: string) => text.trim().split('\n', 1)[0] ?? '';
