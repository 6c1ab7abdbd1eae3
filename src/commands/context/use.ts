import * as Args from '@oclif/core/args';
import { BaseCommand } from '../../lib/cli/base-command.js';
import { usedView } from '../../lib/cli/views/context.js';
import { useContext } from '../../lib/context/manage.js';

export default class ContextUse extends BaseCommand {
  static override summary = 'Make a saved cluster the current one.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> staging',
    '<%= config.bin %> <%= command.id %> -',
  ];
  static override args = {
    name: Args.string({
      required: true,
      ignoreStdin: true,
      description: 'The context; - is the previous one.',
    }),
  };

  async run(): Promise<void> {
    const { args } = await this.input(ContextUse);
    await this.present(usedView(await useContext(args[0] ?? '', process.env)));
  }
}
