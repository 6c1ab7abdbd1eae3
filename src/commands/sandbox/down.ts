import { BaseCommand } from '../../lib/cli/base-command.js';
import { goneView } from '../../lib/cli/views/sandbox.js';
import { stopInBackground } from '../../lib/sandbox/background/stop.js';
import { stateFolder } from '../../lib/state-folder.js';

export default class SandboxDown extends BaseCommand {
  static override summary = 'Stop the simulated brokers.';
  static override description =
    'Stops the background process and makes sure that it is gone. With none running, that is all there is to say.';
  static override examples = ['<%= config.bin %> <%= command.id %>'];

  async run(): Promise<void> {
    await this.input(SandboxDown);
    await this.present(goneView(await stopInBackground(await stateFolder(process.env))));
  }
}
