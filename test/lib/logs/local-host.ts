import { spawn } from 'node:child_process';
import { Failure } from '../../../src/lib/failure.js';
import type { Finished, RunOptions, SshHost } from '../../../src/lib/ssh/host.js';

/** What happens to a run instead of, or after, it being run. */
export type Fault = 'none' | 'refused' | 'lost-after' | 'stalled';

/** A host whose commands run on this machine, and whose connection can fail. */
export class LocalHost implements SshHost {
  /** How many runs were started, and how many bytes they answered. */
  runs = 0;
  received = 0;
  /** Asked in front of every run. */
  fault: (run: number) => Fault = () => 'none';
  /** Processes that run now. */
  running = 0;

  /** @param shell what `sh` is, such as `busybox sh` */
  constructor(
    readonly address: string,
    private readonly shell: readonly [string, ...string[]] = ['sh'],
  ) {}

  async run(commandLine: string, options: RunOptions = {}): Promise<Finished> {
    this.runs += 1;
    const fault = this.fault(this.runs);
    if (fault === 'refused') throw new Failure('unreachable', 'ECONNREFUSED', `${this.address}: refused`);
    if (fault === 'stalled') return this.stall(options);
    const held: [Buffer, 'out' | 'err'][] = [];
    const finished = await this.spawn(commandLine, {
      ...options,
      onOutput: (chunk, stream) => {
        this.received += chunk.length;
        if (fault === 'lost-after') held.push([chunk, stream]);
        else options.onOutput?.(chunk, stream);
      },
    });
    if (fault !== 'lost-after') return finished;
    // Half of what it said arrives.
    for (const [chunk, stream] of held.slice(0, Math.ceil(held.length / 2)))
      options.onOutput?.(chunk, stream);
    throw new Failure('unreachable', 'ssh_lost', `${this.address}: the connection was lost`);
  }

  async openStream(): Promise<never> {
    throw new Error('nothing here opens streams');
  }

  close(): void {}

  private stall({ deadline = 0, signal }: RunOptions): Promise<never> {
    return new Promise((_, reject) => {
      const late = () => reject(new Failure('unreachable', 'ssh_deadline', `${this.address}: no answer`));
      if (deadline > 0) setTimeout(late, deadline);
      signal?.addEventListener('abort', () => reject(interrupted()));
    });
  }

  private spawn(commandLine: string, { input, signal, onOutput }: RunOptions): Promise<Finished> {
    const [command, ...before] = this.shell;
    const words = commandLine === 'sh -s' ? [...before, '-s'] : [...before, '-c', commandLine];
    const child = spawn(command, words, { stdio: ['pipe', 'pipe', 'pipe'], detached: true });
    this.running += 1;
    const kill = () => {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGTERM');
    };
    signal?.addEventListener('abort', kill);
    child.stdout.on('data', (chunk: Buffer) => onOutput?.(chunk, 'out'));
    child.stderr.on('data', (chunk: Buffer) => onOutput?.(chunk, 'err'));
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
    return new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => {
        this.running -= 1;
        signal?.removeEventListener('abort', kill);
        if (signal?.aborted) reject(interrupted());
        else resolve({ stdout: '', stderr: '', exitCode: code ?? 143 });
      });
    });
  }
}

const interrupted = () => new Failure('interrupted', 'interrupted', 'interrupted');
