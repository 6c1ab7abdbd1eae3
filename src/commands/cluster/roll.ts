import * as Flags from '@oclif/core/flags';
import { ClusterCommand } from '../../lib/cli/cluster-command.js';
import { parseNodeNames } from '../../lib/cli/node-names.js';
import { askConsent } from '../../lib/cli/prompts.js';
import { narrateRoll, rollPlanView, rollReportView } from '../../lib/cli/views/cluster-roll.js';
import { lockAll } from '../../lib/cluster/operations/lock.js';
import { fileStore } from '../../lib/cluster/operations/store.js';
import { rollCluster } from '../../lib/cluster/roll/operation.js';
import type { RollOptions } from '../../lib/cluster/roll/options.js';
import { type Prepared, prepareRoll } from '../../lib/cluster/roll/prepare.js';
import { shellRunner } from '../../lib/cluster/roll/shell.js';
import { currentNode } from '../../lib/cluster/roll/state.js';
import { parseDuration, parsePause } from '../../lib/duration.js';
import { stateFolder } from '../../lib/state-folder.js';

export default class ClusterRoll extends ClusterCommand {
  static override summary = 'Restart or upgrade node by node, with the cluster whole in between.';
  static override description =
    "For each node: the cluster has to be healthy; its MQTT listeners are suspended; its sessions may go; the command is run on this machine; the node, its listeners and the clients have to be back. It stops at the first failure, and --resume goes on. The command has to be one that can be run twice, and should end when the node has been restarted. {host} is what the node's name has after the @, {node} its name, {url} its URL.";
  static override examples = [
    "<%= config.bin %> <%= command.id %> --run 'ssh {host} sudo systemctl restart vernemq' --dry-run",
    "<%= config.bin %> <%= command.id %> node=VerneMQ@172.16.16.13 --run 'ssh {host} sudo systemctl restart vernemq' --yes",
    "<%= config.bin %> <%= command.id %> --run 'ssh {host} sudo systemctl restart vernemq' --resume",
  ];
  static override words = { node: 'list' } as const;
  static override flags = {
    run: Flags.string({
      required: true,
      helpValue: 'COMMAND',
      summary: 'For each node, in a shell on this machine; its exit code decides. It is not kept.',
    }),
    grace: Flags.string({
      default: '5m',
      helpValue: 'DURATION',
      summary: 'How long the sessions of a node may take to go by themselves; 0 does not wait.',
    }),
    'until-sessions': Flags.integer({
      default: 0,
      min: 0,
      helpValue: 'N',
      summary: 'So few sessions are not waited for.',
    }),
    'back-within': Flags.string({
      default: '5m',
      helpValue: 'DURATION',
      summary: 'How long a node may take to be back; the clients then have as long.',
    }),
    'sessions-back': Flags.integer({
      default: 90,
      min: 0,
      max: 100,
      helpValue: 'PERCENT',
      summary: 'Of the sessions of the whole cluster before the first node, so many have to be back.',
    }),
    'max-queue-growth': Flags.integer({
      default: 10_000,
      min: 0,
      helpValue: 'N',
      summary: 'How many more messages may wait in the whole cluster than before the turn of the node.',
    }),
    'allow-missing-listener': Flags.boolean({
      default: false,
      summary: 'A node may come back without an MQTT listener that it had, or with it at another address.',
    }),
    pause: Flags.string({ default: '0', helpValue: 'DURATION', summary: 'Between two nodes.' }),
    timeout: Flags.string({
      helpValue: 'DURATION',
      summary: 'For all of it; then it stops as with Ctrl-C, and a command that runs is interrupted.',
    }),
    resume: Flags.boolean({ default: false, summary: 'Go on with the roll that was cut short.' }),
    yes: Flags.boolean({ char: 'y', summary: 'Do not ask.' }),
    'dry-run': Flags.boolean({ summary: 'Show the order and the gates; change nothing.' }),
  };

  async run(): Promise<void> {
    const { flags, words } = await this.input(ClusterRoll);
    const options: RollOptions = {
      grace: parsePause(flags.grace, '--grace'),
      untilSessions: flags['until-sessions'],
      backWithin: parseDuration(flags['back-within'], '--back-within'),
      sessionsBack: flags['sessions-back'],
      maxQueueGrowth: flags['max-queue-growth'],
      allowMissingListener: flags['allow-missing-listener'],
      pause: parsePause(flags.pause, '--pause'),
      timeout: flags.timeout === undefined ? undefined : parseDuration(flags.timeout, '--timeout'),
    };
    const nodes = parseNodeNames(words.node);
    const folder = await stateFolder(process.env);
    const context = {
      fleet: await this.openFleet(flags),
      store: fileStore(folder),
      lock: (names: readonly string[]) => lockAll(folder, names, 'cluster roll'),
      run: shellRunner({ folder, isInteractive: this.canAsk, environment: process.env }),
      command: flags.run,
      nodes,
      resume: flags.resume,
      options,
      signal: this.interrupted,
    };
    if (flags['dry-run']) return this.present(rollPlanView(await prepareRoll(context), options));
    if (!flags.yes) await askConsent(question(await prepareRoll(context)), this.canAsk);
    await this.present(rollReportView(await this.follow(rollCluster(context), narrateRoll)));
  }
}

function question({ record: { state }, resumed }: Prepared): string {
  const left = state.nodes.slice(state.results.length).join(', ');
  return resumed
    ? `Go on at ${currentNode(state)} (${state.phase}), and run the command for ${left}?`
    : `Run the command for ${left}, one after the other?`;
}
