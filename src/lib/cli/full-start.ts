import { Config, run } from '@oclif/core';
import { findCommand, TOPICS } from '../admin/catalogue/index.js';
import { parseLine } from '../admin/catalogue/parse.js';
import { Failure } from '../failure.js';
import { closest } from '../suggest.js';
import { cannotWrite, isBrokenPipe, write } from './streams.js';

/**
 * oclif's own start, which knows of all commands: help, and words that are no command.
 *
 * @param root a path inside the package
 */
export async function runThroughOclif(argv: string[], root: string): Promise<void> {
  const asked = asFlags(argv);
  if (asked[0]?.startsWith('-') && !asked.some((word) => ['--help', '-h', '--version'].includes(word)))
    throw flagsFirst();
  refuseHookAsHelp(asked);
  const config = await Config.load({ root });
  describeTopics(config);
  const lost = watchForLoss();
  try {
    await run(asked, config);
  } catch (thrown) {
    if (thrown instanceof Error && /^command .* not found/i.test(thrown.message))
      throw unknownCommand(asked, config);
    throw thrown;
  }
  await lost();
}

/** `help` and `version` are words that people try first; they stand for the flags. */
function asFlags(argv: readonly string[]): string[] {
  const [first, ...rest] = argv;
  if (first === 'help') return [...rest, '--help'];
  return first === 'version' ? ['--version'] : [...argv];
}

/** oclif prints without looking whether it succeeds. @returns a function that waits for the end of it, and throws */
function watchForLoss(): () => Promise<void> {
  let lost: Error | undefined;
  process.stdout.on('error', (error) => {
    if (!isBrokenPipe(error)) lost ??= error;
  });
  return async () => {
    await write(process.stdout, '');
    if (lost) throw cannotWrite(lost);
  };
}

const flagsFirst = () =>
  new Failure('usage', 'no_command', 'the command comes first, then its flags', {
    hint: 'For example: vmqctl cluster show --json. vmqctl --help lists the commands.',
  });

/**
 * In package.json as oclif has read it, which it reads again. `show` is no topic: oclif takes it for one because there is
 * a `log show`.
 */
function describeTopics({ pjson }: Config): void {
  const described = Object.entries(TOPICS).map(([name, description]) => [name, { description }] as const);
  pjson.oclif.topics = { ...pjson.oclif.topics, ...Object.fromEntries(described), show: { hidden: true } };
}

/** Help would end with exit code 0, and whoever wrote `-h HOOK` would take the plugin for enabled. */
function refuseHookAsHelp(argv: readonly string[]): void {
  const next = argv[argv.indexOf('-h') + 1];
  if (!argv.includes('-h') || next === undefined || next.startsWith('-')) return;
  if (findCommand(argv)?.flags?.some(({ short }) => short === 'h')) parseLine(argv);
}

/** Words that resemble no command are not repeated: a secret may have strayed among them. */
function unknownCommand(argv: readonly string[], config: Config): Failure {
  const words = argv.filter((word) => !word.startsWith('-') && !word.includes('='));
  const known = config.commandIDs.map((id) => id.replaceAll(':', ' '));
  const typed = words.slice(0, 2).join(' ');
  const meant = closest(typed, known) ?? closest(words.slice(0, 3).join(' '), known);
  const shown = meant === undefined ? [words[0], ...(words.length > 1 ? ['…'] : [])].join(' ') : typed;
  return new Failure(
    'usage',
    'unknown_command',
    `there is no command "${shown}"${meant === undefined ? '' : `; did you mean ${meant}?`}`,
    {
      hint: 'vmqctl --help lists the commands.',
    },
  );
}
