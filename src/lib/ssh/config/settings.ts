import { userInfo } from 'node:os';
import { join } from 'node:path';
import { formatSshUrl, parseHop, type SshAddress } from '../address.js';
import { evaluate, notSupported, type Values } from './evaluate.js';
import { Reader } from './reader.js';
import { expandPath, expandTokens, type TokenValues } from './tokens.js';

/** Where a configuration is, and what it is read with. */
export interface Surroundings {
  /** Folder with `.ssh`. */
  readonly home: string;
  /** Folder of `ssh_config` and `ssh_known_hosts`, usually /etc/ssh. */
  readonly systemFolder: string;
  /** Read instead of `~/.ssh/config` and the system's, like `ssh -F`. */
  readonly configFile: string | undefined;
  readonly environment: NodeJS.ProcessEnv;
}

/** All that is needed to reach and to judge one host. */
export interface HostSettings {
  /** As the operator wrote it. */
  readonly name: string;
  readonly hostname: string;
  readonly port: number;
  readonly user: string;
  /** Empty: straight to the host. The last one connects to it. */
  readonly jumps: readonly SshAddress[];
  /** Absolute; those of the configuration, or the usual ones of the user. */
  readonly identityFiles: readonly string[];
  readonly identitiesOnly: boolean;
  /** Socket of the agent. */
  readonly agent: string | undefined;
  readonly hostKeyAlias: string | undefined;
  readonly knownHostsFiles: readonly string[];
  readonly strictHostKeyChecking: string;
  /** Milliseconds; undefined where the configuration has none. */
  readonly connectTimeout: number | undefined;
  /** Milliseconds between questions to a silent server, and how many may stay without an answer. */
  readonly keepAliveInterval: number | undefined;
  readonly keepAliveCount: number | undefined;
  readonly publicKeyLogin: boolean;
  readonly passwordLogin: boolean;
  readonly keyboardLogin: boolean;
  /** BatchMode: nobody is ever asked for anything. */
  readonly isBatch: boolean;
  readonly family: 0 | 4 | 6;
  readonly bindAddress: string | undefined;
}

/**
 * Looks a host up in the OpenSSH configuration.
 *
 * @throws Failure (configuration): mistakes in it, and what it asks for that is not supported
 */
export function hostSettings(address: SshAddress, surroundings: Surroundings): HostSettings {
  const localUser = userInfo().username;
  const { home } = surroundings;
  const { hostname, values } = evaluate(sources(surroundings), {
    host: address.host,
    user: address.user,
    localUser,
    home,
  });
  refuseUnsupported(values, address.host);
  const reader = new Reader(values, address.host);
  const tokens: TokenValues = {
    hostname,
    originalHost: address.host,
    port: address.port ?? reader.number('port', 22, 65_535),
    user: address.user ?? reader.text('user') ?? localUser,
    localUser,
    home,
    hostKeyAlias: reader.text('hostkeyalias'),
  };
  return {
    name: address.host,
    hostname,
    port: tokens.port,
    user: tokens.user,
    hostKeyAlias: tokens.hostKeyAlias,
    ...files(values, tokens, surroundings),
    jumps: jumps(values, tokens),
    identitiesOnly: reader.flag('identitiesonly', false),
    strictHostKeyChecking: reader.text('stricthostkeychecking')?.toLowerCase() ?? 'ask',
    connectTimeout: reader.duration('connecttimeout'),
    keepAliveInterval: reader.duration('serveraliveinterval'),
    keepAliveCount: values.has('serveralivecountmax') ? reader.number('serveralivecountmax', 3) : undefined,
    publicKeyLogin: !/^(no|false)$/i.test(reader.text('pubkeyauthentication') ?? 'yes'),
    passwordLogin: reader.flag('passwordauthentication', true),
    keyboardLogin: reader.flag(
      values.has('kbdinteractiveauthentication')
        ? 'kbdinteractiveauthentication'
        : 'challengeresponseauthentication',
      true,
    ),
    isBatch: reader.flag('batchmode', false),
    family: reader.family(),
    bindAddress: reader.text('bindaddress'),
  };
}

/** As `ssh://user@host:port`, for people. */
export const describeSettings = ({ name, user, port }: HostSettings): string =>
  formatSshUrl({ host: name, user, port });

function sources({ home, systemFolder, configFile }: Surroundings) {
  const folder = join(home, '.ssh');
  // Whoever names a file knows whose it is; ssh does not check that one either.
  if (configFile !== undefined) return [{ path: configFile, folder, isPrivate: false }];
  return [
    { path: join(folder, 'config'), folder, isPrivate: true },
    { path: join(systemFolder, 'ssh_config'), folder: systemFolder, isPrivate: false },
  ];
}

/** Each would change which machine is reached, or whether it is trusted. */
const UNSUPPORTED: Readonly<Record<string, RegExp>> = {
  proxycommand: /^none$/i,
  knownhostscommand: /^none$/i,
  canonicalizehostname: /^(no|none)$/i,
  revokedhostkeys: /^none$/i,
  remotecommand: /^none$/i,
  bindinterface: /^none$/i,
};

function refuseUnsupported(values: Values, host: string): void {
  for (const [keyword, harmless] of Object.entries(UNSUPPORTED)) {
    const [value] = values.get(keyword) ?? [];
    // The first of the two that a file has is the one that counts, and the values are kept in that order. `ProxyJump
    // none` is passed over by ssh, which then runs the command.
    const [jump = 'none'] = values.get('proxyjump') ?? [];
    const isOverruled = jump.toLowerCase() !== 'none' && isBefore(values, 'proxyjump', 'proxycommand');
    if (keyword === 'proxycommand' && isOverruled) continue;
    if (value !== undefined && !harmless.test(value))
      throw notSupported(keyword, 'the OpenSSH configuration', host);
  }
}

function isBefore(values: Values, first: string, second: string): boolean {
  const keywords = [...values.keys()];
  return keywords.includes(first) && keywords.indexOf(first) < keywords.indexOf(second);
}

function jumps(values: Values, tokens: TokenValues): SshAddress[] {
  const [text = 'none'] = values.get('proxyjump') ?? [];
  const isOverruled = isBefore(values, 'proxycommand', 'proxyjump');
  if (text.toLowerCase() === 'none' || isOverruled) return [];
  return expandTokens(text, 'ProxyJump', tokens)
    .split(',')
    .map((hop) => parseHop(hop.trim()));
}

const DEFAULT_KEYS = ['id_rsa', 'id_ecdsa', 'id_ed25519'];

function files(values: Values, tokens: TokenValues, { environment, systemFolder, home }: Surroundings) {
  const expand = (keyword: string) => (path: string) => expandPath(path, keyword, tokens, environment);
  const folder = join(home, '.ssh');
  const isNamed = (path: string) => path.toLowerCase() !== 'none';
  const own = values.get('userknownhostsfile') ?? [join(folder, 'known_hosts'), join(folder, 'known_hosts2')];
  const shared = values.get('globalknownhostsfile') ?? [
    join(systemFolder, 'ssh_known_hosts'),
    join(systemFolder, 'ssh_known_hosts2'),
  ];
  const identities = values.get('identityfile') ?? DEFAULT_KEYS.map((name) => join(folder, name));
  return {
    knownHostsFiles: [...own.filter(isNamed).map(expand('UserKnownHostsFile')), ...shared.filter(isNamed)],
    identityFiles: identities.filter(isNamed).map(expand('IdentityFile')),
    agent: agentSocket(values.get('identityagent')?.[0], expand('IdentityAgent'), environment),
  };
}

function agentSocket(
  named: string | undefined,
  expand: (path: string) => string,
  environment: NodeJS.ProcessEnv,
): string | undefined {
  if (named === undefined || named === 'SSH_AUTH_SOCK') return environment.SSH_AUTH_SOCK || undefined;
  if (named.toLowerCase() === 'none') return undefined;
  return /^\$\w+$/.test(named) ? environment[named.slice(1)] || undefined : expand(named);
}
