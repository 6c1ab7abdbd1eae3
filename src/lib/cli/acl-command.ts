import * as Flags from '@oclif/core/flags';
import type { GivenPasshash } from '../acl/credentials.js';
import { type RecordName, recordKey } from '../acl/key.js';
import type { StoreOptions } from '../acl/redis-store.js';
import type { AclStore } from '../acl/store.js';
import { systemClock } from '../clock.js';
import { type RedisFlags, redisSettings } from '../context/settings.js';
import { Failure } from '../failure.js';
import { BaseCommand } from './base-command.js';
import { outputFlags, redisFlags } from './flags.js';
import type { WordKind } from './words.js';

/** The three parts of a record's name, as flags and as words. */
export const nameFlags = {
  mountpoint: Flags.string({
    helpValue: 'TEXT',
    summary: 'The mountpoint of the listener that the client connects to.',
  }),
  'client-id': Flags.string({
    helpValue: 'TEXT',
    summary: "The client id; '*' is the record for any client without its own.",
  }),
  username: Flags.string({ helpValue: 'TEXT', summary: 'The username.' }),
};

/** Where the password of a record comes from. */
export const passwordFlags = {
  'password-from': Flags.string({
    helpValue: 'SOURCE',
    summary:
      "Where the client's password is: file:PATH, env:NAME, command:LINE, keyring:SERVICE/ACCOUNT or stdin.",
  }),
  'passhash-from': Flags.string({
    helpValue: 'SOURCE',
    summary: 'Where a bcrypt hash of the password is, instead; $2b$ and $2y$ are relabelled to $2a$.',
  }),
  cost: Flags.integer({
    min: 4,
    max: 31,
    helpValue: 'N',
    summary: 'The bcrypt cost, 12 by default. Each step doubles the work of a broker for every login.',
  }),
};

export const nameWords: Readonly<Record<string, WordKind>> = {
  mountpoint: 'flag',
  'client-id': 'flag',
  username: 'flag',
};

interface NameFlags {
  readonly mountpoint?: string | undefined;
  readonly 'client-id'?: string | undefined;
  readonly username?: string | undefined;
}

/** A command that speaks to the Redis of the user records. */
export abstract class AclCommand extends BaseCommand {
  static override baseFlags = { ...redisFlags, ...outputFlags };
  static override words = nameWords;

  private store: AclStore | undefined;

  /** The store that the flags, the environment and the context name. It is closed when the command ends. */
  protected async openStore(flags: RedisFlags): Promise<AclStore> {
    return (await this.openNamedStore(flags)).store;
  }

  /** The same with its URL, which has no password. */
  protected async openNamedStore(
    flags: RedisFlags,
    options: StoreOptions = {},
  ): Promise<{ readonly store: AclStore; readonly url: string }> {
    const settings = await redisSettings(flags, process.env);
    const { openRedisStore } = await import('../acl/redis-store.js');
    const store = await openRedisStore(settings, systemClock, options);
    this.store = store;
    return { store, url: settings.url };
  }

  /** @throws Failure (usage) when the flags do not name a record */
  protected recordName(flags: NameFlags): RecordName {
    const { mountpoint = '', 'client-id': clientId, username } = flags;
    if (clientId !== undefined && username !== undefined) return { mountpoint, clientId, username };
    const missing = [clientId === undefined ? '--client-id' : '', username === undefined ? '--username' : ''];
    throw new Failure(
      'usage',
      'record_not_named',
      `no record is named: ${missing.filter(Boolean).join(' and ')} missing`,
      {
        hint: `For example: vmqctl ${this.id?.replaceAll(':', ' ')} client-id=1528361231 username=101`,
      },
    );
  }

  /** Asks on the terminal for a new password, twice, and hashes it. @throws Failure: see askNewPassword, hashPassword */
  protected async askPasshash(name: RecordName, cost: number | undefined): Promise<GivenPasshash> {
    const { hashSecret } = await import('../acl/credentials.js');
    const { askNewPassword } = await import('./prompts.js');
    return await hashSecret(await askNewPassword(`Password for ${recordKey(name)}`), cost);
  }

  protected override async finally(error: Error | undefined): Promise<void> {
    this.store?.close();
    await super.finally(error);
  }
}
