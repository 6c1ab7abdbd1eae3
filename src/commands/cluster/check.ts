import * as Flags from '@oclif/core/flags';
import { namedFormat } from '../../lib/cli/base-command.js';
import { checkFlags, thresholdsOf } from '../../lib/cli/check-flags.js';
import { ClusterCommand } from '../../lib/cli/cluster-command.js';
import { toFailure } from '../../lib/cli/errors.js';
import { EXIT_CODES } from '../../lib/cli/exit-codes.js';
import { FORMATS } from '../../lib/cli/render.js';
import { write } from '../../lib/cli/streams.js';
import {
  NAGIOS_CODES,
  nagiosFailure,
  nagiosText,
  prometheusFailure,
  prometheusText,
} from '../../lib/cli/views/check-monitoring.js';
import { changeJson, changeText, clusterCheckView } from '../../lib/cli/views/cluster-check.js';
import { selectChecks } from '../../lib/cluster/check/catalogue.js';
import { machineProbes } from '../../lib/cluster/check/machine.js';
import { type CheckReport, type CheckRequest, checkCluster } from '../../lib/cluster/check/run.js';
import { watchCluster } from '../../lib/cluster/check/watch.js';
import { parseDuration } from '../../lib/duration.js';
import { Failure } from '../../lib/failure.js';

export default class ClusterCheck extends ClusterCommand {
  static override summary = 'Look for what is wrong with a cluster, and name its cause.';
  static override description =
    'Named checks run at the same time, each with a deadline; what they find is joined into causes, the most certain first, each with what tells it from others that look the same, and a cure. What cannot be told from here is unknown, never ok: HTTP tells most; erl:// nodes, or a cookie, tell of links and cookies; ssh:// nodes of their logs. Nothing is changed. Exit code 0 when nothing is critical, 10 when something is; with --format nagios 0, 1, 2 or 3.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --only data-channel --only certificates --format nagios',
    '<%= config.bin %> <%= command.id %> --skip erlang-ports --watch',
  ];
  static override flags = {
    ...checkFlags,
    format: Flags.option({
      options: [...FORMATS, 'human', 'nagios', 'prometheus'] as const,
      helpGroup: 'SHARED',
      env: 'VMQCTL_FORMAT',
      summary: 'How to show the result; nagios and prometheus are for monitoring.',
    })(),
  };

  async run(): Promise<void> {
    const { flags } = await this.input(ClusterCheck);
    const checks = selectChecks(flags.only ?? [], flags.skip ?? []);
    const thresholds = thresholdsOf(flags);
    const every = parseDuration(flags.every ?? '10s', '--every');
    if (flags.watch) refuseFormat(this.named, ['table', 'human', 'json']);
    const fleet = await this.openFleet(flags, [], { triesCookie: true });
    const probes = machineProbes(fleet);
    const onPassing = flags.watch ? undefined : this.patience(flags.settle);
    const request: CheckRequest = { fleet, probes, checks, thresholds, onPassing, signal: this.interrupted };
    if (flags.watch) return this.watch(request, every);
    const report = await checkCluster(request);
    await this.show(report);
  }

  /** Tells once why the answer takes longer. */
  private patience(settle: string): (why: string) => void {
    let isTold = false;
    return (why) => {
      if (!isTold) void this.tell(`${why}: it may pass, and is looked at again for up to ${settle}`, 'dim');
      isTold = true;
    };
  }

  private async show(report: CheckReport): Promise<void> {
    const { status } = report;
    if (this.named === 'nagios') {
      await write(this.streams.out, nagiosText(report));
      process.exitCode = NAGIOS_CODES[status];
      return;
    }
    if (this.named === 'prometheus') await write(this.streams.out, prometheusText(report));
    else await this.present(clusterCheckView(report));
    if (status === 'critical') process.exitCode = EXIT_CODES.unhealthy;
  }

  private async watch(request: CheckRequest, every: number): Promise<void> {
    for await (const change of watchCluster(request, every)) {
      const at = new Date(request.fleet.clock.now());
      await write(
        this.streams.out,
        this.wantedFormat === 'json' ? changeJson(change, at) : changeText(change, at),
      );
    }
  }

  /** `--format` and `--json`, of which the latter is the shorter. */
  private get named(): string {
    return this.wantedFormat === 'json' ? 'json' : (namedFormat(this.argv, process.env) ?? 'table');
  }

  /** Nagios reads stdout, and knows four exit codes; Prometheus would go on with what it read before. */
  protected override async catch(thrown: unknown): Promise<void> {
    const failure = toFailure(thrown);
    if (this.named === 'prometheus') await write(this.streams.out, prometheusFailure(failure));
    if (this.named !== 'nagios') return super.catch(thrown);
    const { text, code } = nagiosFailure(failure);
    await write(this.streams.out, text);
    process.exitCode = code;
  }
}

function refuseFormat(named: string, allowed: readonly string[]): void {
  if (allowed.includes(named)) return;
  throw new Failure('usage', 'format_not_for_watch', `changes are not shown as ${named}`, {
    hint: 'Give --json for one JSON object per change, or no format.',
  });
}
