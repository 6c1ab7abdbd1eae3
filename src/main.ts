import { fileURLToPath } from 'node:url';
import { Config, flush, run } from '@oclif/core';
import { reportFailure, wantedFormat } from './lib/cli/base-command.js';
import { toFailure } from './lib/cli/errors.js';
import { processStreams } from './lib/cli/streams.js';
import { Failure } from './lib/failure.js';
import { didYouMean } from './lib/suggest.js';

/**
 * Runs one command line and sets the exit code.
 *
 * @param root a file URL inside the package, from which package.json is found
 */
export async function main(argv: string[], root: string): Promise<void> {
  const config = await Config.load({ root: fileURLToPath(root) });
  try {
    await run(argv, config);
    await flush();
  } catch (thrown) {
    if (isExit(thrown)) {
      process.exitCode = thrown.oclif.exit;
      return;
    }
    const failure = isUnknownCommand(thrown) ? unknownCommand(argv, config) : toFailure(thrown);
    process.exitCode = await reportFailure(failure, wantedFormat(argv, process.env), processStreams());
  }
}

const isExit = (thrown: unknown): thrown is Error & { oclif: { exit: number } } =>
  thrown instanceof Error && (thrown as { code?: string }).code === 'EEXIT';

const isUnknownCommand = (thrown: unknown): boolean =>
  thrown instanceof Error && /^command .* not found/.test(thrown.message);

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
