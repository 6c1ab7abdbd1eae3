import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * What a command asks of oclif's Config while it runs, without what the Config reads and resolves to know of all the
 * other commands. There are no plugins and no hooks.
 */
export class QuickConfig {
  readonly bin = 'vmqctl';
  readonly name = 'vmqctl';
  readonly topicSeparator = ' ';
  /** The command is found already. */
  readonly commandIDs: readonly string[] = [];
  readonly root: string;

  /** @param root URL of the folder that has package.json */
  constructor(root: URL) {
    this.root = fileURLToPath(root);
  }

  get pjson(): { readonly version: string } {
    return JSON.parse(readFileSync(join(this.root, 'package.json'), 'utf8'));
  }

  get version(): string {
    return this.pjson.version;
  }

  get userAgent(): string {
    return `${this.name}/${process.platform}`;
  }

  findCommand(): undefined {
    return undefined;
  }

  async runHook(): Promise<{ successes: []; failures: [] }> {
    return { successes: [], failures: [] };
  }

  scopedEnvVarKey(name: string): string {
    return `VMQCTL_${name}`;
  }

  scopedEnvVarKeys(name: string): string[] {
    return [this.scopedEnvVarKey(name)];
  }

  scopedEnvVar(name: string): string | undefined {
    return process.env[this.scopedEnvVarKey(name)];
  }

  scopedEnvVarTrue(name: string): boolean {
    return ['1', 'true'].includes(this.scopedEnvVar(name) ?? '');
  }
}
