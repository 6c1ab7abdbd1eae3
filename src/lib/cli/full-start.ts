import { Config, flush, run } from '@oclif/core';
import { Failure } from '../failure.js';
import { didYouMean } from '../suggest.js';

/**
 * oclif's own start, which knows of all commands: help, and words that are no command.
 *
 * @param root a path inside the package
 */
export async function runThroughOclif(argv: string[], root: string): Promise<void> {
  const config = await Config.load({ root });
  try {
    await run(argv, config);
    await flush();
  } catch (thrown) {
    if (thrown instanceof Error && /^command .* not found/.test(thrown.message))
      throw unknownCommand(argv, config);
    throw thrown;
  }
}

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
