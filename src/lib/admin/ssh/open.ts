import type { SshHost } from '../../ssh/host.js';
import type { SshOptions } from '../../ssh/options.js';
import { SshHosts } from '../../ssh/ssh-hosts.js';
import type { AdminRpc } from '../rpc.js';
import { splitVia } from './address.js';
import { SshAdminRpc } from './client.js';
import type { OpenStream } from './tunnel.js';
import type { VmqAdminOptions } from './vmq-admin-line.js';

export interface SshConnectOptions extends SshOptions {
  readonly vmqAdmin?: VmqAdminOptions | undefined;
}

/** The ways to a node that take SSH, with one connection per host for all of them. */
export interface SshWays {
  /** The host of an SSH URL, perhaps with a `via`. @throws Failure (configuration) */
  host(address: string): SshHost;
  /** By the `vmq-admin` of that host. */
  rpc(address: string): AdminRpc;
  /** To a port as seen from that host. */
  through(via: string): OpenStream;
  close(): void;
}

export function openSsh({ vmqAdmin, ...options }: SshConnectOptions): SshWays {
  const hosts = new SshHosts(options);
  const host = (address: string) => {
    const { url, via } = splitVia(address);
    return hosts.host(url, via);
  };
  return {
    host,
    rpc: (address) => new SshAdminRpc({ address, host: () => host(address), vmqAdmin }),
    through: (via) => async (name, port, limits) => await host(via).openStream(name, port, limits),
    close: () => hosts.close(),
  };
}
