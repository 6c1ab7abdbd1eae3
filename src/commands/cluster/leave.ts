import * as Flags from '@oclif/core/flags';
import { ClusterCommand, type CommandFleet } from '../../lib/cli/cluster-command.js';
import { EXIT_CODES } from '../../lib/cli/exit-codes.js';
import { leavePlanView, leaveReportView, narrateLeave } from '../../lib/cli/views/cluster-leave.js';
import type { LeaveContext } from '../../lib/cluster/leave/context.js';
import { planOnly } from '../../lib/cluster/leave/first-look.js';
import { fileJournal } from '../../lib/cluster/leave/journal.js';
import { leaveCluster } from '../../lib/cluster/leave/operation.js';
import { type LeaveOptions, parseSeconds } from '../../lib/cluster/leave/options.js';
import { parseDuration } from '../../lib/duration.js';
import { Failure } from '../../lib/failure.js';
import { stateFolder } from '../../lib/state-folder.js';

export default class ClusterLeave extends ClusterCommand {
  static override summary = 'Take a node out of the cluster, in the stages of vmq-admin, watched to the end.';
  static override description =
    "Without -k the node's MQTT listeners stop accepting. With -k its sessions are killed and its queues migrate; the command watches until all other members agree that it is gone, however long the broker keeps the connection, and ends with an account of queues and messages. Cut short, the same command picks it up. A dead node is removed with --allow-message-loss.";
  static override examples = [
    '<%= config.bin %> <%= command.id %> node=VerneMQ@172.16.16.13',
    '<%= config.bin %> <%= command.id %> node=VerneMQ@172.16.16.13 -k',
    '<%= config.bin %> <%= command.id %> node=VerneMQ@172.16.16.13 -k -i 5 -t 120',
  ];
  static override words = { node: 'word' } as const;
  static override flags = {
    'kill-sessions': Flags.boolean({
      char: 'k',
      aliases: ['kill_sessions'],
      summary: 'Kill the sessions and migrate the queues.',
    }),
    'summary-interval': Flags.string({
      char: 'i',
      helpValue: 'SECONDS',
      summary: "Between the broker's own checks (its default: 5).",
    }),
    timeout: Flags.string({
      char: 't',
      helpValue: 'SECONDS',
      summary: 'How long the broker waits for the sessions to go offline (its default: 60).',
    }),
    wait: Flags.string({
      helpValue: 'DURATION',
      default: '30m',
      summary: 'How long to watch; the broker goes on regardless.',
    }),
    'allow-message-loss': Flags.boolean({
      summary: 'Remove a dead node although the messages on its disk are lost.',
    }),
    'allow-unreachable-node': Flags.boolean({
      summary: "Go on although some member's own view is not known.",
    }),
    logs: Flags.boolean({
      summary: "Show what the node's console.log says of the migration; its host has to be reached over SSH.",
    }),
    'log-file': Flags.string({
      helpValue: 'PATH',
      summary: 'That log on its host, if it is not where it usually is.',
      dependsOn: ['logs'],
    }),
    'dry-run': Flags.boolean({ summary: 'Show what would be done; change nothing.' }),
  };

  async run(): Promise<void> {
    const { flags, words } = await this.input(ClusterLeave);
    if (flags.logs && !flags['kill-sessions']) throw nothingMigrates();
    const options: LeaveOptions = {
      node: words.node ?? missingNode(),
      kill: flags['kill-sessions'],
      interval: parseSeconds(flags['summary-interval'], '-i'),
      timeout: parseSeconds(flags.timeout, '-t'),
      wait: parseDuration(flags.wait, '--wait'),
      allowMessageLoss: flags['allow-message-loss'],
      allowUnreachableNode: flags['allow-unreachable-node'],
    };
    const fleet = await this.openFleet(flags);
    const journal = fileJournal(await stateFolder(process.env));
    const context = { fleet, journal, options, signal: this.interrupted };
    if (flags['dry-run']) return this.present(leavePlanView(await planOnly(context)));
    const report = await this.follow(
      flags.logs ? withLog(context, fleet, flags['log-file']) : leaveCluster(context),
      narrateLeave,
    );
    await this.present(leaveReportView(report));
    if (report.account && report.account.missing.length > 0) process.exitCode = EXIT_CODES.partial;
  }
}

/** The log is loaded only where it is wanted. */
async function* withLog(context: LeaveContext, fleet: CommandFleet, path: string | undefined) {
  const { withMigrationLog } = await import('../../lib/cluster/leave/with-log.js');
  const { logPath } = await import('../../lib/logs/request.js');
  const { openMigrationLog } = await import('../../lib/logs/migration.js');
  const open = openMigrationLog(context.options.node, fleet, path && logPath(path, '--log-file'));
  const { clock } = fleet;
  return yield* withMigrationLog(leaveCluster(context), { open, clock, signal: context.signal });
}

function missingNode(): never {
  throw new Failure('usage', 'missing_node', 'which node is to leave?', {
    hint: 'vmqctl cluster leave node=VerneMQ@172.16.16.13',
  });
}

function nothingMigrates(): Failure {
  return new Failure(
    'usage',
    'logs_without_kill',
    '--logs shows a migration, and without -k nothing migrates',
    {
      hint: 'Give -k too, or leave --logs out.',
    },
  );
}
