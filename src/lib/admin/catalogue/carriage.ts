import type { AdminCommand } from '../rpc.js';
import { findCommand } from './index.js';
import { vmqAdminArgv } from './line.js';
import { usage } from './mistakes.js';

/**
 * - `http`: a request path. - `command`: strings, as `vmq_server_cli:command/1` takes them.
 * - `script`: the `vmq-admin` script of a host, which does not quote what it hands on.
 */
export type Carrier = 'http' | 'command' | 'script';

/**
 * Refuses a command of which this way to the node would lose something.
 *
 * @throws Failure (usage)
 */
export function assertCarriable(command: AdminCommand, carrier: Carrier): void {
  if (carrier === 'http' && findCommand(command.words)?.queries) assertPlain(command);
  for (const [name, value] of command.flags ?? []) {
    if (value === true || !value.includes('=')) continue;
    if (carrier === 'http') throw lost(name, 'an = in it crashes the broker', 'Reach the node with erl://.');
    if (
      vmqAdminArgv({ words: command.words, flags: [[name, value]] })[command.words.length + 1]?.startsWith(
        '-',
      )
    )
      throw lost(name, 'both a - in front and an = are more than the broker can read', 'Use another value.');
  }
  if (carrier === 'script' && isMangledByScript(command))
    throw usage('value_gets_lost', MANGLED, 'Reach the node with erl:// or http:// instead.');
}

/** Over HTTP the broker reads bytes where it wants characters: it would look for something else, and say Done. */
function assertPlain({ arguments: keys = [], flags = [] }: AdminCommand): void {
  for (const [name, value] of [...keys, ...flags]) {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII is meant
    if (value === true || /^[\x00-\x7f]*$/.test(value)) continue;
    const why = `the value of ${name} would not arrive: over HTTP the broker misreads all but ASCII here`;
    throw usage('value_gets_lost', why, 'Reach the node with erl:// instead.');
  }
}

/** What happens to a command that `isMangledByScript`. */
export const MANGLED =
  'the vmq-admin script splits values at blanks, loses backslashes, and expands a word such as max_*';

/**
 * The script has `$@` without quotes, so a shell splits every argument again (vernemq.md §6). It also looks for files by
 * the patterns in them, but finds none for what has its key or flag in front.
 */
export const isMangledByScript = (command: AdminCommand): boolean =>
  vmqAdminArgv(command).some(
    (token) => /[ \t\n\\]/.test(token) || (/[*?[]/.test(token) && !token.includes('=')),
  );

const lost = (name: string, why: string, hint: string) =>
  usage('value_gets_lost', `the value of --${name} would not arrive: ${why}`, hint);
