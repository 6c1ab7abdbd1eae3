import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../lib/cli/base-command.js';
import { EXIT_CODES } from '../lib/cli/exit-codes.js';
import { nodeFlags, outputFlags } from '../lib/cli/flags.js';
import { write } from '../lib/cli/streams.js';
import { systemClock } from '../lib/clock.js';
import { clusterSettings } from '../lib/context/settings.js';
import { Failure } from '../lib/failure.js';
import { LOG_LEVELS } from '../lib/log-levels.js';
import type { NodeReport } from '../lib/logs/merge.js';
import type { LogRecord } from '../lib/logs/record.js';

export default class Logs extends BaseCommand {
  static override summary = "Show the nodes' console.log over SSH, merged by time.";
  static override description =
    'Every line has its node in front. With --follow it goes on until Ctrl-C, through rotations and lost connections. Times are those of the nodes; --since counts by each node’s own clock. Only what is asked for is fetched of a large log, of rotated files too. Exit code 3 when some log could not be read.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> --node ssh://root@172.16.16.12 --node ssh://root@172.16.16.13 --follow',
    '<%= config.bin %> <%= command.id %> --since 10m --level warning',
    '<%= config.bin %> <%= command.id %> --since 1h --grep "can.t connect" --json',
  ];
  static override baseFlags = { ...nodeFlags, ...outputFlags };
  static override flags = {
    follow: Flags.boolean({ char: 'f', summary: 'Go on with what is written from now on, until Ctrl-C.' }),
    since: Flags.string({
      helpValue: 'DURATION',
      summary: 'Entries of the last 30s, 10m, 2h, 1d, by the clock of each node.',
    }),
    lines: Flags.integer({
      char: 'n',
      helpValue: 'N',
      summary: 'The last N entries of each node that are asked for. Default: 100, with --follow 10.',
    }),
    level: Flags.option({
      options: [...LOG_LEVELS] as const,
      summary: 'Entries of this level and above; what has no level is shown too.',
    })(),
    grep: Flags.string({ helpValue: 'RE', summary: 'Entries in which this regular expression is found.' }),
    file: Flags.string({
      helpValue: 'PATH',
      summary: 'The log on the hosts. Default: what vernemq.conf says, or where it usually is.',
    }),
  };

  async run(): Promise<void> {
    const { flags } = await this.input(Logs);
    const { logRequest } = await import('../lib/logs/request.js');
    const { readLogs } = await import('../lib/logs/operation.js');
    const { openLogHosts } = await import('../lib/logs/hosts.js');
    const request = logRequest(flags);
    const settings = await clusterSettings(flags, process.env);
    const hosts = openLogHosts(settings, this.sshOperator(flags));
    try {
      for (const url of hosts.others)
        await this.tell(`warning: ${url} does not tell of a host: its log is left out`, 'warning');
      const { sudo = false, prefix } = settings.ssh?.vmqAdmin ?? {};
      const options = { ...request, sudo, prefix, deadline: settings.deadline };
      const draw = await this.drawer(hosts.nodes.map(({ node }) => node));
      const abandoned = new AbortController();
      this.streams.out.once('error', () => abandoned.abort());
      const until = AbortSignal.any([this.interrupted, abandoned.signal]);
      const events = readLogs(hosts.nodes, options, systemClock, until);
      const reports = await this.show(events, draw);
      this.conclude(reports, request.follow);
    } finally {
      hosts.close();
    }
  }

  private async drawer(nodes: readonly string[]): Promise<(records: readonly LogRecord[]) => string> {
    const { logDrawer, logJson } = await import('../lib/cli/views/logs.js');
    const format = this.wantedFormat;
    if (format === 'json') return (records) => records.map(logJson).join('');
    if (format !== 'table')
      throw new Failure('usage', 'format_not_for_logs', `logs are not shown as ${format}`, {
        hint: 'Give --json for one JSON object per line, or no format.',
      });
    return logDrawer({ nodes, colour: this.streams.colourOut, aligned: this.streams.outIsTerminal });
  }

  /** Waits for whoever reads the output: meanwhile, no more is fetched. */
  private async show(
    events: ReturnType<typeof import('../lib/logs/operation.js').readLogs>,
    draw: (records: readonly LogRecord[]) => string,
  ): Promise<readonly NodeReport[]> {
    for (;;) {
      const next = await events.next();
      if (next.done) return next.value;
      if (next.value.kind === 'records') await write(this.streams.out, draw(next.value.records));
      else await this.tell(`warning: ${next.value.text}`, 'warning');
    }
  }

  private conclude(reports: readonly NodeReport[], follow: boolean): void {
    if (this.interrupted.aborted && !follow)
      throw new Failure('interrupted', 'interrupted', 'interrupted: the logs were not read to their end');
    if (reports.some(({ failure }) => failure !== undefined)) process.exitCode = EXIT_CODES.partial;
  }
}
