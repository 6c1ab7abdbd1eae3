import * as Flags from '@oclif/core/flags';
import { ClusterCommand } from '../../lib/cli/cluster-command.js';
import { EXIT_CODES } from '../../lib/cli/exit-codes.js';
import { parseNodeNames } from '../../lib/cli/node-names.js';
import { narrateReap, reapPlanView, reapReportView } from '../../lib/cli/views/cluster-reap.js';
import { lockAll } from '../../lib/cluster/operations/lock.js';
import { fileStore } from '../../lib/cluster/operations/store.js';
import { isComplete } from '../../lib/cluster/reap/events.js';
import { planOnly } from '../../lib/cluster/reap/first-look.js';
import { reapCluster } from '../../lib/cluster/reap/operation.js';
import type { ReapContext } from '../../lib/cluster/reap/options.js';
import { parseDuration } from '../../lib/duration.js';
import { stateFolder } from '../../lib/state-folder.js';

export default class ClusterReap extends ClusterCommand {
  static override summary = 'Remove dead members, once it is proved from every side that they are dead.';
  static override description =
    "Without node= all dead members. Each must be down for every member and silent from here. All memberships are removed first, because the broker repairs nothing while a dead member is listed; then the dead nodes' queues are made anew, empty, until the broker has said so for each. Cut short, the same command goes on. Exit code 3 when a repair is not certain.";
  static override examples = [
    '<%= config.bin %> <%= command.id %> --dry-run',
    '<%= config.bin %> <%= command.id %> --allow-message-loss',
    '<%= config.bin %> <%= command.id %> node=VerneMQ@172.16.16.13 node=VerneMQ@172.16.16.14 --allow-message-loss',
  ];
  static override words = { node: 'list' } as const;
  static override flags = {
    'allow-message-loss': Flags.boolean({
      summary: 'Remove them although the messages on their disks are lost.',
    }),
    'allow-unproven-death': Flags.boolean({
      summary: 'Go on although something answers at an address of one, or none could be tried from here.',
    }),
    'allow-unlisted-node': Flags.boolean({
      summary: 'Repair the queues of a node that no member lists any more; mind the spelling.',
    }),
    wait: Flags.string({
      helpValue: 'DURATION',
      default: '10m',
      summary: 'How long each removal and each repair may take.',
    }),
    'dry-run': Flags.boolean({ summary: 'Show what would be done and what is lost; change nothing.' }),
  };

  async run(): Promise<void> {
    const { flags, words } = await this.input(ClusterReap);
    const folder = await stateFolder(process.env);
    const context: ReapContext = {
      fleet: await this.openFleet(flags),
      store: fileStore(folder),
      lock: (nodes) => lockAll(folder, nodes, 'cluster reap'),
      options: {
        nodes: parseNodeNames(words.node),
        allowMessageLoss: flags['allow-message-loss'],
        allowUnprovenDeath: flags['allow-unproven-death'],
        allowUnlistedNode: flags['allow-unlisted-node'],
        wait: parseDuration(flags.wait, '--wait'),
      },
      signal: this.interrupted,
    };
    if (flags['dry-run']) {
      const plan = await planOnly(context);
      return this.present(reapPlanView(plan));
    }
    const report = await this.follow(reapCluster(context), narrateReap);
    await this.present(reapReportView(report));
    if (!isComplete(report)) process.exitCode = EXIT_CODES.partial;
  }
}
