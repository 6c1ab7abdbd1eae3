import * as Flags from '@oclif/core/flags';
import { ClusterCommand } from '../../lib/cli/cluster-command.js';
import { joinReportView, narrateJoin } from '../../lib/cli/views/cluster-join.js';
import { joinCluster } from '../../lib/cluster/join.js';
import { addressOf } from '../../lib/cluster/node-view.js';
import { type Fleet, observe } from '../../lib/cluster/observe.js';
import { mergeViews } from '../../lib/cluster/view.js';
import { nodeUrl } from '../../lib/context/endpoint.js';
import { parseDuration } from '../../lib/duration.js';
import { Failure } from '../../lib/failure.js';

export default class ClusterJoin extends ClusterCommand {
  static override summary = 'Join a node to a cluster and wait until every node sees every node.';
  static override description =
    'Runs on the joining node, which must be empty. Over HTTP that node must not ask for an API key, because a key makes it non-empty; over erl:// there is no such trap.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> discovery-node=VerneMQ@172.16.16.12 --node http://172.16.16.13:8888',
    '<%= config.bin %> <%= command.id %> discovery-node=VerneMQ@172.16.16.12 --node erl://VerneMQ@172.16.16.13',
  ];
  static override words = { 'discovery-node': 'word' } as const;
  static override flags = {
    on: Flags.string({ helpValue: 'URL|NODE', summary: 'The joining node. Default: the one --node.' }),
    timeout: Flags.string({
      helpValue: 'DURATION',
      default: '60s',
      summary: 'How long the nodes may take to see each other.',
    }),
  };

  async run(): Promise<void> {
    const { flags, words } = await this.input(ClusterJoin);
    const discoveryNode = words['discovery-node'];
    if (!discoveryNode)
      throw missing(
        'discovery_node',
        'which cluster is to be joined?',
        'vmqctl cluster join discovery-node=VerneMQ@172.16.16.12',
      );
    const timeout = parseDuration(flags.timeout, '--timeout');
    // Without another node named, the joining one is asked about all of them.
    const alone =
      flags.on !== undefined && flags.node === undefined && flags.context === undefined && isUrl(flags.on);
    const fleet = await this.openFleet(
      alone ? { ...flags, node: [flags.on ?? ''] } : flags,
      flags.on === undefined ? [] : [flags.on],
    );
    const on = await this.joiningAddress(fleet, flags.on);
    const events = joinCluster(fleet, { discoveryNode, timeout, on }, this.interrupted);
    await this.present(joinReportView(await this.follow(events, narrateJoin)));
  }

  private async joiningAddress(fleet: Fleet, on: string | undefined): Promise<string> {
    if (on !== undefined)
      return isUrl(on)
        ? nodeUrl(on, '--on')
        : addressOf(mergeViews(await observe(fleet, this.interrupted)), on);
    const [only, ...others] = fleet.seeds;
    if (only !== undefined && others.length === 0) return only;
    throw missing('joining_node', 'which of these nodes is to join?', 'Name the joining node with --on URL.');
  }
}

const isUrl = (text: string) => text.includes('://');

const missing = (what: string, message: string, hint: string) =>
  new Failure('usage', `missing_${what}`, message, { hint });
