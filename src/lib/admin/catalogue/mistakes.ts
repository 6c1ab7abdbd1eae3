import { Failure } from '../../failure.js';
import { closest, didYouMean } from '../../suggest.js';
import { CATALOGUE, nameOf } from './index.js';
import type { CommandSpec } from './types.js';

/** A mistake in a command line. */
export const usage = (code: string, message: string, hint: string): Failure =>
  new Failure('usage', code, message, { hint });

/** @param argv of which only what resembles a command is repeated: a secret may have strayed into it */
export function unknownCommand(argv: readonly string[]): Failure {
  const end = argv.findIndex((token) => token.startsWith('-') || token.includes('='));
  const words = (end === -1 ? argv : argv.slice(0, end)).slice(0, 3);
  const names = CATALOGUE.map(nameOf);
  const meant = [3, 2, 1].map((length) => closest(words.slice(0, length).join(' '), names)).find(Boolean);
  return usage(
    'unknown_command',
    `there is no such command${meant === undefined ? '' : `; did you mean ${meant}?`}`,
    'vmqctl --help lists the commands.',
  );
}

/** `vmq-admin` has a key in front of everything; leaving it out is the likeliest slip. The word is not repeated. */
export function unexpectedWord(spec: CommandSpec, word: string): Failure {
  const longer = CATALOGUE.filter(({ words }) => spec.words.every((own, index) => own === words[index]))
    .map(({ words }) => words[spec.words.length])
    .filter((next) => next !== undefined);
  const keys = (spec.keys ?? [])
    .filter(({ secret }) => !secret)
    .map(({ name, value }) => `${name}=${value.label}`);
  const takes = [...keys, ...longer].join(', ');
  return usage(
    'unexpected_word',
    `${nameOf(spec)} has a word too many${didYouMean(word, longer)}`,
    takes === '' ? `${nameOf(spec)} takes flags only.` : `It takes ${takes}.`,
  );
}

export function unknownKey(spec: CommandSpec, name: string): Failure {
  const known = (spec.keys ?? []).map((key) => key.name);
  if (spec.flags?.some((flag) => flag.name === name))
    return usage('unknown_word', `${name}= means nothing here; did you mean --${name}=?`, 'It is a flag.');
  return usage(
    'unknown_word',
    `${name}= means nothing here${didYouMean(name, known, '=')}`,
    known.length > 0
      ? `Known here: ${known.map((key) => `${key}=`).join(', ')}.`
      : `${nameOf(spec)} takes none.`,
  );
}

export function unknownFlag(spec: CommandSpec, flag: string): Failure {
  const known = (spec.flags ?? []).map(({ name }) => `--${name}`);
  return usage(
    'unknown_flag',
    `${nameOf(spec)} has no flag ${flag}${flag.startsWith('--') ? didYouMean(flag, known) : ''}`,
    known.length > 0 ? `It has ${listed(known)}.` : 'It has none of its own.',
  );
}

const listed = (names: readonly string[]) =>
  names.length > 12
    ? `${names.slice(0, 12).join(', ')} and ${names.length - 12} more: see --help`
    : names.join(', ');
