import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Failure } from '../../../src/lib/failure.js';
import { formatSshUrl, parseSshUrl } from '../../../src/lib/ssh/address.js';
import { hostSettings } from '../../../src/lib/ssh/config/settings.js';
import { tool } from '../../support/sshd.js';

let home: string;
let file: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'ssh-config-'));
  file = join(home, '.ssh/config');
  await mkdir(join(home, '.ssh/conf.d'), { recursive: true });
});
afterAll(() => rm(home, { recursive: true }));

const settings = (url: string, environment: NodeJS.ProcessEnv = {}) =>
  hostSettings(parseSshUrl(url), { home, systemFolder: join(home, 'etc'), configFile: file, environment });

/** What the real ssh makes of the same file, keyword → values. */
async function sshSays(url: string): Promise<Map<string, string[]>> {
  const said = new Map<string, string[]>();
  for (const line of (await tool('ssh', ['-G', '-F', file, url])).trim().split('\n')) {
    const [keyword = '', ...rest] = line.split(' ');
    said.set(keyword, [...(said.get(keyword) ?? []), rest.join(' ')]);
  }
  return said;
}

const CONFIG = `
# Comments, tabs, = and quotes
Host broker1 broker2
\tHostName=%h.example.org
  Port = 2201
  User "op erator"
  IdentityFile ~/.ssh/brokers
  IdentityFile "~/.ssh/with space"
  IdentityFile ~/.ssh/%h-%r-%p
Host broker* !broker9
  User brokeradmin
  ProxyJump jumper@bastion:2222,inner
  ServerAliveInterval 7
host 10.0.?.1
  Port 2202
Host bastion
  HostName BASTION.example.org
  ConnectTimeout 1m30s
Match originalhost matched user root
  Port 2203
Match host *.matched.org,!no.matched.org
  Port 2204
Match !originalhost broker1,broker2 originalhost negated
  Port 2205
Match host CAPITALS.example.org
  Port 2208
Match originalhost Capital?
  User Capital
Host Capitals
  ConnectTimeout 4
Match final host *.example.org
  ServerAliveCountMax 9
Host included
  Include conf.d/*.conf
  Port 2299
Host alias
  HostKeyAlias the-alias
  UserKnownHostsFile ~/.ssh/one "/tmp/t w o"
  StrictHostKeyChecking accept-new
  IdentitiesOnly yes
  IdentityAgent ~/agent
  AddressFamily inet6
  BatchMode yes
Host twice
  Port 1
  Port 2
Host *
  User everybody
  IdentityFile ~/.ssh/all
  ServerAliveInterval 20
`;

describe('a configuration means what it means to ssh', () => {
  beforeAll(async () => {
    await writeFile(file, CONFIG);
    await writeFile(join(home, '.ssh/conf.d/b.conf'), 'Port 2207\nHost other\n  User never\n');
    await writeFile(join(home, '.ssh/conf.d/a.conf'), 'User from-a\nMatch all\n  HostName from-a.org\n');
    await writeFile(join(home, '.ssh/conf.d/not.this'), 'User from-not-this\n');
  });

  it.each([
    'broker1',
    'broker2',
    'broker3',
    'broker9',
    'Broker1',
    '10.0.5.1',
    '10.0.55.1',
    'bastion',
    'root@matched',
    'other@matched',
    'a.matched.org',
    'no.matched.org',
    'Capitals.Example.org',
    'capitals',
    'Capitals',
    'negated',
    'alias',
    'twice',
    'nobody-knows-it',
    'me@broker1:99',
  ])('for %s', async (name) => {
    const url = `ssh://${name}`;
    const said = await sshSays(url);
    const one = (keyword: string) => said.get(keyword)?.[0];
    const ours = settings(url);
    const expand = (path: string) =>
      path
        .replace(/^~/, home)
        .replace('%h', ours.hostname)
        .replace('%r', ours.user)
        .replace('%p', String(ours.port));
    expect(ours).toMatchObject({
      hostname: one('hostname')?.toLowerCase(),
      port: Number(one('port')),
      user: one('user'),
      identitiesOnly: one('identitiesonly') === 'yes',
      isBatch: one('batchmode') === 'yes',
      hostKeyAlias: one('hostkeyalias'),
      family: { any: 0, inet: 4, inet6: 6 }[one('addressfamily') ?? ''],
      connectTimeout: one('connecttimeout') === 'none' ? undefined : Number(one('connecttimeout')) * 1000,
      keepAliveInterval: Number(one('serveraliveinterval')) * 1000,
      keepAliveCount: one('serveralivecountmax') === '3' ? undefined : Number(one('serveralivecountmax')),
    });
    expect(ours.identityFiles).toEqual(said.get('identityfile')?.map(expand));
    expect(ours.jumps.map((jump) => formatSshUrl(jump).slice(6)).join(',')).toBe(one('proxyjump') ?? '');
  });

  it('with files of other folders included, in the order of their names', () => {
    expect(settings('ssh://included')).toMatchObject({ user: 'from-a', hostname: 'from-a.org', port: 2207 });
  });

  it('with what is included inside a Host being for that host alone', () => {
    expect(settings('ssh://other')).toMatchObject({ user: 'everybody' });
  });

  it('with files and agent of the host', () => {
    expect(settings('ssh://alias')).toMatchObject({
      agent: join(home, 'agent'),
      knownHostsFiles: [
        join(home, '.ssh/one'),
        '/tmp/t w o',
        join(home, 'etc/ssh_known_hosts'),
        join(home, 'etc/ssh_known_hosts2'),
      ],
    });
  });
});

it.each(['yes', 'no', 'false', 'unbound'])(
  'PubkeyAuthentication %s is what ssh makes of it',
  async (value) => {
    await writeFile(file, `PubkeyAuthentication ${value}\n`);
    const said = (await sshSays('ssh://x')).get('pubkeyauthentication')?.[0];
    expect(settings('ssh://x').publicKeyLogin).toBe(said !== 'no' && said !== 'false');
  },
);

describe('without a configuration', () => {
  it('the usual things hold', async () => {
    await rm(file, { force: true });
    expect(settings('ssh://broker1', { SSH_AUTH_SOCK: '/run/agent' })).toMatchObject({
      hostname: 'broker1',
      port: 22,
      user: userInfo().username,
      jumps: [],
      agent: '/run/agent',
      identityFiles: ['id_rsa', 'id_ecdsa', 'id_ed25519'].map((name) => join(home, '.ssh', name)),
      knownHostsFiles: [
        join(home, '.ssh/known_hosts'),
        join(home, '.ssh/known_hosts2'),
        join(home, 'etc/ssh_known_hosts'),
        join(home, 'etc/ssh_known_hosts2'),
      ],
      strictHostKeyChecking: 'ask',
    });
  });

  it('the configuration of the system holds, behind that of the user', async () => {
    await mkdir(join(home, 'etc'), { recursive: true });
    await writeFile(join(home, 'etc/ssh_config'), 'Port 2210\nUser system\nInclude more.conf\n');
    await writeFile(join(home, 'etc/more.conf'), 'ConnectTimeout 9\n');
    await writeFile(file, 'User mine\n');
    const surroundings = { home, systemFolder: join(home, 'etc'), configFile: undefined, environment: {} };
    expect(hostSettings(parseSshUrl('ssh://b'), surroundings)).toMatchObject({
      port: 2210,
      user: 'mine',
      connectTimeout: 9000,
    });
  });
});

const failed = (url: string): Failure => {
  try {
    settings(url);
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
};

describe('what is not supported is refused where it applies', () => {
  it.each([
    ['ProxyCommand nc %h %p', 'proxycommand'],
    ['CanonicalizeHostname yes', 'canonicalizehostname'],
    ['KnownHostsCommand /bin/x', 'knownhostscommand'],
    ['RevokedHostKeys /etc/revoked', 'revokedhostkeys'],
    ['RemoteCommand top', 'remotecommand'],
  ])('%s', async (line, named) => {
    await writeFile(file, `Host bad\n  ${line}\n`);
    expect(failed('ssh://bad')).toMatchObject({ kind: 'configuration', code: 'ssh_config_not_supported' });
    expect(failed('ssh://bad').message).toContain(named);
    expect(settings('ssh://good').hostname).toBe('good');
  });

  it('a Match that would run a program, and nothing is run', async () => {
    const trace = join(home, 'was-run');
    await writeFile(file, `Match originalhost bad exec "touch ${trace}"\n  Port 1\n`);
    expect(failed('ssh://bad')).toMatchObject({ kind: 'configuration', code: 'ssh_config_not_supported' });
    expect(failed('ssh://bad').message).toContain(`${file}:1`);
    expect(settings('ssh://good').port).toBe(22);
    await expect(tool('ls', [trace])).rejects.toThrow();
  });

  it('a ProxyCommand that a ProxyJump stands in front of is none, and the other way round', async () => {
    await writeFile(
      file,
      'Host a\n  ProxyJump b\n  ProxyCommand nc\nHost c\n  ProxyCommand none\n  ProxyJump b\n',
    );
    expect(settings('ssh://a').jumps).toHaveLength(1);
    expect(settings('ssh://c').jumps).toHaveLength(0);
    expect((await sshSays('ssh://c')).get('proxyjump')).toBeUndefined();
  });

  it('a ProxyCommand behind a ProxyJump none, which ssh would run', async () => {
    await writeFile(file, 'Host bad\n  ProxyJump none\nHost *\n  ProxyCommand nc\n');
    expect((await sshSays('ssh://bad')).get('proxycommand')).toEqual(['nc']);
    expect(failed('ssh://bad')).toMatchObject({ code: 'ssh_config_not_supported' });
  });
});

describe('mistakes', () => {
  it.each([
    ['Port nine', 'port nine'],
    ['Port 70000', 'port 70000'],
    ['BatchMode perhaps', 'batchmode perhaps'],
    ['ConnectTimeout soon', 'connecttimeout soon'],
    ['User "half', ':2'],
    ['User', ':2'],
    ['IdentityFile ~/%Z', '%Z'],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is ssh's
    ['IdentityFile ${NO_SUCH_VARIABLE}/x', 'NO_SUCH_VARIABLE'],
    ['ProxyJump @', 'ProxyJump'],
  ])('%s are told with what is wrong', async (line, told) => {
    await writeFile(file, `Host bad\n  ${line}\n`);
    const error = failed('ssh://bad');
    expect(error.kind).toMatch(/configuration|usage/);
    expect(error.message).toContain(told);
  });

  it('a file that includes itself ends', async () => {
    await writeFile(file, `Include ${file}\n`);
    expect(failed('ssh://x').message).toContain('too deeply');
  });

  it('a file that cannot be read is not taken for empty', async () => {
    await rm(file);
    await mkdir(file);
    expect(failed('ssh://x')).toMatchObject({ kind: 'configuration' });
    await rm(file, { recursive: true });
  });

  it('a pattern that fits no file is none', async () => {
    await writeFile(file, 'Include nowhere/*.conf /nonexistent/x ~/none\n');
    await chmod(file, 0o600);
    expect(settings('ssh://x').hostname).toBe('x');
  });
});

describe('an address', () => {
  it.each([
    ['ssh://broker1', { host: 'broker1', user: undefined, port: undefined }],
    ['ssh://op@broker1:2222/', { host: 'broker1', user: 'op', port: 2222 }],
    ['ssh://op@[fe80::1]:22', { host: 'fe80::1', user: 'op', port: 22 }],
    ['ssh://DOM%5Cop@b', undefined],
  ])('%s', (url, expected) => {
    if (expected) expect(parseSshUrl(url)).toEqual(expected);
    else expect(() => parseSshUrl(url)).toThrow(Failure);
  });

  it.each([
    'http://b',
    'ssh://',
    'ssh://op:secret@b',
    'ssh://b/path',
    'ssh://b?x=1',
    'ssh://b:0',
    'ssh://b:70000',
    'ssh://-oProxyCommand=x@b',
    'ssh://%2Doption',
    'ssh://a%20b',
    'ssh://%zz@b',
    'b',
  ])('is not: %s', (url) => {
    expect(() => parseSshUrl(url)).toThrow(expect.objectContaining({ kind: 'usage' }));
  });

  it('does not repeat a password', () => {
    expect(() => parseSshUrl('ssh://op:secret@b')).not.toThrow(/secret@|:secret/);
  });
});

describe("the user's own configuration", () => {
  const own = () =>
    hostSettings(parseSshUrl('ssh://x'), {
      home,
      systemFolder: join(home, 'etc'),
      configFile: undefined,
      environment: {},
    });

  it('is not taken, nor what it includes, where others may write it: ssh does not either', async () => {
    const included = join(home, '.ssh/conf.d/others');
    await writeFile(file, 'Include conf.d/others\n', { mode: 0o600 });
    await writeFile(included, 'Host x\n  Port 2299\n', { mode: 0o600 });
    await chmod(file, 0o600);
    expect(own().port).toBe(2299);
    for (const path of [included, file]) {
      await chmod(path, 0o620);
      expect(own).toThrow(
        expect.objectContaining({ kind: 'configuration', message: `${path} can be written by others` }),
      );
      await chmod(path, 0o600);
    }
    await rm(included);
  });
});
