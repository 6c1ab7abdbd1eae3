import { BaseCommand } from '../../lib/cli/base-command.js';
import { operationsView } from '../../lib/cli/views/cluster-operations.js';
import { listLeaves } from '../../lib/cluster/leave/journal.js';
import { listOperations } from '../../lib/cluster/operations/list.js';
import { isLocked } from '../../lib/cluster/operations/lock.js';
import { fileStore } from '../../lib/cluster/operations/store.js';
import { stateFolder } from '../../lib/state-folder.js';

export default class ClusterOperations extends BaseCommand {
  static override summary = 'List what was begun on clusters from this machine, and how it ended.';
  static override description =
    'Reads the journals on this machine only; no broker is asked. What was interrupted is picked up by the same command that began it.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --json',
  ];

  async run(): Promise<void> {
    await this.input(ClusterOperations);
    const folder = await stateFolder(process.env);
    const isHeld = (node: string) => isLocked(folder, node);
    await this.present(
      operationsView(await listOperations(fileStore(folder), await listLeaves(folder), isHeld)),
    );
  }
}
