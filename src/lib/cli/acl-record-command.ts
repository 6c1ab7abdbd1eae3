import type { Unfinished } from '../cluster/bounce/unfinished.js';
import type { ClusterFlags } from '../context/settings.js';
import { Failure } from '../failure.js';
import type { BounceOutcome, Bouncing, ReadyBrokers } from './acl-bounce.js';
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

  /** What commands before this one have left of the record. */
  protected async unfinishedOf(redis: string, key: string): Promise<Unfinished> {
    const { openUnfinished } = await import('../cluster/bounce/unfinished.js');
    const { stateFolder } = await import('../state-folder.js');
    return await openUnfinished(await stateFolder(process.env), redis, (one) => one === key);
  }

  /** Writes what is noted to be seen to. Where certainly nothing was written, nothing is left of the note. */
  protected async noting<Report>(
    unfinished: Unfinished | undefined,
    keys: readonly string[],
    write: () => Promise<Report>,
  ): Promise<Report> {
    if (!unfinished) return await write();
    if (this.interrupted.aborted)
      throw new Failure('interrupted', 'interrupted', 'interrupted: nothing was changed');
    const { noting } = await import('./acl-noting.js');
    return await noting(unfinished, keys, write);
  }

  /**
   * Disconnects the clients that a record concerns.
   *
   * @param changed its key where it was written
   * @returns null where there is nothing to bring into force
   */
  protected async disconnectClients(
    brokers: ReadyBrokers,
    { store, unfinished, changed }: Pick<Bouncing, 'store' | 'unfinished' | 'changed'>,
  ): Promise<BounceOutcome | null> {
    if (changed.size + unfinished.earlier.size === 0) {
      await unfinished.withdraw();
      return null;
    }
    const { bounce, narrateBounce } = await import('./acl-bounce.js');
    const { follow } = await import('./fleet.js');
    const bouncing = { store, unfinished, changed, signal: this.interrupted };
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
