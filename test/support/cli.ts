import { spawn } from 'node:child_process';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';

export interface CliOptions {
  /** Added to an environment that has nothing but PATH, HOME and an empty VMQCTL_CONFIG_DIR. */
  readonly env?: Readonly<Record<string, string>>;
  /** What standard input holds, or what comes of it bit by bit; without it, standard input is empty. */
  readonly input?: string | AsyncIterable<string>;
  /** Milliseconds until the process is killed and the call fails; 15 s by default. */
  readonly timeout?: number;
}

export interface CliResult {
  readonly stdout: string;
  readonly stderr: string;
  /** As a shell has it: 128 and the signal's number for a process that a signal ended. */
  readonly exitCode: number;
}

const BINARY = fileURLToPath(new URL('../../bin/run.js', import.meta.url));

/** Runs the built binary. Nothing of the caller's own contexts, secrets or colours reaches it. */
export function vmqctl(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  const { env, input, timeout = 15_000 } = options;
  const child = spawn(process.execPath, [BINARY, ...args], {
    env: {
      PATH: process.env.PATH,
      HOME: tmpdir(),
      VMQCTL_CONFIG_DIR: join(tmpdir(), 'vmqctl-no-contexts'),
      ...env,
    },
    // Anywhere but in the package: it must find its own files wherever it is started.
    cwd: tmpdir(),
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  // A process that ends without reading its input is no mistake of the test's.
  child.stdin.on('error', () => undefined);
  if (typeof input === 'object') Readable.from(input).pipe(child.stdin);
  else child.stdin.end(input);
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`vmqctl ${args.join(' ')} is not done after ${timeout} ms\n${stdout}\n${stderr}`));
    }, timeout);
    child.once('error', reject);
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ stdout, stderr, exitCode: code ?? 128 + (signal ? constants.signals[signal] : 0) });
    });
  });
}
