import { spawn } from 'node:child_process';
import { formatDuration } from '../duration.js';
import { Failure } from '../failure.js';
import { LONGEST, unavailable } from './secret-kinds.js';

/** A command may ask the operator to unlock something, but not for ever. Milliseconds. */
const COMMAND_DEADLINE = 30_000;

/**
 * Runs a line in a shell. It shares our stderr and our terminal, so that it can say what is wrong and ask to be
 * unlocked, but not our standard input, which may hold data.
 */
export function fromCommand(
  line: string,
  flag: string,
  environment: NodeJS.ProcessEnv,
  deadline = COMMAND_DEADLINE,
): Promise<string> {
  const { promise, resolve, reject } = withResolvers<string>();
  const child = spawn('/bin/sh', ['-c', line], { stdio: ['ignore', 'pipe', 'inherit'], env: environment });
  const chunks: Buffer[] = [];
  let size = 0;
  const giveUp = (reason: string) => {
    clearTimeout(timer);
    child.kill('SIGKILL');
    // What the shell has started may outlive it and hold the pipe open; that must not hold us.
    child.stdout.destroy();
    reject(unavailable('secret_command_failed', `the command of ${flag} ${reason}`));
  };
  const timer = setTimeout(() => giveUp(`did not end within ${formatDuration(deadline)}`), deadline);
  child.once('error', (error: NodeJS.ErrnoException) => giveUp(`could not be started: ${error.code}`));
  child.stdout.on('data', (chunk: Buffer) => {
    size += chunk.length;
    chunks.push(chunk);
    if (size > LONGEST) giveUp('wrote more than any secret has');
  });
  child.once('close', (code, signal) => {
    // Ctrl-C goes to the command too.
    if (signal === 'SIGINT' || code === 130) reject(new Failure('interrupted', 'interrupted', 'interrupted'));
    if (code !== 0) return giveUp(code === null ? `was ended by ${signal}` : `ended with exit code ${code}`);
    clearTimeout(timer);
    resolve(Buffer.concat(chunks).toString('utf8'));
  });
  return promise;
}

/** `Promise.withResolvers`, which Node 20 does not have. */
function withResolvers<T>() {
  let resolve: (value: T) => void = () => {};
  let reject: (reason: Error) => void = () => {};
  const promise = new Promise<T>((accept, refuse) => {
    resolve = accept;
    reject = refuse;
  });
  return { promise, resolve, reject };
}
