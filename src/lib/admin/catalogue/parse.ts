import { Failure } from '../../failure.js';
import type { AdminCommand } from '../rpc.js';
import { checkCommand } from './check.js';
import { findCommand, nameOf } from './index.js';
import { unexpectedWord, unknownCommand, unknownFlag, unknownKey, usage } from './mistakes.js';
import type { CommandSpec, FlagSpec } from './types.js';

type FlagValue = readonly [name: string, value: string | true];

interface Given {
  readonly words: string[];
  readonly keys: Map<string, string>;
  readonly flags: FlagValue[];
}

/**
 * Reads a command line of `vmq-admin`: words, `key=value` anywhere behind them, `--long=v`, `--long v`, `-s v`, `-sv`
 * and flags without a value. Keys come out in the order that the broker wants, flags by their long names.
 *
 * Unlike the broker's own parser it loses nothing of a value, takes keys behind flags, and refuses what the broker
 * would silently misread.
 *
 * @param argv without `vmq-admin`
 * @param secret the value of the key that may not stand in `argv`, for the commands that have one
 * @throws Failure (usage)
 */
export function parseLine(argv: readonly string[], secret?: string): AdminCommand {
  const spec = findCommand(argv);
  if (!spec) throw unknownCommand(argv);
  const given = readTokens(spec, argv.slice(spec.words.length));
  takeSecret(spec, given.keys, secret);
  checkCommand(spec, given);
  return {
    words: [...spec.words, ...given.words],
    arguments: inOrder(spec, given.keys),
    flags: given.flags,
  };
}

function readTokens(spec: CommandSpec, tokens: readonly string[]): Given {
  const given: Given = { words: [], keys: new Map(), flags: [] };
  for (let index = 0; index < tokens.length; index += 1) {
    const token = tokens[index] ?? '';
    if (token.startsWith('-')) {
      const { flag, value } = readFlag(spec, token);
      const taken = value ?? valueBehind(spec, flag, tokens[index + 1]);
      if (value === undefined && taken !== true) index += 1;
      given.flags.push([flag.name, taken]);
    } else if (token.includes('=')) readKey(spec, token, given.keys);
    else if (spec.settings === 'words') given.words.push(token);
    else throw unexpectedWord(spec, token);
  }
  return given;
}

/** @returns the flag, and its value if the token has it too; `true` for a flag without one */
function readFlag(spec: CommandSpec, token: string): { flag: FlagSpec; value: string | true | undefined } {
  const [, name = '', attached] = /^--([^=]+)(?:=(.*))?$/s.exec(token) ?? [];
  if (name !== '') {
    const flag = spec.flags?.find((candidate) => candidate.name === name);
    if (!flag) throw unknownFlag(spec, `--${name}`);
    if (!flag.value && attached !== undefined) throw takesNoValue(`--${name}`);
    return { flag, value: flag.value ? attached : true };
  }
  const short = token.slice(1, 2);
  const flag = spec.flags?.find((candidate) => candidate.short === short);
  if (!flag) throw unknownFlag(spec, `-${short}`);
  if (short === 'h') throw hookIsHelp(flag);
  const rest = token.slice(2);
  if (!flag.value && rest !== '') throw takesNoValue(`-${short}`);
  return { flag, value: flag.value ? rest || undefined : true };
}

/** The value of a flag that stands in the next token. */
function valueBehind(spec: CommandSpec, flag: FlagSpec, next: string | undefined): string | true {
  const isValue =
    next !== undefined && (!next.startsWith('-') || /^-\d+$/.test(next)) && !isKeyOf(spec, next);
  if (isValue) return next;
  if (flag.valueOptional) return true;
  throw usage(
    'missing_value',
    `--${flag.name} wants a value`,
    `--${flag.name}=${flag.value?.label ?? 'VALUE'}`,
  );
}

const isKeyOf = (spec: CommandSpec, token: string) =>
  spec.settings === 'keys'
    ? token.includes('=')
    : (spec.keys ?? []).some(({ name }) => token.startsWith(`${name}=`));

function readKey(spec: CommandSpec, token: string, keys: Map<string, string>): void {
  const [, name = '', value = ''] = /^([^=]*)=(.*)$/s.exec(token) ?? [];
  const known = spec.keys?.find((candidate) => candidate.name === name);
  if (!known && spec.settings !== 'keys') throw unknownKey(spec, name);
  if (known?.secret) {
    throw usage(
      'secret_in_argv',
      `${name}= must not stand on the command line: other users see it there`,
      'Give --key-from file:PATH, env:NAME, command:LINE, keyring:SERVICE/ACCOUNT or stdin. If that was the key, replace it.',
    );
  }
  if (keys.has(name)) throw new Failure('usage', 'repeated_word', `${name}= is given twice`);
  keys.set(name, value);
}

function takeSecret(spec: CommandSpec, keys: Map<string, string>, secret: string | undefined): void {
  const key = spec.keys?.find((candidate) => candidate.secret);
  if (key && secret !== undefined) keys.set(key.name, secret);
  else if (key) {
    throw usage(
      'missing_key_source',
      `${nameOf(spec)} wants a key`,
      'Say where it is with --key-from file:PATH.',
    );
  }
}

/** As the table has them; settings as they were given. */
function inOrder(spec: CommandSpec, keys: ReadonlyMap<string, string>): [string, string][] {
  if (!spec.keys) return [...keys];
  return spec.keys.flatMap(({ name }): [string, string][] => {
    const value = keys.get(name);
    return value === undefined ? [] : [[name, value]];
  });
}

const takesNoValue = (flag: string) =>
  new Failure('usage', 'flag_without_value', `${flag} takes no value`, {
    hint: `Give ${flag} alone, or leave it out: the broker would take any value for yes.`,
  });

const hookIsHelp = (flag: FlagSpec) =>
  usage(
    'flag_is_help',
    `-${flag.short} is help, for vmq-admin too`,
    `Write --${flag.name}=${flag.value?.label ?? ''}.`,
  );
