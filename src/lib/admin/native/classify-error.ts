import type { ErlangError, ErlangErrorCode } from '../erlang/error.js';
import { isAtom, isList } from '../erlang/term/construct.js';
import { Atom, Tuple } from '../erlang/term/types.js';
import { failed, leaveInProgress, refused, unknown } from '../outcomes.js';
import { isQuestion } from '../question.js';
import type { AdminCommand, Classification } from '../rpc.js';

/** What helps where the command has never been sent. */
const NEVER_SENT: ReadonlyMap<ErlangErrorCode, string> = new Map([
  ['host_unknown', "The host is what stands after the @ of the node's name: can this machine resolve it?"],
  ['epmd_down', 'Is the node up? Where it runs without epmd, give its port: erl://NAME@HOST?port=9100.'],
  [
    'epmd_silent',
    'Does a firewall drop what goes to port 4369? Give the port of the node with ?port= instead.',
  ],
  ['node_not_registered', 'Is the node up, and is this its name? See nodename in vernemq.conf.'],
  ['port_closed', 'Is the node up? Its port is erlang.distribution.port_range.minimum in vernemq.conf.'],
  [
    'port_silent',
    'Does a firewall drop what goes to erlang.distribution.port_range, or is the node frozen or overloaded?',
  ],
  ['not_a_node', 'Is this the distribution port of an Erlang node, and not its MQTT or clustering port?'],
  ['other_node', 'The name in the URL has to be its nodename in vernemq.conf, letter by letter.'],
  ['version_mismatch', 'vmqctl speaks with Erlang/OTP 21 and later.'],
  ['wrong_cookie', 'It is distributed_cookie in vernemq.conf of that node. A trailing blank counts.'],
  ['name_conflict', 'Try again: the name that vmqctl takes is another one each time.'],
  ['not_allowed', "The node's kernel setting net_allowed keeps others out. Ask another node, or over HTTP."],
]);

/**
 * What it means that a call over Erlang distribution came to nothing.
 *
 * @param command undefined for a question of our own
 */
export function classifyErlangError(command: AdminCommand | undefined, error: ErlangError): Classification {
  const { code, message } = error;
  const hint = NEVER_SENT.get(code);
  if (hint !== undefined) return refused(code, message, hint);
  if (isMissing(error, command ? 'command' : 'question')) return NOT_A_BROKER;
  if (code === 'badrpc' || code === 'exit') {
    return failed(
      'broker_error',
      `the broker failed: ${message}`,
      'See console.log and crash.log on the node.',
    );
  }
  return classifyNoAnswer(command, message);
}

const NOT_A_BROKER = refused(
  'not_a_broker',
  'an Erlang node, but one without VerneMQ',
  'Is this the node that is meant? A broker that has just been started needs a moment.',
);

/** What is called on a node, as `module:function`. */
const ENTRY_POINTS = {
  command: ['vmq_server_cli:command'],
  question: ['vmq_status_http:node_status', 'vmq_cluster:status', 'vmq_queue_sup_sup:summary'],
} as const;

/**
 * Whether the node does not even have what was called: `{undef, [{Module, Function, …} | _]}`. A function that is
 * missing deeper inside is a crash, after which anything may have changed.
 */
export function isMissing({ code, term }: ErlangError, kind: keyof typeof ENTRY_POINTS): boolean {
  if (code !== 'exit' || !(term instanceof Tuple)) return false;
  const [reason, stack] = term.elements;
  const place = isList(stack) ? stack[0] : undefined;
  const [module, name] = place instanceof Tuple ? place.elements : [];
  if (!isAtom(reason, 'undef') || !(module instanceof Atom) || !(name instanceof Atom)) return false;
  return ENTRY_POINTS[kind].some((entry) => entry === `${module.name}:${name.name}`);
}

/** The command may have arrived, and the broker may still be working on it. */
function classifyNoAnswer(command: AdminCommand | undefined, message: string): Classification {
  if (command?.words.join(' ') === 'cluster leave') return leaveInProgress(message);
  const hint =
    'The node may have stopped, or be overloaded or frozen. Look again, or give it longer with --deadline.';
  if (command === undefined || isQuestion(command)) return failed('no_answer', message, hint);
  return unknown('outcome_unknown', `${message}: the broker may or may not have done it`, hint);
}
