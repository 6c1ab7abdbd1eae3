import * as Flags from '@oclif/core/flags';
import { ClusterCommand } from '../../lib/cli/cluster-command.js';
import { EXIT_CODES } from '../../lib/cli/exit-codes.js';
import { joinReportView, joinsReportView, narrateJoin } from '../../lib/cli/views/cluster-join.js';
import type { JoinContext } from '../../lib/cluster/join/options.js';
import { joinSeveral } from '../../lib/cluster/join/several.js';
import { addressOf } from '../../lib/cluster/node-view.js';
import { type Fleet, observe } from '../../lib/cluster/observe.js';
import { acquireLock } from '../../lib/cluster/operations/lock.js';
import { fileStore } from '../../lib/cluster/operations/store.js';
import { mergeViews } from '../../lib/cluster/view.js';
import { nodeUrl } from '../../lib/context/endpoint.js';
import { parseDuration } from '../../lib/duration.js';
import { Failure } from '../../lib/failure.js';
import { stateFolder } from '../../lib/state-folder.js';

export default class ClusterJoin extends ClusterCommand {
  static override summary = 'Join a node to a cluster and wait until every node sees every node.';
  static override description =
    'Runs on the joining node, which must be empty. Over HTTP that node must not ask for an API key, because a key makes it non-empty; over erl:// there is no such trap. Several nodes join one after the other: each is seen by all before the next, and the first failure ends it. Cut short, the same command goes on watching and sends no second join.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> discovery-node=VerneMQ@172.16.16.12 --node http://172.16.16.13:8888',
    '<%= config.bin %> <%= command.id %> discovery-node=VerneMQ@172.16.16.12 --node erl://VerneMQ@172.16.16.13',
    '<%= config.bin %> <%= command.id %> discovery-node=VerneMQ@172.16.16.12 --on http://172.16.16.13:8888 --on http://172.16.16.14:8888',
  ];
  static override words = { 'discovery-node': 'word' } as const;
  static override flags = {
    on: Flags.string({
      helpValue: 'URL|NODE',
      multiple: true,
      multipleNonGreedy: true,
      summary: 'The joining node; repeatable. Default: the one --node.',
    }),
    wait: Flags.string({
      helpValue: 'DURATION',
      default: '60s',
      aliases: ['timeout'],
      summary: 'How long the nodes may take to see each other, after each join.',
    }),
    'allow-dead-member': Flags.boolean({
      summary: 'Join a cluster that has a dead member, which cannot agree.',
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
    const options = {
      discoveryNode,
      wait: parseDuration(flags.wait, '--wait'),
      allowDeadMember: flags['allow-dead-member'],
    };
    const on = [...new Set(flags.on ?? [])];
    // Without another node named, the joining ones are asked about all of them.
    const alone = flags.node === undefined && flags.context === undefined && on.length > 0 && on.every(isUrl);
    const fleet = await this.openFleet(alone ? { ...flags, node: on } : flags, on.filter(isUrl));
    const addresses = await this.joiningAddresses(fleet, on);
    const folder = await stateFolder(process.env);
    const context: JoinContext = {
      fleet,
      store: fileStore(folder),
      lock: (node) => acquireLock(folder, node, 'cluster join'),
      signal: this.interrupted,
    };
    const report = await this.follow(joinSeveral(context, addresses, options), narrateJoin);
    const [only, ...others] = report.joined;
    const isOne = only !== undefined && others.length === 0 && addresses.length === 1;
    await this.present(isOne ? joinReportView(only) : joinsReportView(report));
    if (report.failed) process.exitCode = EXIT_CODES.partial;
  }

  private async joiningAddresses(fleet: Fleet, on: readonly string[]): Promise<string[]> {
    if (on.length === 0) return [this.onlyNode(fleet)];
    if (on.every(isUrl)) return on.map((url) => nodeUrl(url, '--on'));
    const view = mergeViews(await observe(fleet, this.interrupted));
    return on.map((one) => (isUrl(one) ? nodeUrl(one, '--on') : addressOf(view, one)));
  }

  private onlyNode({ seeds }: Fleet): string {
    const [only, ...others] = seeds;
    if (only !== undefined && others.length === 0) return only;
    throw missing('joining_node', 'which of these nodes is to join?', 'Name the joining node with --on URL.');
  }
}

const isUrl = (text: string) => text.includes('://');

const missing = (what: string, message: string, hint: string) =>
  new Failure('usage', `missing_${what}`, message, { hint });
