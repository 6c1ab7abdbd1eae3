import type { AdminCommand } from '../rpc.js';
import { findCommand, flagNamed } from './index.js';

/**
 * The arguments of `vmq-admin` for a command, one string each: words, then `key=value`, then long flags, because the
 * broker reads a key after a flag as that flag's value. For `vmq_server_cli:command/1` they go behind `"vmq-admin"`;
 * no shell is involved.
 *
 * A flag's value stands behind `=`, unless it has one itself: the broker crashes on `--flag=a=b`, and takes
 * `--flag a=b`. What cannot be carried either way is refused by `assertCarriable`.
 */
export function vmqAdminArgv(command: AdminCommand): string[] {
  const keys = (command.arguments ?? []).map(([key, value]) => `${key}=${value}`);
  const flags = (command.flags ?? []).flatMap(([name, value]) => flagArgv(command, name, value));
  return [...command.words, ...keys, ...flags];
}

function flagArgv(command: AdminCommand, name: string, value: string | true): string[] {
  if (value === true) return [`--${name}`];
  if (!value.includes('=')) return [`--${name}=${value}`];
  if (!value.startsWith('-')) return [`--${name}`, value];
  const short = flagNamed(findCommand(command.words), name)?.short;
  return short === undefined || short === 'h' ? [`--${name}`, value] : [`-${short}${value}`];
}

/**
 * The flag that makes the broker answer in JSON, for all commands whose result it can write as JSON: it applies a `set`
 * and then crashes while it writes the answer.
 */
export const jsonFormat = (command: AdminCommand): string[] =>
  command.words[0] === 'set' ? [] : ['--format=json'];

/** The same command as a line for a shell on the node, with `***` in place of what is secret. */
export function vmqAdminLine(command: AdminCommand): string {
  return ['vmq-admin', ...vmqAdminArgv(masked(command)).map(shellQuoted)].join(' ');
}

function masked(command: AdminCommand): AdminCommand {
  const secret = new Set(
    (findCommand(command.words)?.keys ?? []).filter((key) => key.secret).map((key) => key.name),
  );
  const keys = (command.arguments ?? []).map(
    ([name, value]) => [name, secret.has(name) ? '***' : value] as const,
  );
  return { ...command, arguments: keys };
}

/** As a POSIX shell reads it back. The mask is left as it is: it is to be replaced. */
function shellQuoted(text: string): string {
  if (/^[\w@%+=:,./*-]+$/.test(text) && (!text.includes('*') || text.endsWith('=***'))) return text;
  return `'${text.replaceAll("'", "'\\''")}'`;
}
