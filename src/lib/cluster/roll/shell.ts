import { type ChildProcess, spawn } from 'node:child_process';
import type { Writable } from 'node:stream';
import { Failure } from '../../failure.js';
import { acquireLock } from '../operations/lock.js';
import type { CommandRunner } from './context.js';
import type { CommandEnd } from './reasons.js';

export interface ShellOptions {
  /** Where the locks are. */
  readonly folder: string;
  /** Whether somebody sits at the terminal: then it is the command's too, such as for a password. */
  readonly isInteractive: boolean;
  readonly environment: NodeJS.ProcessEnv;
}

/**
 * Runs commands with `/bin/sh -c`. What they write goes to our stderr, as it is: stdout is for our result. A command that
 * outlives us holds a lock, so that it is not run a second time meanwhile; it begins only when it holds it.
 *
 * With a terminal a Ctrl-C reaches the command by itself. Without one it has a process group of its own, and all of it is
 * told.
 */
export function shellRunner(options: ShellOptions): CommandRunner {
  const { folder } = options;
  return async (line, node, signal) => {
    const lock = await acquireLock(folder, `command for ${node}`, 'the command of an earlier run');
    try {
      const shell = await openShell(line, options);
      try {
        await lock.handTo(shell.pid);
        if (signal.aborted) throw new Failure('interrupted', 'interrupted', 'interrupted');
        const stopPassingOn = passOn(shell.child, signal, options);
        shell.begin();
        return await shell.ended.finally(stopPassingOn);
      } finally {
        shell.close();
      }
    } finally {
      // One that cannot be removed counts no more: it is of a process that has ended, or that soon will.
      await lock.release().catch(() => undefined);
    }
  };
}

/** A shell that waits for a line on its third channel, then becomes the command; without one, as when we are killed, it ends. */
const WAITS = 'read -r _ <&3 && exec /bin/sh -c "$1" 3<&-';

interface Shell {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly ended: Promise<CommandEnd>;
  begin(): void;
  /** Ends it if it has not begun. */
  close(): void;
}

async function openShell(line: string, options: ShellOptions): Promise<Shell> {
  const child = spawnShell(line, options);
  const ended = new Promise<CommandEnd>((resolve) => {
    child.once('exit', (exitCode, by) => resolve({ exitCode, why: by ? `${by} ended it` : undefined }));
  });
  if (child.pid === undefined) throw noShell(await new Promise((resolve) => child.once('error', resolve)));
  const gate = child.stdio[3] as Writable;
  // It has been ended meanwhile, and that is told by its end.
  gate.on('error', () => undefined);
  return { child, pid: child.pid, ended, begin: () => void gate.end('\n'), close: () => void gate.destroy() };
}

function spawnShell(line: string, { isInteractive, environment }: ShellOptions): ChildProcess {
  try {
    return spawn('/bin/sh', ['-c', WAITS, '/bin/sh', line], {
      stdio: [isInteractive ? 'inherit' : 'ignore', 2, 2, 'pipe'],
      detached: !isInteractive,
      env: environment,
    });
  } catch (error) {
    // Such as for a line that is too long; other reasons are told later.
    throw noShell(error as NodeJS.ErrnoException);
  }
}

const noShell = (cause: NodeJS.ErrnoException) =>
  new Failure('failed', 'no_shell', `/bin/sh could not be started (${cause.code ?? cause.message})`, {
    cause,
  });

/** Tells the command of an interruption, unless the terminal has. @returns ends that */
function passOn(child: ChildProcess, signal: AbortSignal, { isInteractive }: ShellOptions): () => void {
  // Told twice, many programs end at once, and leave undone what they would have put in order.
  let hasTerminalTold = false;
  const onTerminal = () => {
    hasTerminalTold = isInteractive;
  };
  // Not at once: which of those that listen to the signal comes first is left to chance.
  const interrupt = () => void setImmediate(() => hasTerminalTold || tell(child, isInteractive));
  process.once('SIGINT', onTerminal);
  if (signal.aborted) interrupt();
  else signal.addEventListener('abort', interrupt);
  return () => {
    process.off('SIGINT', onTerminal);
    signal.removeEventListener('abort', interrupt);
  };
}

function tell({ pid, exitCode, signalCode }: ChildProcess, isInteractive: boolean): void {
  if (pid === undefined || exitCode !== null || signalCode !== null) return;
  try {
    process.kill(isInteractive ? pid : -pid, 'SIGINT');
  } catch (error) {
    // It ends just now, or it is another user's, as under sudo: its end is waited for all the same.
    if (!['ESRCH', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}
