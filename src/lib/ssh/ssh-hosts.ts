import { homedir } from 'node:os';
import { Failure } from '../failure.js';
import { parseSshUrl, type SshAddress } from './address.js';
import { describeSettings, type HostSettings, hostSettings, type Surroundings } from './config/settings.js';
import { ConnectedHost } from './connected-host.js';
import type { SshHost } from './host.js';
import type { UnlockedKeys } from './login/unlocked-keys.js';
import type { SshOptions } from './options.js';

/** Hosts over SSH. They share what can be shared: a jump host's connection, and a passphrase that was given. */
export class SshHosts {
  readonly #hosts = new Map<string, ConnectedHost>();
  readonly #surroundings: Surroundings;
  #unlocked: Promise<UnlockedKeys | undefined> | undefined;

  constructor(readonly options: SshOptions = {}) {
    this.#surroundings = {
      home: options.home ?? homedir(),
      systemFolder: options.systemFolder ?? '/etc/ssh',
      configFile: options.configFile,
      environment: options.environment ?? process.env,
    };
  }

  /**
   * The host of an `ssh://user@host:port` URL, the same object for the same URL. Nothing is connected yet.
   *
   * @param via another such URL: the jump host, whatever the OpenSSH configuration has for it (like `ssh -J`)
   * @throws Failure: usage (no such URL), configuration (the OpenSSH configuration is wrong, or not supported)
   */
  host(url: string, via?: string): SshHost {
    return this.hostAt(parseSshUrl(url), via === undefined ? undefined : [parseSshUrl(via)], 0);
  }

  close(): void {
    for (const host of this.#hosts.values()) host.close();
  }

  /** @param jumps instead of those that the configuration has for it */
  private hostAt(
    address: SshAddress,
    jumps: readonly SshAddress[] | undefined,
    depth: number,
  ): ConnectedHost {
    const key = JSON.stringify([address, jumps]);
    const known = this.#hosts.get(key);
    if (known) return known;
    const settings = hostSettings(address, this.#surroundings);
    if (depth > DEEPEST_JUMP) throw circular(settings);
    const route = jumps ?? settings.jumps;
    const host = new ConnectedHost({
      settings,
      options: this.options,
      unlocked: () => this.unlocked(),
      jump: this.jump(route, depth),
      via: jumps,
    });
    this.#hosts.set(key, host);
    return host;
  }

  /** As `ssh -J a,b host`: b is reached by way of a, whatever the configuration says, and a as the configuration says. */
  private jump(route: readonly SshAddress[], depth: number): ConnectedHost | undefined {
    const last = route.at(-1);
    return last && this.hostAt(last, route.length > 1 ? route.slice(0, -1) : undefined, depth + 1);
  }

  private unlocked(): Promise<UnlockedKeys | undefined> {
    this.#unlocked ??= this.createUnlocked();
    return this.#unlocked;
  }

  private async createUnlocked(): Promise<UnlockedKeys | undefined> {
    const { askPassphrase } = this.options;
    if (!askPassphrase) return undefined;
    const { UnlockedKeys } = await import('./login/unlocked-keys.js');
    return new UnlockedKeys(askPassphrase);
  }
}

const DEEPEST_JUMP = 8;

const circular = (settings: HostSettings): Failure =>
  new Failure(
    'configuration',
    'ssh_config_circular',
    `${describeSettings(settings)} is reached by way of itself`,
    {
      hint: 'Give the jump host ProxyJump none in ~/.ssh/config.',
    },
  );

/** One host on its own. See SshHosts.host for the errors. */
export const connectHost = (url: string, options: SshOptions = {}): SshHost =>
  new SshHosts(options).host(url);
