import * as Args from '@oclif/core/args';
import { BaseCommand } from '../../lib/cli/base-command.js';
import { nodeFlags } from '../../lib/cli/flags.js';
import { contextView } from '../../lib/cli/views/context.js';
import { findContext } from '../../lib/context/manage.js';

export default class ContextShow extends BaseCommand {
  static override summary = 'Show a saved cluster and where its secrets come from.';
  static override args = {
    name: Args.string({
      ignoreStdin: true,
      description: 'The context; without it, the one that commands use now.',
    }),
  };
  static override flags = { context: nodeFlags.context };

  async run(): Promise<void> {
    const { flags, args } = await this.input(ContextShow);
    const { saved, isCurrent } = await findContext(args[0] ?? flags.context, process.env);
    await this.present(contextView(saved, isCurrent));
  }
}
