import * as Flags from '@oclif/core/flags';
import type { InferredFlags } from '@oclif/core/interfaces';
import { ClusterCommand } from '../../lib/cli/cluster-command.js';
import { EXIT_CODES } from '../../lib/cli/exit-codes.js';
import { leavePlanView, leaveReportView, narrateLeave } from '../../lib/cli/views/cluster-leave.js';
import { planOnly } from '../../lib/cluster/leave/first-look.js';
import { fileJournal } from '../../lib/cluster/leave/journal.js';
import { leaveCluster } from '../../lib/cluster/leave/operation.js';
import { type LeaveOptions, parseSeconds } from '../../lib/cluster/leave/options.js';
import { refuseLocked } from '../../lib/cluster/operations/lock.js';
import type { StagedPlan } from '../../lib/cluster/staged/plan.js';
import { parseDuration } from '../../lib/duration.js';
import { Failure } from '../../lib/failure.js';
import { stateFolder } from '../../lib/state-folder.js';

type LeaveFlags = InferredFlags<(typeof ClusterLeave)['flags'] & (typeof ClusterLeave)['baseFlags']>;

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
      summary:
        'How long to watch; the broker goes on regardless (default: 30m; with --staged that much more than its drain and its disconnecting take).',
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
    staged: Flags.boolean({
      summary:
        'All stages in one: suspend, drain, disconnect in batches, migrate, account; can be taken up and undone.',
    }),
    resume: Flags.boolean({
      summary:
        'Go on with a staged leave that was begun on this machine; pace and patience can be given anew.',
      exclusive: ['abort'],
    }),
    abort: Flags.boolean({ summary: 'Undo a staged leave, as long as nothing migrates.' }),
    grace: Flags.string({
      helpValue: 'DURATION',
      summary: 'How long clients may take to go by themselves (default: 5m).',
    }),
    'until-sessions': Flags.integer({
      helpValue: 'N',
      min: 0,
      summary: 'So few sessions left end the drain (default: 0).',
    }),
    'disconnect-rate': Flags.string({
      helpValue: 'N/s',
      summary: 'Send the rest away in batches at this rate, instead of all at once.',
    }),
    'survivor-sessions': Flags.integer({
      helpValue: 'N',
      min: 1,
      summary: 'Send nobody away while a member that stays has more sessions than this.',
    }),
    'allow-suspended-member': Flags.boolean({
      summary: 'Do not wait for a member that is suspended as well, and may be about to be taken out.',
    }),
    'bcrypt-pool': Flags.integer({
      helpValue: 'N',
      min: 1,
      summary: "The brokers' vmq_bcrypt.pool_size, for the estimate of logins per second (default: 1).",
    }),
    'bcrypt-cost': Flags.integer({
      helpValue: 'N',
      min: 4,
      max: 31,
      summary: 'The cost of the stored hashes, for the same (default: 12).',
    }),
    yes: Flags.boolean({ char: 'y', summary: 'Do not ask before a staged leave.' }),
    'dry-run': Flags.boolean({ summary: 'Show what would be done; change nothing.' }),
  };

  async run(): Promise<void> {
    const { flags, words } = await this.input(ClusterLeave);
    const { checkStagedFlags } = await import('../../lib/cli/staged-flags.js');
    if (checkStagedFlags(flags)) return this.runStaged(flags, words.node ?? missingNode());
    if (flags.logs && !flags['kill-sessions']) throw nothingMigrates();
    const options: LeaveOptions = {
      node: words.node ?? missingNode(),
      kill: flags['kill-sessions'],
      interval: parseSeconds(flags['summary-interval'], '-i'),
      timeout: parseSeconds(flags.timeout, '-t'),
      wait: parseDuration(flags.wait ?? '30m', '--wait'),
      allowMessageLoss: flags['allow-message-loss'],
      allowUnreachableNode: flags['allow-unreachable-node'],
    };
    const fleet = await this.openFleet(flags);
    const folder = await stateFolder(process.env);
    const journal = fileJournal(folder);
    const context = { fleet, journal, options, signal: this.interrupted };
    if (flags['dry-run']) return this.present(leavePlanView(await planOnly(context)));
    await refuseLocked(folder, options.node);
    const leave = leaveCluster(context);
    const logged = { ...context, node: options.node, path: flags['log-file'], fleet };
    const report = await this.follow(
      flags.logs ? (await import('../../lib/cli/leave-log.js')).leaveWithLog(leave, logged) : leave,
      narrateLeave,
    );
    await this.present(leaveReportView(report));
    if (report.account && report.account.missing.length > 0) process.exitCode = EXIT_CODES.partial;
  }

  private async runStaged(flags: LeaveFlags, node: string): Promise<void> {
    const { stagedLeave } = await import('../../lib/cli/staged-leave.js');
    const { isPartial, narrateStaged, stagedPlanView, stagedReportView } = await import(
      '../../lib/cli/views/staged-leave.js'
    );
    const { stagedWish } = await import('../../lib/cli/staged-flags.js');
    const wish = stagedWish(flags, node);
    const timeout = flags.wait === undefined ? undefined : parseDuration(flags.wait, '--wait');
    const fleet = await this.openFleet(flags);
    const context = { fleet, signal: this.interrupted, timeout };
    if (flags['dry-run']) {
      const { planStaged } = await import('../../lib/cluster/staged/plan.js');
      return this.present(stagedPlanView(await planStaged(context, wish)));
    }
    const mode = flags.abort ? 'abort' : flags.resume ? 'resume' : 'begin';
    const consent = async (plan: StagedPlan) => {
      for (const { text } of stagedPlanView(plan).below ?? []) await this.tell(text);
      if (flags.yes) return;
      const { askConsent } = await import('../../lib/cli/prompts.js');
      await askConsent(`Take ${node} out?`, this.canAsk);
    };
    const folder = await stateFolder(process.env);
    const leave = stagedLeave(context, { mode, wish, folder, consent });
    const logged = { ...context, node, path: flags['log-file'], fleet };
    const report = await this.follow(
      flags.logs ? (await import('../../lib/cli/leave-log.js')).stagedWithLog(leave, logged) : leave,
      narrateStaged,
    );
    await this.present(stagedReportView(report));
    if (isPartial(report)) process.exitCode = EXIT_CODES.partial;
  }
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
