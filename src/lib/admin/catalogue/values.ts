import { isIP } from 'node:net';
import { Failure } from '../../failure.js';
import { didYouMean } from '../../suggest.js';
import type { ValueKind, ValueSpec } from './types.js';

type Check = readonly [test: (text: string) => boolean, wanted: string];

const isInteger = (text: string) => /^[+-]?\d{1,15}$/.test(text);

const CHECKS: Readonly<Partial<Record<ValueKind, Check>>> = {
  query: [(text) => !text.includes('"'), 'a value without a double quote: the broker pastes it into a query'],
  integer: [isInteger, 'a whole number'],
  count: [(text) => /^[1-9]\d{0,14}$/.test(text), 'a whole number, 1 or more'],
  port: [(text) => /^\d{1,5}$/.test(text) && Number(text) <= 65_535, 'a port number, up to 65535'],
  limit: [(text) => text === 'infinity' || isInteger(text), 'a whole number, or infinity'],
  time: [isTime, 'a time such as 2031-06-01T00:00:00'],
  node: [(text) => /^[^@\s"]+@[^@\s"]+$/.test(text), 'the name of a node, such as VerneMQ@172.16.16.13'],
  address: [(text) => isIP(text) !== 0 || /^local:./.test(text), 'an IP address, or local:PATH'],
  url: [(text) => /^https?:\/\/./.test(text) && URL.canParse(text), 'an http:// or https:// URL'],
};

/**
 * Refuses what the broker would crash on, or misread.
 *
 * @param name as the operator writes it: `port=` or `--limit`
 * @throws Failure (usage); it never repeats the value
 */
export function checkValue(name: string, spec: ValueSpec, text: string): void {
  if (text === '') throw new Failure('usage', 'empty_value', `${name} has no value`);
  if (/\p{Cc}/u.test(text)) throw wrong(name, 'a value without control characters');
  if (spec.oneOf && !spec.oneOf.includes(text)) throw noneOf(name, spec.oneOf, text);
  const [test, wanted] = CHECKS[spec.kind] ?? [];
  if (test && wanted !== undefined && !test(text)) throw wrong(name, wanted);
}

const wrong = (name: string, wanted: string) => new Failure('usage', 'bad_value', `${name} wants ${wanted}`);

const noneOf = (name: string, known: readonly string[], text: string) =>
  new Failure('usage', 'bad_value', `${name} has none of its values${didYouMean(text, known)}`, {
    hint: `They are ${known.join(', ')}.`,
  });

/** The broker reads it without any check, and crashes or takes another day for what is none. */
function isTime(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/.test(text)) return false;
  const time = new Date(`${text}Z`);
  return !Number.isNaN(time.getTime()) && time.toISOString().startsWith(text);
}
