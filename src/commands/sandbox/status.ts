import { BaseCommand } from '../../lib/cli/base-command.js';
import { goneView, runningView } from '../../lib/cli/views/sandbox.js';
import { sandboxStatus } from '../../lib/sandbox/background/status.js';
import { stateFolder } from '../../lib/state-folder.js';

export default class SandboxStatus extends BaseCommand {
  static override summary = 'Show the simulated brokers that run.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --json',
  ];

  async run(): Promise<void> {
    await this.input(SandboxStatus);
    const status = await sandboxStatus(await stateFolder(process.env));
    await this.present(status.running ? runningView(status.state, status.nodes) : goneView(null));
  }
}
