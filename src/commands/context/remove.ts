import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../../lib/cli/base-command.js';
import { askConsent } from '../../lib/cli/prompts.js';
import { removedView } from '../../lib/cli/views/context.js';
import { forgetContext } from '../../lib/context/manage.js';

export default class ContextRemove extends BaseCommand {
  static override summary = 'Remove a saved cluster, and the secret files that were kept for it.';
  static override args = {
    name: Args.string({ required: true, ignoreStdin: true, description: 'The context.' }),
  };
  static override flags = { yes: Flags.boolean({ char: 'y', summary: 'Do not ask.' }) };

  async run(): Promise<void> {
    const { flags, args } = await this.input(ContextRemove);
    const name = args[0] ?? '';
    const removed = await forgetContext(name, process.env, () =>
      flags.yes ? Promise.resolve() : askConsent(`Remove context ${name} and its kept secrets?`, this.canAsk),
    );
    await this.present(removedView(name, removed));
  }
}
