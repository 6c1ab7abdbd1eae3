import { setMaxListeners } from 'node:events';
import * as Flags from '@oclif/core/flags';
import { ClusterCommand, type CommandFleet } from '../../lib/cli/cluster-command.js';
import { EXIT_CODES } from '../../lib/cli/exit-codes.js';
import { write } from '../../lib/cli/streams.js';
import { clusterShowView } from '../../lib/cli/views/cluster-show.js';
import { drawAsVmqAdmin, nodeView } from '../../lib/cli/views/node-view.js';
import { nodeViewOf } from '../../lib/cluster/node-view.js';
import { inspectCluster } from '../../lib/cluster/show.js';
import { parseDuration } from '../../lib/duration.js';
import { Failure } from '../../lib/failure.js';

const MOST_HELD = 50;

export default class ClusterShow extends ClusterCommand {
  static override summary = 'Show every member as all the others see it.';
  static override description =
    'Asks all nodes at once. Under the table stand splits, one-sided views, dead members, version skew and nodes that do not answer, each with its cause and cure. Exit code 0 when healthy, 10 when not. With --watch it goes on until q or Ctrl-C: on a terminal as a view of the whole screen with rates, elsewhere one line per change, and with --json one object per line.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> --node http://172.16.16.13:8888',
    '<%= config.bin %> <%= command.id %> --node-view VerneMQ@172.16.16.13',
    '<%= config.bin %> <%= command.id %> --watch --interval 1s',
  ];
  static override flags = {
    'node-view': Flags.string({
      helpValue: 'NODE',
      summary: 'Print exactly what vmq-admin cluster show prints on this node.',
    }),
    watch: Flags.boolean({
      char: 'w',
      exclusive: ['node-view'],
      summary: 'Go on looking, until q or Ctrl-C.',
    }),
    interval: Flags.string({
      helpValue: 'DURATION',
      dependsOn: ['watch'],
      summary: 'From one look to the next. Default: 2s.',
    }),
  };

  /** What is to be told when the screen is free again; undefined while it is. */
  private held: (() => Promise<void>)[] | undefined;

  async run(): Promise<void> {
    const { flags } = await this.input(ClusterShow);
    const interval = parseDuration(flags.interval ?? '2s', '--interval');
    if (flags.watch) this.refuseFormat();
    const fleet = await this.openFleet(flags);
    const node = flags['node-view'];
    if (node !== undefined) return this.showAsNode(await nodeViewOf(fleet, node, this.interrupted));
    if (flags.watch) return this.watch(fleet, interval);
    const report = await inspectCluster(fleet, this.interrupted);
    await this.present(clusterShowView(report));
    if (!report.healthy) process.exitCode = EXIT_CODES.unhealthy;
  }

  private async showAsNode(rows: Parameters<typeof nodeView>[0]): Promise<void> {
    if (this.wantedFormat !== 'table') return this.present(nodeView(rows));
    await write(this.streams.out, drawAsVmqAdmin(rows, !process.env.NO_COLOR));
  }

  private async watch(fleet: CommandFleet, interval: number): Promise<void> {
    const { watchCluster } = await import('../../lib/cluster/watch/operation.js');
    const ended = new AbortController();
    const quit = () => (ended.signal.aborted ? process.exit(130) : ended.abort());
    this.streams.out.once('error', () => ended.abort());
    const until = AbortSignal.any([this.interrupted, ended.signal]);
    setMaxListeners(0, until); // every node is asked at once
    const states = watchCluster(fleet, interval, until);
    if (this.wantedFormat !== 'json' && this.streams.outIsTerminal && process.env.TERM !== 'dumb') {
      const { showOnScreen } = await import('../../lib/cli/live/show.js');
      return showOnScreen(states, {
        colour: this.streams.colourOut,
        onQuit: quit,
        onTaken: () => {
          this.held = [];
        },
      }).finally(() => this.tellHeld());
    }
    const { printChanges, printDocuments } = await import('../../lib/cli/live/print.js');
    return (this.wantedFormat === 'json' ? printDocuments : printChanges)(states, this.streams);
  }

  /** While the whole screen is taken, a line on stderr would tear it and be lost. */
  protected override async tell(text: string, tone?: 'plain' | 'warning' | 'dim'): Promise<void> {
    if (this.held === undefined) return super.tell(text, tone);
    this.held = [...this.held, () => super.tell(text, tone)].slice(-MOST_HELD);
  }

  private async tellHeld(): Promise<void> {
    const { held = [] } = this;
    this.held = undefined;
    for (const tellNow of held) await tellNow();
  }

  private refuseFormat(): void {
    if (this.wantedFormat === 'table' || this.wantedFormat === 'json') return;
    throw new Failure('usage', 'format_not_for_watch', `a watch is not shown as ${this.wantedFormat}`, {
      hint: 'Give --json for one JSON object per line, or no format.',
    });
  }
}
