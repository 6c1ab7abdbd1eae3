import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { reportFailure, wantedFormat } from './lib/cli/base-command.js';
import { toFailure } from './lib/cli/errors.js';
import { QuickConfig } from './lib/cli/quick-config.js';
import { processStreams, quietStreams } from './lib/cli/streams.js';

/**
 * Runs one command line and sets the exit code.
 *
 * A command that is spelt out is loaded and run at once. Help, and whatever else needs to know of all commands, is left
 * to oclif's own start, which takes as long again as the whole of a short command.
 *
 * @param root a file URL inside the package, from which package.json is found
 */
export async function main(argv: string[], root: string): Promise<void> {
  quietStreams();
  try {
    if (argv[0] === '__complete') {
      const { printCompletions } = await import('./lib/cli/completion/complete.js');
      return await printCompletions(argv.slice(1), new URL('../oclif.manifest.json', root));
    }
    const found = asksForHelp(argv) ? undefined : (findCommand(argv) ?? (await findForwarded(argv)));
    if (found === undefined) {
      const { runThroughOclif } = await import('./lib/cli/full-start.js');
      return await runThroughOclif(argv, fileURLToPath(root));
    }
    const CommandClass = await found.load();
    const command = new CommandClass(found.argv, new QuickConfig(new URL('..', root)));
    command.id = found.id;
    await command._run();
  } catch (thrown) {
    if (isExit(thrown)) process.exitCode = thrown.oclif.exit;
    else
      process.exitCode = await reportFailure(
        toFailure(thrown),
        wantedFormat(argv, process.env),
        processStreams(),
      );
  }
}

function asksForHelp(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  return (end === -1 ? argv : argv.slice(0, end)).some((word) => word === '--help' || word === '-h');
}

/** A command's class. oclif's own types want its whole Config, and keep `_run` for themselves. */
type Runnable = new (argv: string[], config: QuickConfig) => { id: string; _run(): Promise<unknown> };

interface Found {
  readonly id: string;
  load(): Promise<Runnable>;
  readonly argv: string[];
}

/** A command of `vmq-admin` that we hand on. Unlike ours it has no file of its own. */
async function findForwarded(argv: readonly string[]): Promise<Found | undefined> {
  if (!/^[a-z]/.test(argv[0] ?? '')) return undefined;
  const { forwarded } = await import('./lib/cli/forward/forwarded.js');
  const spec = forwarded(argv);
  if (!spec) return undefined;
  const load = async () => {
    const { ForwardCommand } = await import('./lib/cli/forward/command.js');
    return ForwardCommand as unknown as Runnable;
  };
  return { id: spec.words.join(':'), load, argv: [...argv] };
}

/** The command of the longest run of plain words at the beginning, if there is a file for it. `a:b` is `a b`. */
function findCommand(argv: readonly string[]): Found | undefined {
  const spelt = [...(argv[0]?.split(':') ?? []), ...argv.slice(1)];
  const words = spelt.slice(0, 2).filter((word) => /^[a-z][a-z-]*$/.test(word));
  for (let length = words.length; length > 0; length -= 1) {
    const name = words.slice(0, length);
    const url = new URL(`./commands/${name.join('/')}.js`, import.meta.url);
    if (existsSync(url)) {
      const load = async (): Promise<Runnable> => (await import(url.href)).default;
      return { id: name.join(':'), load, argv: spelt.slice(length) };
    }
  }
  return undefined;
}

const isExit = (thrown: unknown): thrown is Error & { oclif: { exit: number } } =>
  thrown instanceof Error && (thrown as { code?: string }).code === 'EEXIT';
