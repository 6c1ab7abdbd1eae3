import { CATALOGUE, nameOf } from '../../admin/catalogue/index.js';
import { SETTABLE } from '../../admin/catalogue/settings.js';
import type { CommandSpec, FlagSpec, KeySpec } from '../../admin/catalogue/types.js';
import { FORWARD_FLAGS } from './flags.js';

/** A flag as oclif's manifest has it: what help and completion need of it. */
interface ManifestFlag {
  readonly name: string;
  readonly char?: string;
  readonly type: 'option' | 'boolean';
  readonly allowNo?: false;
  readonly summary: string;
  readonly helpValue?: string;
  readonly options?: readonly string[];
  readonly multiple?: boolean;
  readonly helpGroup?: string;
}

/** A command as oclif's manifest has it. */
export interface ManifestCommand {
  readonly id: string;
  readonly summary: string;
  readonly description?: string;
  readonly usage: string;
  readonly examples: readonly string[];
  readonly flags: Readonly<Record<string, ManifestFlag>>;
  /** The keys that it takes, with the values that there are if they can be counted. */
  readonly words: Readonly<Record<string, readonly string[]>>;
  /** Names of settings, where they are words. */
  readonly values: readonly string[];
  readonly forwarded: true;
  readonly aliases: readonly string[];
  readonly hiddenAliases: readonly string[];
  readonly args: Readonly<Record<string, never>>;
  readonly hasDynamicHelp: false;
  readonly strict: true;
}

/**
 * What oclif's manifest says of the forwarded commands, so that help, the list of commands and completion know them
 * without loading anything.
 *
 * @param shared flags of all commands that speak to a node, as the manifest has them
 */
export function forwardManifest(
  shared: Readonly<Record<string, ManifestFlag>>,
): Readonly<Record<string, ManifestCommand>> {
  const entries = CATALOGUE.filter(({ richer }) => richer === undefined).map((spec) => entryOf(spec, shared));
  return Object.fromEntries(entries.map((entry) => [entry.id, entry]));
}

function entryOf(spec: CommandSpec, shared: Readonly<Record<string, ManifestFlag>>): ManifestCommand {
  const description = descriptionOf(spec);
  return {
    id: spec.words.join(':'),
    summary: spec.summary,
    ...(description === '' ? {} : { description }),
    usage: usageOf(spec),
    examples: (spec.examples ?? []).map((example) => `<%= config.bin %> ${example}`),
    flags: { ...shared, ...ownFlags(spec), ...brokerFlags(spec) },
    words: wordsOf(spec),
    values: spec.settings === 'words' ? SETTABLE : [],
    forwarded: true,
    aliases: [],
    hiddenAliases: [],
    args: {},
    hasDynamicHelp: false,
    strict: true,
  };
}

function usageOf(spec: CommandSpec): string {
  const keys = (spec.keys ?? []).filter(({ secret }) => !secret).map(usageOfKey);
  const settings = { words: ['SETTING...'], keys: ['SETTING=VALUE...'], none: [] }[spec.settings ?? 'none'];
  const needed = (spec.flags ?? [])
    .filter(({ required }) => required)
    .map((flag) => `--${flag.name}=${labelOf(flag)}`);
  const secret = spec.keys?.some((key) => key.secret) ? ['--key-from=SOURCE'] : [];
  return [nameOf(spec), ...keys, ...settings, ...needed, ...secret, '[FLAGS]'].join(' ');
}

const usageOfKey = ({ name, value, required }: KeySpec) =>
  required ? `${name}=${value.label}` : `[${name}=${value.label}]`;

/** Paragraphs: what the keys mean, where the command is to be had, and what it does that nobody expects. */
function descriptionOf(spec: CommandSpec): string {
  const keys = (spec.keys ?? [])
    .filter(({ secret }) => !secret)
    .map(({ name, value, summary }) => {
      const values = value.oneOf ? ` One of ${value.oneOf.join(', ')}.` : '';
      return `${name}=${value.label}: ${summary}${values}`;
    });
  const needs = [
    ...(spec.plugin === undefined ? [] : [`Only while the plugin ${spec.plugin} is on.`]),
    ...(spec.since === undefined ? [] : [`Since VerneMQ ${spec.since}.`]),
  ].join(' ');
  const hazards = [...(spec.stake ? [spec.stake] : []), ...(spec.hazards ?? [])].map(
    ({ text }) => `! ${text}`,
  );
  return [keys.join('\n'), needs, hazards.join('\n')].filter(Boolean).join('\n\n');
}

/** `--node` is both the broker's and ours: which of the two, its value says. */
const brokerFlags = (spec: CommandSpec) =>
  Object.fromEntries(
    (spec.flags ?? []).map((flag) => {
      const entry = brokerFlag(flag);
      return [
        flag.name,
        flag.name === 'node' ? { ...entry, ...BOTH_NODES, summary: bothNodes(flag) } : entry,
      ];
    }),
  );

const BOTH_NODES = { helpValue: 'NODE|URL', multiple: true } as const;

const bothNodes = ({ summary }: FlagSpec) => `${summary} With a URL, as everywhere: the node to ask.`;

function brokerFlag(flag: FlagSpec): ManifestFlag {
  // What -h says is help, in front of everything else.
  const char = flag.short === undefined || flag.short === 'h' ? {} : { char: flag.short };
  const common = { name: flag.name, ...char, summary: flag.summary };
  if (!flag.value) return { ...common, type: 'boolean', allowNo: false };
  const { oneOf } = flag.value;
  return {
    ...common,
    type: 'option',
    multiple: flag.repeatable ?? false,
    helpValue: flag.valueOptional ? `[${labelOf(flag)}]` : labelOf(flag),
    ...(oneOf ? { options: oneOf } : {}),
  };
}

const labelOf = (flag: FlagSpec) => flag.value?.label ?? 'VALUE';

function ownFlags(spec: CommandSpec): Record<string, ManifestFlag> {
  const wantsKey = spec.keys?.some(({ secret }) => secret) ?? false;
  return {
    ...(wantsKey
      ? { 'key-from': { ...FORWARD_FLAGS['key-from'], name: 'key-from', type: 'option', multiple: false } }
      : {}),
    ...(spec.stake ? { yes: { ...FORWARD_FLAGS.yes, name: 'yes', type: 'boolean', allowNo: false } } : {}),
    'show-command': {
      ...FORWARD_FLAGS['show-command'],
      name: 'show-command',
      type: 'boolean',
      allowNo: false,
    },
  };
}

function wordsOf(spec: CommandSpec): Record<string, readonly string[]> {
  if (spec.settings === 'keys') return Object.fromEntries(SETTABLE.map((name) => [name, []]));
  const keys = (spec.keys ?? []).filter(({ secret }) => !secret);
  return Object.fromEntries(keys.map(({ name, value }) => [name, value.oneOf ?? []]));
}
