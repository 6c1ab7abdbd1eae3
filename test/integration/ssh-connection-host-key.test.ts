import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { SshHost } from '../../src/lib/ssh/host.js';
import { connectHost, SshHosts } from '../../src/lib/ssh/ssh-hosts.js';
import { failure } from '../support/failure.js';
import { generateKey, type Sshd, startSshd, tool } from '../support/sshd.js';

let sshd: Sshd;
let keys: string;
/** `type base64`, of another server. */
let otherKey: string;
const knownHosts = () => join(sshd.home, '.ssh/known_hosts');
const config = () => join(sshd.home, '.ssh/config');

beforeAll(async () => {
  sshd = await startSshd({ hostKeyTypes: ['ed25519', 'rsa'] });
  keys = await mkdtemp(join(tmpdir(), 'ssh-keys-'));
  otherKey = (await readFile(`${await generateKey(join(keys, 'other'))}.pub`, 'utf8'))
    .split(' ')
    .slice(0, 2)
    .join(' ');
});
afterAll(async () => {
  await sshd.stop();
  await rm(keys, { recursive: true });
});
beforeEach(() => writeFile(config(), ''));

const opened: SshHost[] = [];
afterEach(() => {
  for (const host of opened.splice(0)) host.close();
});

const options = () => ({ home: sshd.home, systemFolder: keys, environment: {} });

async function connect(): Promise<string> {
  const host = connectHost(sshd.url, options());
  opened.push(host);
  return (await host.run('echo in')).stdout;
}

const know = (...lines: string[]) => writeFile(knownHosts(), `${lines.join('\n')}\n`);
const name = () => `[127.0.0.1]:${sshd.port}`;

/** As ssh-keygen prints it. */
async function fingerprint(key: string): Promise<string> {
  const file = join(keys, 'asked.pub');
  await writeFile(file, `${key}\n`);
  return (await tool('ssh-keygen', ['-lf', file])).split(' ')[1] ?? '';
}

describe('a host whose key is known', () => {
  it('is trusted', async () => {
    await know(`${name()} ${sshd.hostKey}`);
    expect(await connect()).toBe('in\n');
  });

  it('is trusted by a name that ssh-keygen has hashed', async () => {
    await know(`${name()} ${sshd.hostKey}`);
    await tool('ssh-keygen', ['-q', '-H', '-f', knownHosts()]);
    expect(await readFile(knownHosts(), 'utf8')).toMatch(/^\|1\|/);
    expect(await connect()).toBe('in\n');
  });

  it('is trusted by what ssh-keyscan writes', async () => {
    await writeFile(knownHosts(), await tool('ssh-keyscan', ['-p', String(sshd.port), '127.0.0.1']));
    expect(await connect()).toBe('in\n');
  });

  it('is asked for the kind of key that is known, as it has several', async () => {
    const scan = await tool('ssh-keyscan', ['-t', 'rsa', '-p', String(sshd.port), '127.0.0.1']);
    await writeFile(knownHosts(), scan);
    expect(await connect()).toBe('in\n');
  });

  it('is trusted by the file of all users, by other files, and by an alias', async () => {
    await know('');
    await writeFile(join(keys, 'ssh_known_hosts'), `${name()} ${sshd.hostKey}\n`);
    expect(await connect()).toBe('in\n');
    await rm(join(keys, 'ssh_known_hosts'));
    await writeFile(join(keys, 'second'), `broker-1 ${sshd.hostKey}\n`);
    await writeFile(
      config(),
      `UserKnownHostsFile /nonexistent ${join(keys, 'second')}\nHostKeyAlias broker-1\n`,
    );
    expect(await connect()).toBe('in\n');
  });
});

describe('a host whose key is not known', () => {
  it('is refused with the fingerprint and the way to accept it', async () => {
    await know('');
    const error = await failure(connect());
    expect(error).toMatchObject({ kind: 'credentials', code: 'ssh_host_key_unknown' });
    expect(error.message).toContain(await fingerprint(sshd.hostKey));
    expect(error.hint).toMatch(/ssh -p \d+ \S+@127\.0\.0\.1$/);
    expect(await readFile(knownHosts(), 'utf8')).toBe('\n');
  });

  it('is refused with a way to accept it that works where ssh itself is strict', async () => {
    await know('');
    await writeFile(config(), 'StrictHostKeyChecking yes\n');
    expect((await failure(connect())).hint).toContain('with: ssh -o StrictHostKeyChecking=ask -p ');
  });

  it('is refused with a way to accept it that goes by way of the jump host', async () => {
    await know(`${name()} ${sshd.hostKey}`);
    const hosts = new SshHosts(options());
    const running = failure(hosts.host(sshd.url.replace('127.0.0.1', 'localhost'), sshd.url).run('true'));
    const error = await running.finally(() => hosts.close());
    expect(error).toMatchObject({ code: 'ssh_host_key_unknown' });
    expect(error.hint).toContain(`with: ssh -J ${sshd.url} -p ${sshd.port} `);
  });

  it.each(['no', 'accept-new', 'off'])(
    'is refused with StrictHostKeyChecking %s too, and told why',
    async (value) => {
      await know('');
      await writeFile(config(), `StrictHostKeyChecking ${value}\n`);
      const error = await failure(connect());
      expect(error).toMatchObject({ code: 'ssh_host_key_unknown' });
      expect(error.hint).toContain(`StrictHostKeyChecking ${value} is not followed`);
    },
  );

  it('is refused when only a certificate authority is known, which is told', async () => {
    await know(`@cert-authority * ${otherKey}`);
    const error = await failure(connect());
    expect(error).toMatchObject({ code: 'ssh_host_key_unknown' });
    expect(error.message).toContain('certificate authority');
  });

  it('is never logged in to', async () => {
    await know('');
    const before = sshd.log().split('Accepted publickey').length;
    await failure(connect());
    expect(sshd.log().split('Accepted publickey').length).toBe(before);
  });
});

describe('a host that shows another key', () => {
  it('than the known one is refused with the place of that one and the way to remove it', async () => {
    await know('# mine', `${name()} ${otherKey}`);
    const error = await failure(connect());
    expect(error).toMatchObject({ kind: 'credentials', code: 'ssh_host_key_changed' });
    expect(error.message).toContain(`${knownHosts()}:2`);
    expect(error.message).toContain(await fingerprint(sshd.hostKey));
    expect(error.hint).toContain(`ssh-keygen -R '${name()}'`);
  });

  it('one that is revoked is refused, known or not', async () => {
    await know(`${name()} ${sshd.hostKey}`, `@revoked * ${sshd.hostKey}`);
    expect(await failure(connect())).toMatchObject({ kind: 'credentials', code: 'ssh_host_key_revoked' });
  });
});

describe('a known_hosts file', () => {
  it('that cannot be read is no empty one: it might revoke the key', async () => {
    await writeFile(config(), `UserKnownHostsFile ${keys}\n`);
    expect(await failure(connect())).toMatchObject({ kind: 'configuration', code: 'bad_known_hosts' });
  });
});
