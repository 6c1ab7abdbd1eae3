import { refused } from './outcomes.js';
import type { Classification } from './rpc.js';

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
  const cause = /due to '?([\w{][^']*)'?$/.exec(text)?.[1];
  if (cause) return becauseOf(asCode(cause), firstLine(text));
  if (/^You have to provide|^Please provide|^No valid|^vmq-admin /.test(text)) {
    return refused(
      'missing_argument',
      `the broker misses an argument: ${firstLine(text)}`,
      'Add it as key=value, in front of all flags.',
    );
  }
  return becauseOf('alert', firstLine(text) || 'the broker refused, without a reason');
}

const becauseOf = (code: string, message: string): Classification =>
  refused(code, message, HINTS.get(code) ?? 'Nothing was changed. console.log on the node may say more.');

/** The first atom of an Erlang term, as an identifier. */
const asCode = (term: string) => /[a-z]\w*/.exec(term)?.[0] ?? 'error';

export const firstLine = (text: string) => text.trim().split('\n', 1)[0] ?? '';
