import type { ClusterFlags } from '../context/settings.js';
import { BaseCommand } from './base-command.js';
import { nodeFlags, outputFlags } from './flags.js';
import { type CommandFleet, follow, type Narration, openFleet } from './fleet.js';

export type { CommandFleet, Narration } from './fleet.js';

/** A command that speaks to brokers. */
export abstract class ClusterCommand extends BaseCommand {
  static override baseFlags = { ...nodeFlags, ...outputFlags };

  private fleet: CommandFleet | undefined;

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
    const operator = { ...this.operator, ...this.sshOperator(flags) };
    this.fleet = await openFleet(flags, operator, also, options);
    return this.fleet;
  }

  /** Runs an operation to its end, telling its events on stderr. */
  protected follow<Event, Report>(
    events: AsyncGenerator<Event, Report>,
    narrate: (event: Event) => Narration,
  ): Promise<Report> {
    return follow(events, narrate, this.operator);
  }

  protected override async finally(error: Error | undefined): Promise<void> {
    this.fleet?.close();
    await super.finally(error);
  }
}
