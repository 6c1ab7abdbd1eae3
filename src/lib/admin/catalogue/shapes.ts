import type { FlagSpec, Hazard, KeySpec, ValueKind, ValueSpec } from './types.js';

/** The words in which the tables of the catalogue are written. */
export const value = (kind: ValueKind, label: string = kind.toUpperCase()): ValueSpec => ({ kind, label });

export const choice = (label: string, oneOf: readonly string[]): ValueSpec => ({
  kind: 'text',
  label,
  oneOf,
});

export const TRUTH: ValueSpec = { kind: 'boolean', label: 'true|false', oneOf: ['true', 'false'] };

export const key = (name: string, spec: ValueSpec, summary: string): KeySpec => ({
  name,
  value: spec,
  required: true,
  summary,
});

export const optionalKey = (
  name: string,
  spec: ValueSpec,
  summary: string,
  more: Partial<KeySpec> = {},
): KeySpec => ({ ...key(name, spec, summary), required: false, ...more });

/** `--name -s` without a value. */
export const toggle = (name: string, short: string | undefined, summary: string): FlagSpec => ({
  name,
  ...(short === undefined ? {} : { short }),
  summary,
});

/** `--name=VALUE -s VALUE`. */
export const option = (
  name: string,
  short: string | undefined,
  spec: ValueSpec,
  summary: string,
): FlagSpec => ({ ...toggle(name, short, summary), value: spec });

/** `--name`, or `--name=VALUE`. */
export const either = (
  name: string,
  short: string | undefined,
  spec: ValueSpec,
  summary: string,
): FlagSpec => ({
  ...option(name, short, spec, summary),
  valueOptional: true,
});

/** What is changed in a running node and nowhere else. */
export const NOT_PERSISTENT: Hazard = {
  text: 'It lasts until the node restarts: vernemq.conf is not changed.',
};
