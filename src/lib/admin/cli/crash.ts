import { done, failed, refused } from '../outcomes.js';
import type { AdminCommand, Classification } from '../rpc.js';

/** A crash that tells what happened before it: the command, the crash without its blanks, and what it means. */
type CrashRule = readonly [command: RegExp, crash: RegExp, meaning: (name: string) => Classification];

const RULES: readonly CrashRule[] = [
  // The callback has returned `ok`, which is no reply: the crash is in what prints it.
  [
    /./,
    /clique_status,parse,\[ok,/,
    (name) => done(`${name}: done; the broker fails only to say so`, 'done_unsaid'),
  ],
  // The settings are applied; the crash is in what writes the answer in another form than for people.
  [
    /^set\b/,
    /iolist_to_binary|json_writer|csv_writer|io,format,.*"setto"/,
    () => done('set: applied; the broker fails only to say so', 'done_unsaid'),
  ],
  [
    /^listener /,
    /lookup_element,\[ranch_server,/,
    () =>
      refused('no_such_listener', 'the node has no such listener', 'See which there are with listener show.'),
  ],
  [
    /^api-key /,
    /invalid_scope/,
    () =>
      refused(
        'invalid_scope',
        'the broker knows no such scope',
        'Give one of status, mgmt, metrics, health, api2 and httppub.',
      ),
  ],
  [
    /^api-key /,
    /badmatch.*parse_date_time_string|parse_date_time_string/,
    () =>
      refused(
        'invalid_expiry_date',
        'the broker cannot read this time',
        'Give a time in the future, such as 2031-06-01T00:00:00.',
      ),
  ],
  [
    /^cluster leave$/,
    /badarith.*invalid_flag_value/,
    () =>
      refused(
        'bad_value',
        'the interval of the summaries is no number of seconds',
        'Give -i a whole number.',
      ),
  ],
];

/**
 * What it means that the command crashed inside the broker.
 *
 * @param crash the Erlang term, as text
 */
export function classifyCrash(command: AdminCommand, crash: string): Classification {
  const name = command.words.join(' ');
  const compact = crash.replace(/\s+/g, '');
  const rule = RULES.find(([words, pattern]) => words.test(name) && pattern.test(compact));
  if (rule) return rule[2](name);
  return failed(
    'broker_error',
    `the broker crashed while it ran ${name || 'the command'}: ${reasonOf(compact)}`,
    'Something may have changed. See console.log and crash.log on the node.',
  );
}

/** The reason in front of the stack trace, if it is a word: anything longer may have the command's arguments in it. */
const reasonOf = (compact: string) =>
  /\{'EXIT',\{{0,2}([a-z]\w*)/.exec(compact)?.[1] ?? 'for a reason that console.log has';
