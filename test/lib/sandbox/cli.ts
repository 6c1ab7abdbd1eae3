import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { type CliResult, vmqctl } from '../../support/cli.js';

/** `--json` of `sandbox status`. */
export interface StatusDocument {
  readonly schema: string;
  readonly simulated: boolean;
  readonly running: boolean;
  readonly pid: number;
  readonly apiKeyFile: string | null;
  readonly nodes: readonly {
    readonly name: string;
    readonly httpUrl: string;
    readonly mqttUrl: string;
    readonly running: boolean;
  }[];
}

/** The commands of the sandbox, with a state folder of their own. Whatever they start ends with the test. */
export class SandboxCli {
  readonly folder = mkdtempSync(join(tmpdir(), 'vmqctl-sandbox-'));
  private readonly pids: number[] = [];

  constructor() {
    onTestFinished(() => this.end());
  }

  run(command: string, args: readonly string[] = [], env: Record<string, string> = {}): Promise<CliResult> {
    return vmqctl(['sandbox', command, ...args], { env: { VMQCTL_STATE_DIR: this.folder, ...env } });
  }

  async up(args: readonly string[] = [], env: Record<string, string> = {}): Promise<StatusDocument> {
    const { stdout, stderr, exitCode } = await this.run('up', [...args, '--json'], env);
    expect([exitCode, stderr]).toEqual([0, '']);
    const document = JSON.parse(stdout) as StatusDocument;
    this.pids.push(document.pid);
    return document;
  }

  async status(): Promise<StatusDocument> {
    return JSON.parse((await this.run('status', ['--json'])).stdout) as StatusDocument;
  }

  private async end(): Promise<void> {
    for (const pid of this.pids) wake(pid);
    await this.run('down');
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** One that was stopped cannot be told to end. */
function wake(pid: number): void {
  try {
    process.kill(pid, 'SIGCONT');
  } catch {
    // It has ended, as it should.
  }
}

export const firstOf = ({ nodes }: StatusDocument) => {
  const [node] = nodes;
  if (!node) throw new Error('the sandbox has no nodes');
  return node;
};
