import { Config, run } from '@oclif/core';
import { Failure } from '../failure.js';
import { didYouMean } from '../suggest.js';
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
  const config = await Config.load({ root });
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

function unknownCommand(argv: readonly string[], config: Config): Failure {
  const words = argv.filter((word) => !word.startsWith('-') && !word.includes('='));
  const typed = words.slice(0, 2).join(' ');
  const known = config.commandIDs.map((id) => id.replaceAll(':', ' '));
  return new Failure(
    'usage',
    'unknown_command',
    `there is no command "${typed}"${didYouMean(typed, known)}`,
    {
      hint: 'vmqctl --help lists the commands.',
    },
  );
}
