import type { AclStore } from '../acl/store.js';
import type { ClusterFlags } from '../context/settings.js';
import type { BounceOutcome, ReadyBrokers } from './acl-bounce.js';
import type { BounceFlags } from './acl-bounce-flags.js';
import { AclCommand } from './acl-command.js';
import { nodeFlags, outputFlags, redisFlags } from './flags.js';
import type { CommandFleet } from './fleet.js';

/** A command that writes one record, and can bring it into force. Of brokers nothing is loaded unless it is to. */
export abstract class AclRecordCommand extends AclCommand {
  static override baseFlags = { ...nodeFlags, ...redisFlags, ...outputFlags };

  private fleet: CommandFleet | undefined;

  /** The brokers, where clients are to be disconnected: nothing is written where they cannot be reached. */
  protected async brokersFor(
    flags: BounceFlags & ClusterFlags & { readonly verbose?: boolean },
  ): Promise<ReadyBrokers | undefined> {
    if (!flags.disconnect) return undefined;
    const { readyBrokers } = await import('./acl-bounce.js');
    const { openFleet } = await import('./fleet.js');
    const open = async () => {
      this.fleet = await openFleet(flags, { ...this.operator, ...this.sshOperator(flags) });
      return this.fleet;
    };
    return await readyBrokers(flags, open, this.interrupted);
  }

  /** Disconnects the clients that a record concerns, which is written. */
  protected async disconnectClients(
    brokers: ReadyBrokers,
    store: AclStore,
    key: string,
  ): Promise<BounceOutcome> {
    const { bounce, narrateBounce } = await import('./acl-bounce.js');
    const { follow } = await import('./fleet.js');
    const bouncing = { store, changed: new Set([key]), signal: this.interrupted };
    return await bounce(brokers, bouncing, (events) => follow(events, narrateBounce, this.operator));
  }

  /** What became of the clients decides how the command ends. */
  protected async exitAs(sessions: BounceOutcome | null): Promise<void> {
    if (!sessions) return;
    const { bounceKind } = await import('./views/acl-bounce.js');
    const { EXIT_CODES } = await import('./exit-codes.js');
    const kind = bounceKind(sessions);
    if (kind) process.exitCode = EXIT_CODES[kind];
  }

  protected override async finally(error: Error | undefined): Promise<void> {
    this.fleet?.close();
    await super.finally(error);
  }
}
