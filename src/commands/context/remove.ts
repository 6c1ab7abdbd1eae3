import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../../lib/cli/base-command.js';
import { forgetContext } from '../../lib/context/manage.js';
import { removedView } from '../../lib/context/views.js';
import { Failure } from '../../lib/failure.js';

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
      flags.yes ? Promise.resolve() : this.consent(name),
    );
    await this.present(removedView(name, removed));
  }

  private async consent(name: string): Promise<void> {
    if (!this.streams.inIsTerminal || !this.streams.errIsTerminal) {
      throw new Failure('safety', 'not_confirmed', 'nobody is there to be asked; nothing was changed', {
        hint: 'Give --yes.',
      });
    }
    const { confirm, isCancel } = await import('@clack/prompts');
    const message = `Remove context ${name} and its kept secrets?`;
    const answer = await confirm({ message, initialValue: false, output: process.stderr });
    if (isCancel(answer))
      throw new Failure('interrupted', 'interrupted', 'stopped at the prompt; nothing was changed');
    if (!answer) throw new Failure('safety', 'not_confirmed', 'not confirmed; nothing was changed');
  }
}
