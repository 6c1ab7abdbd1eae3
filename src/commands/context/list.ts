import { BaseCommand } from '../../lib/cli/base-command.js';
import { listContexts } from '../../lib/context/manage.js';
import { contextListView } from '../../lib/context/views.js';

export default class ContextList extends BaseCommand {
  static override summary = 'List the saved clusters.';

  async run(): Promise<void> {
    await this.input(ContextList);
    await this.present(contextListView(await listContexts(process.env)));
  }
}
