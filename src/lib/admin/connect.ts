import { Failure } from '../failure.js';
import type { Secret } from '../secret.js';
import type { SshHost } from '../ssh/host.js';
import { HttpAdminRpc } from './http/client.js';
import { type ApiKeyHeader, assertUsableKey } from './http/key-header.js';
import { isErlangUrl } from './native/address.js';
import { type Report, reported } from './reported.js';
import type { AdminRpc } from './rpc.js';
import { isSshUrl, splitVia } from './ssh/address.js';
import type { SshConnectOptions, SshWays } from './ssh/open.js';
import type { OpenStream } from './ssh/tunnel.js';

export interface ConnectOptions {
  readonly apiKey?: Secret | undefined;
  readonly apiKeyHeader: ApiKeyHeader;
  /** Without it, no `erl://` node can be reached. */
  readonly cookie?: Secret | undefined;
  /** Where epmd listens, if not on its usual port. */
  readonly epmdPort?: number | undefined;
  /** Without it, no node can be reached over SSH. */
  readonly ssh?: SshConnectOptions | undefined;
  /** PEM file of the authorities that https nodes are checked against. */
  readonly caFile?: string | undefined;
  /** Their PEM text, where the file was read already. */
  readonly authorities?: string | undefined;
  /** Told each call and how it ended, for people who look for a mistake; never a secret. */
  readonly report?: Report | undefined;
  /** Called once, before the key travels in clear to another machine for the first time. */
  readonly onPlainKey?: ((address: string) => void) | undefined;
}

export interface Connector {
  /** @throws Failure (configuration) for an `erl://` node without a cookie, and where SSH was not prepared */
  rpc(address: string): AdminRpc;
  /** The host of an SSH URL. @throws as `rpc` */
  host(address: string): SshHost;
  /** Ends the kept-alive connections, so that the process can end. */
  close(): void;
}

async function readCaFile(path: string) {
  const { readAuthorities } = await import('../ca-file.js');
  return readAuthorities(path, Date.now());
}

/**
 * One connection per node, whatever its URL's scheme says it goes over.
 *
 * @throws Failure (configuration) when the authorities cannot be read, or the API key cannot be one
 */
export async function openConnector(options: ConnectOptions): Promise<Connector> {
  assertUsableKey(options.apiKey);
  const { caFile } = options;
  const authorities = caFile === undefined ? options.authorities : (await readCaFile(caFile)).pem;
  const ssh = options.ssh && (await openSshWays({ ...options.ssh, report: options.report }));
  const openErlang = options.cookie ? await erlangOpener(options.cookie, options.epmdPort) : refuseErlang;
  const open = new Map<string, AdminRpc>();
  let told = false;
  const tellOnce = (address: string) => {
    if (!told) options.onPlainKey?.(address);
    told = true;
  };
  const openHttp: Opener = (url, address, openStream) => {
    const { apiKey, apiKeyHeader } = options;
    const onPlainKey = () => tellOnce(address);
    return new HttpAdminRpc({ url, address, openStream, apiKey, apiKeyHeader, authorities, onPlainKey });
  };
  const openAny = (address: string): AdminRpc => {
    if (isSshUrl(address)) return (ssh ?? refuseSsh(address)).rpc(address);
    const { url, via } = splitVia(address);
    const openStream = via === undefined ? undefined : (ssh ?? refuseSsh(address)).through(via);
    return (isErlangUrl(url) ? openErlang : openHttp)(url, address, openStream);
  };
  return {
    rpc: (address) => {
      const known = open.get(address);
      if (known) return known;
      const rpc = options.report ? reported(openAny(address), options.report) : openAny(address);
      open.set(address, rpc);
      return rpc;
    },
    host: (address) => (ssh ?? refuseSsh(address)).host(address),
    close: () => {
      for (const rpc of open.values()) rpc.close();
      ssh?.close();
    },
  };
}

/** @param address what the node is called, with what is in between */
type Opener = (url: string, address: string, openStream: OpenStream | undefined) => AdminRpc;

/** Loaded only where it is used: most clusters are reached over HTTP. */
async function erlangOpener(cookie: Secret, epmdPort: number | undefined): Promise<Opener> {
  const { ErlangAdminRpc } = await import('./native/client.js');
  return (url, address, openStream) => new ErlangAdminRpc({ url, address, openStream, cookie, epmdPort });
}

async function openSshWays(options: SshConnectOptions): Promise<SshWays> {
  const { openSsh } = await import('./ssh/open.js');
  return openSsh(options);
}

function refuseSsh(address: string): never {
  throw new Failure('configuration', 'no_ssh', `${address}: it takes SSH, which no --node does`, {
    hint: 'Name the ssh:// node, or the one with ?via=, with --node.',
  });
}

function refuseErlang(url: string): never {
  throw new Failure('configuration', 'no_cookie', `${url}: there is no cookie for it`, {
    hint: 'Give --cookie-from or VMQCTL_COOKIE, and name an erl:// node with --node.',
  });
}
