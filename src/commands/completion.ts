import * as Args from '@oclif/core/args';
import { BaseCommand } from '../lib/cli/base-command.js';
import { COMPLETION_SCRIPTS, type Shell } from '../lib/cli/completion/scripts.js';
import { write } from '../lib/cli/streams.js';

export default class Completion extends BaseCommand {
  static override summary = 'Print a script that lets a shell complete commands, keys and flags.';
  static override description =
    'Load it where the shell starts. For bash: source <(vmqctl completion bash). For zsh: source <(vmqctl completion zsh), behind compinit. For fish: vmqctl completion fish | source.';
  static override examples = ['<%= config.bin %> <%= command.id %> bash'];
  static override args = {
    shell: Args.string({ required: true, options: ['bash', 'zsh', 'fish'], description: 'The shell.' }),
  };

  async run(): Promise<void> {
    const { args } = await this.input(Completion);
    await write(this.streams.out, COMPLETION_SCRIPTS[args[0] as Shell]);
  }
}
