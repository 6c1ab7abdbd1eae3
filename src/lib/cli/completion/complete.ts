import { readFileSync } from 'node:fs';
import { write } from '../streams.js';

/** What completion needs of a command, as oclif's manifest has it. */
export interface CompletableCommand {
  /** With `:` between the words. */
  readonly id: string;
  readonly summary?: string;
  readonly hidden?: boolean;
  readonly flags: Readonly<Record<string, CompletableFlag>>;
  /** `key=value` words: the values that there are, or anything else where they cannot be counted. */
  readonly words?: Readonly<Record<string, unknown>>;
  /** What may stand there as it is, such as the names of settings. */
  readonly values?: readonly string[];
  readonly args?: Readonly<Record<string, { readonly options?: readonly string[] }>>;
}

interface CompletableFlag {
  readonly name: string;
  readonly type: 'option' | 'boolean';
  readonly char?: string;
  readonly summary?: string;
  readonly options?: readonly string[];
  readonly multiple?: boolean;
  readonly hidden?: boolean;
}

export interface Candidate {
  readonly text: string;
  readonly summary: string;
}

/** Answers a shell: one candidate in each line, its summary behind a tab. `words` ends with the one to complete. */
export async function printCompletions(words: readonly string[], manifest: URL): Promise<void> {
  const { commands } = JSON.parse(readFileSync(manifest, 'utf8')) as {
    commands: Record<string, CompletableCommand>;
  };
  const asked = words[0] === '--' ? words.slice(1) : words;
  const candidates = complete(asked, Object.values(commands));
  await write(process.stdout, candidates.map(({ text, summary }) => `${text}\t${summary}\n`).join(''));
}

/**
 * What may stand in the place of the last word.
 *
 * @param words without `vmqctl`; the last one is what has been typed of it so far, which may be nothing
 */
export function complete(words: readonly string[], commands: readonly CompletableCommand[]): Candidate[] {
  const current = words.at(-1) ?? '';
  const before = words.slice(0, -1);
  const shown = commands.filter(({ hidden }) => !hidden);
  const command = commandOf(before, shown);
  const candidates = command
    ? [...argumentsOf(command, before, current), ...nextWords(before, shown)]
    : nextWords(before, shown);
  return candidates.filter(({ text }) => text.startsWith(current) && text !== '');
}

/** The longest command that the words begin with. */
function commandOf(
  words: readonly string[],
  commands: readonly CompletableCommand[],
): CompletableCommand | undefined {
  const line = `${words.join(' ')} `;
  return commands
    .filter(({ id }) => line.startsWith(`${spelt(id)} `))
    .sort((one, other) => other.id.length - one.id.length)[0];
}

const spelt = (id: string) => id.replaceAll(':', ' ');

/** The words that go on from here to a command. */
function nextWords(before: readonly string[], commands: readonly CompletableCommand[]): Candidate[] {
  const start = before.length === 0 ? '' : `${before.join(' ')} `;
  const found = new Map<string, string>();
  for (const { id, summary = '' } of commands) {
    if (!spelt(id).startsWith(start)) continue;
    const [word = '', ...more] = spelt(id).slice(start.length).split(' ');
    if (more.length === 0 || !found.has(word)) found.set(word, more.length === 0 ? summary : '');
  }
  return [...found].map(([text, summary]) => ({ text, summary }));
}

function argumentsOf(command: CompletableCommand, before: readonly string[], current: string): Candidate[] {
  const flags = Object.values(command.flags).filter(({ hidden }) => !hidden);
  const [name = ''] = current.split('=', 1);
  if (current.startsWith('--') && name !== current)
    return plain((flagOf(flags, name)?.options ?? []).map((option) => `${name}=${option}`));
  const previous = flagOf(flags, before.at(-1) ?? '');
  if (previous?.type === 'option' && !current.startsWith('-')) return plain(previous.options ?? []);
  if (current.startsWith('-')) return flagNames(flags, before);
  return [
    ...keysOf(command, before, current),
    ...plain(valuesOf(command).filter((value) => !before.includes(value))),
  ];
}

const valuesOf = ({ values = [], args = {} }: CompletableCommand): readonly string[] => [
  ...values,
  ...Object.values(args).flatMap(({ options = [] }) => options),
];

const plain = (texts: readonly string[]): Candidate[] => texts.map((text) => ({ text, summary: '' }));

const flagOf = (flags: readonly CompletableFlag[], token: string) =>
  flags.find(({ name, char }) => token === `--${name}` || (char !== undefined && token === `-${char}`));

/** But for those that are there already and may stand there once. */
const flagNames = (flags: readonly CompletableFlag[], before: readonly string[]): Candidate[] =>
  flags
    .filter(
      ({ name, multiple }) => multiple || !before.some((token) => token.split('=', 1)[0] === `--${name}`),
    )
    .map(({ name, summary = '' }) => ({ text: `--${name}`, summary }));

function keysOf(
  { words = {}, flags }: CompletableCommand,
  before: readonly string[],
  current: string,
): Candidate[] {
  const [key = '', value] = current.split(/=(.*)/s, 2);
  if (value !== undefined) {
    const known = words[key];
    const values = Array.isArray(known) ? (known as string[]) : (flags[key]?.options ?? []);
    return Object.hasOwn(words, key) ? plain(values.map((one) => `${key}=${one}`)) : [];
  }
  return plain(
    Object.keys(words)
      .filter((name) => !before.some((token) => token.startsWith(`${name}=`)))
      .map((name) => `${name}=`),
  );
}
