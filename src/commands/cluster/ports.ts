import { ClusterCommand } from '../../lib/cli/cluster-command.js';
import { EXIT_CODES } from '../../lib/cli/exit-codes.js';
import { arePortsHealthy, clusterPortsView } from '../../lib/cli/views/cluster-ports.js';
import { tryPorts } from '../../lib/cluster/ports/operation.js';
import { epmdPort } from '../../lib/context/endpoint.js';

export default class ClusterPorts extends ClusterCommand {
  static override summary = 'Try every port of every node, from here and from each node to each other.';
  static override description =
    'epmd (4369), the distribution port that epmd names and the configured range, the clustering listener at the address that the node announces, MQTT and HTTP. From here by TCP; from node to node over SSH, with what the hosts have (bash, python, perl or nc), where an ssh:// URL is among the nodes, or a tunnel to their loopback addresses. Refused: somebody said no. Filtered: nothing came back. Wrong address: nobody there can get to it, whatever the firewall. Exit code 10 when something that the nodes need of each other is closed.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> --node http://172.16.16.12:8888',
    '<%= config.bin %> <%= command.id %> --node http://172.16.16.12:8888 --node ssh://ops@172.16.16.12',
  ];

  async run(): Promise<void> {
    const { flags } = await this.input(ClusterPorts);
    const fleet = await this.openFleet(flags);
    const report = await tryPorts({
      fleet,
      ...epmdPort(process.env),
      shell: fleet.vmqAdmin,
      signal: this.interrupted,
    });
    await this.present(clusterPortsView(report));
    if (!arePortsHealthy(report.problems)) process.exitCode = EXIT_CODES.unhealthy;
  }
}
