import { type Connector, openConnector } from '../admin/connect.js';
import type { VmqAdminOptions } from '../admin/ssh/vmq-admin-line.js';
import { systemClock } from '../clock.js';
import type { Fleet } from '../cluster/observe.js';
import { type ClusterFlags, clusterSettings, plainHttpWarning } from '../context/settings.js';
import type { Secret } from '../secret.js';
import { BaseCommand } from './base-command.js';
import { nodeFlags, outputFlags } from './flags.js';
import { ProgressLine } from './progress.js';

/** What there is to say about one event of an operation: a line that stays, or the state of the line that changes. */
export interface Narration {
  readonly line?: string | undefined;
  readonly tone?: 'warning' | undefined;
  /** `live` is redrawn on a terminal; elsewhere a line is printed when `steady` changes. */
  readonly progress?: { readonly live: string; readonly steady: string } | undefined;
}

/** The brokers of a command, how programs are run on their hosts, and the authorities that are trusted. */
export type CommandFleet = Fleet &
  Connector & {
    readonly vmqAdmin: VmqAdminOptions;
    readonly caFile?: string | undefined;
    /** How a connection of Erlang is tried. */
    readonly erlang: { readonly cookie?: Secret | undefined; readonly epmdPort?: number | undefined };
  };

/** A command that speaks to brokers. */
export abstract class ClusterCommand extends BaseCommand {
  static override baseFlags = { ...nodeFlags, ...outputFlags };

  private connector: Connector | undefined;

  /**
   * The brokers that the flags, the environment and the context name. Connections end with the command.
   *
   * @param also URLs of nodes that the command reaches besides
   */
  protected async openFleet(
    flags: ClusterFlags & { readonly verbose?: boolean },
    also: readonly string[] = [],
    options: { readonly triesCookie?: boolean } = {},
  ): Promise<CommandFleet> {
    const settings = await clusterSettings(flags, process.env, also, options);
    const { askPassphrase, report } = this.sshOperator(flags);
    const connector = await openConnector({
      ...settings,
      ssh: settings.ssh && { ...settings.ssh, askPassphrase },
      report,
      // Told when it happens: also of a node whose address was derived, and not where no key is sent.
      onPlainKey: (address) => void this.tell(`warning: ${plainHttpWarning([address])}`, 'warning'),
    });
    this.connector = connector;
    const { nodes: seeds, deadline, ssh, caFile, cookie, epmdPort } = settings;
    const vmqAdmin = ssh?.vmqAdmin ?? {};
    return {
      ...connector,
      seeds,
      deadline,
      clock: systemClock,
      vmqAdmin,
      caFile,
      erlang: { cookie, epmdPort },
    };
  }

  /** Runs an operation to its end, telling its events on stderr. */
  protected async follow<Event, Report>(
    events: AsyncGenerator<Event, Report>,
    narrate: (event: Event) => Narration,
  ): Promise<Report> {
    const changing = new ProgressLine(this.streams.err, this.streams.errIsTerminal);
    try {
      for (;;) {
        const next = await events.next();
        if (next.done) return next.value;
        const { line, tone, progress } = narrate(next.value);
        if (progress) await changing.update(progress.live, progress.steady);
        if (line === undefined) continue;
        await changing.end();
        await this.tell(line, tone ?? 'dim');
      }
    } finally {
      await changing.end();
    }
  }

  protected override async finally(error: Error | undefined): Promise<void> {
    this.connector?.close();
    await super.finally(error);
  }
}
