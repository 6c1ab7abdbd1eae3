import { Failure } from '../../failure.js';
import { didYouMean } from '../../suggest.js';
import { nameOf } from './index.js';
import { usage } from './mistakes.js';
import { SETTABLE } from './settings.js';
import type { CommandSpec, FlagSpec, KeySpec } from './types.js';
import { checkValue } from './values.js';

interface Given {
  readonly words: readonly string[];
  readonly keys: ReadonlyMap<string, string>;
  readonly flags: readonly (readonly [name: string, value: string | true])[];
}

/**
 * Everything that can be known to be wrong before the command is sent.
 *
 * @throws Failure (usage)
 */
export function checkCommand(spec: CommandSpec, given: Given): void {
  checkKeys(spec, given.keys);
  checkFlags(spec, given.flags);
  checkSettings(spec, given);
}

function checkKeys(spec: CommandSpec, keys: ReadonlyMap<string, string>): void {
  for (const key of spec.keys ?? []) {
    const value = keys.get(key.name);
    if (value === undefined && key.required) throw missing(spec, key);
    if (value === undefined) continue;
    checkValue(`${key.name}=`, key.value, value);
    checkEquals(key.name, value);
    if (key.needs !== undefined && !keys.has(key.needs)) throw lonely(key, key.needs);
  }
}

/** The broker cuts `key=value` at every `=` and glues what is not empty: the first, the last and doubled ones are lost. */
function checkEquals(name: string, value: string): void {
  if (!/^=|==|=$/.test(value)) return;
  throw usage(
    'value_gets_lost',
    `the broker loses an = of ${name}=: one at either end, and one of two`,
    'No way of writing it keeps them. Use a value without.',
  );
}

const missing = (spec: CommandSpec, key: KeySpec) =>
  usage('missing_argument', `${nameOf(spec)} wants ${key.name}=${key.value.label}`, key.summary);

const lonely = (key: KeySpec, needs: string) =>
  usage(
    'missing_argument',
    `${key.name}= without ${needs}= is ignored or refused by the broker`,
    `Give ${needs}= too, such as ${needs}=mgmt.`,
  );

function checkFlags(spec: CommandSpec, flags: Given['flags']): void {
  for (const flag of spec.flags ?? []) {
    const values = flags.filter(([name]) => name === flag.name).map(([, value]) => value);
    if (values.length === 0 && flag.required) throw missingFlag(spec, flag);
    if (values.length > 1 && !flag.repeatable)
      throw new Failure('usage', 'repeated_flag', `--${flag.name} is given twice`);
    for (const value of values)
      if (value !== true && flag.value) checkValue(`--${flag.name}`, flag.value, value);
  }
  if (flags.some(([name]) => name === 'all') && flags.some(([name]) => name === 'node'))
    throw usage(
      'contradicting_flags',
      '--all and --node of the broker exclude each other',
      'Give one of them.',
    );
}

const missingFlag = (spec: CommandSpec, flag: FlagSpec) =>
  usage('missing_argument', `${nameOf(spec)} wants --${flag.name}=${flag.value?.label ?? ''}`, flag.summary);

function checkSettings(spec: CommandSpec, { words, keys }: Given): void {
  if (spec.settings === undefined) return;
  if (words.length + keys.size === 0)
    throw usage('missing_argument', `${nameOf(spec)} wants a setting`, 'Such as max_client_id_size.');
  for (const [name, value] of spec.settings === 'keys' ? keys : []) {
    if (!SETTABLE.includes(name)) throw notSettable(name);
    checkValue(`${name}=`, { kind: 'text', label: 'VALUE' }, value);
    checkEquals(name, value);
  }
}

const notSettable = (name: string) =>
  usage(
    'not_settable',
    `${name} cannot be set while a node runs${didYouMean(name, SETTABLE)}`,
    'Change it in vernemq.conf and restart the node. vmqctl set --help lists what can be set.',
  );
