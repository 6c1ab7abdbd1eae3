import * as Flags from '@oclif/core/flags';
import { ClusterCommand } from '../../lib/cli/cluster-command.js';
import { EXIT_CODES } from '../../lib/cli/exit-codes.js';
import { write } from '../../lib/cli/streams.js';
import { clusterShowView } from '../../lib/cli/views/cluster-show.js';
import { drawAsVmqAdmin, nodeView } from '../../lib/cli/views/node-view.js';
import { nodeViewOf } from '../../lib/cluster/node-view.js';
import { inspectCluster } from '../../lib/cluster/show.js';

export default class ClusterShow extends ClusterCommand {
  static override summary = 'Show every member as all the others see it.';
  static override description =
    'Asks all nodes at once. Under the table stand splits, one-sided views, dead members, version skew and nodes that do not answer, each with its cause and cure. Exit code 0 when healthy, 10 when not.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> --node http://172.16.16.13:8888',
    '<%= config.bin %> <%= command.id %> --node-view VerneMQ@172.16.16.13',
  ];
  static override flags = {
    'node-view': Flags.string({
      helpValue: 'NODE',
      summary: 'Print exactly what vmq-admin cluster show prints on this node.',
    }),
  };

  async run(): Promise<void> {
    const { flags } = await this.input(ClusterShow);
    const fleet = await this.openFleet(flags);
    const node = flags['node-view'];
    if (node !== undefined) return this.showAsNode(await nodeViewOf(fleet, node, this.interrupted));
    const report = await inspectCluster(fleet, this.interrupted);
    await this.present(clusterShowView(report));
    if (!report.healthy) process.exitCode = EXIT_CODES.unhealthy;
  }

  private async showAsNode(rows: Parameters<typeof nodeView>[0]): Promise<void> {
    if (this.wantedFormat !== 'table') return this.present(nodeView(rows));
    await write(this.streams.out, drawAsVmqAdmin(rows, !process.env.NO_COLOR));
  }
}
