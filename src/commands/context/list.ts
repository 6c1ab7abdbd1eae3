import { BaseCommand } from '../../lib/cli/base-command.js';
import { contextListView } from '../../lib/cli/views/context.js';
import { listContexts } from '../../lib/context/manage.js';

export default class ContextList extends BaseCommand {
  static override summary = 'List the saved clusters.';

  async run(): Promise<void> {
    await this.input(ContextList);
    await this.present(contextListView(await listContexts(process.env)));
  }
}
