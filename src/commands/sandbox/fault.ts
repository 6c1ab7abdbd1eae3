import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../../lib/cli/base-command.js';
import { faultListView, faultView } from '../../lib/cli/views/sandbox-fault.js';
import { Failure } from '../../lib/failure.js';
import { setFault } from '../../lib/sandbox/background/fault.js';
import { OUTAGES } from '../../lib/sandbox/outages/set.js';
import { stateFolder } from '../../lib/state-folder.js';

export default class SandboxFault extends BaseCommand {
  static override summary = 'Break a simulated broker as real ones break, and mend it again.';
  static override description =
    'Each fault is one that was provoked on a real cluster. A node has one at a time. Without a name the faults are listed; --clear takes them away: all, or those that are named. vmqctl cluster check names the cause of each; with ERL_EPMD_PORT and --cookie-from, as sandbox up prints them, also of those that are of Erlang.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> any-address --node sim3',
    '<%= config.bin %> <%= command.id %> --clear',
  ];
  static override args = {
    fault: Args.string({ description: 'Which fault; without one they are listed.' }),
  };
  static override flags = {
    node: Flags.string({ helpValue: 'NODE', summary: 'The node that is to have it, such as sim3.' }),
    clear: Flags.boolean({ summary: 'Take faults away: of this name, of this node, or all.' }),
  };

  async run(): Promise<void> {
    const { flags, args } = await this.input(SandboxFault);
    const [fault] = args;
    const { node, clear } = flags;
    if (!clear && fault === undefined) return this.present(faultListView(OUTAGES));
    if (!clear && node === undefined)
      throw new Failure('usage', 'missing_node', 'which node is to have the fault?', {
        hint: 'Name it with --node, such as --node sim3.',
      });
    const order = { action: clear ? 'clear' : 'set', fault, node } as const;
    await this.present(faultView(await setFault(await stateFolder(process.env), order)));
  }
}
