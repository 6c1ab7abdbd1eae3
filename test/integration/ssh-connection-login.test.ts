import { once } from 'node:events';
import { chmod, copyFile, mkdir, mkdtemp, readFile, rm, unlink, writeFile } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Failure } from '../../src/lib/failure.js';
import { Secret } from '../../src/lib/secret.js';
import type { SshHost } from '../../src/lib/ssh/host.js';
import type { SshOptions } from '../../src/lib/ssh/options.js';
import { connectHost, SshHosts } from '../../src/lib/ssh/ssh-hosts.js';
import { failure } from '../support/failure.js';
import { type Agent, generateKey, type Sshd, startAgent, startSshd } from '../support/sshd.js';

const PASSPHRASE = 'geheim und lang';

/** Keys that the server lets in, and one that it does not. */
let keys: string;
let sshd: Sshd;
let home: string;

beforeAll(async () => {
  keys = await mkdtemp(join(tmpdir(), 'ssh-keys-'));
  const path = (name: string) => join(keys, name);
  await generateKey(path('ed25519'));
  await generateKey(path('ecdsa'), { type: 'ecdsa' });
  await generateKey(path('rsa'), { type: 'rsa' });
  await generateKey(path('locked'), { passphrase: PASSPHRASE });
  await generateKey(path('locked-pem'), { type: 'rsa', passphrase: PASSPHRASE, format: 'PEM' });
  await generateKey(path('stranger'));
  await generateKey(path('locked-stranger'), { passphrase: PASSPHRASE });
  sshd = await startSshd({ config: [`AuthorizedKeysFile ${path('authorized')}`, 'MaxAuthTries 4'] });
  const names = ['ed25519', 'ecdsa', 'rsa', 'locked', 'locked-pem'];
  const lines = await Promise.all(names.map((name) => readFile(path(`${name}.pub`), 'utf8')));
  await writeFile(path('authorized'), lines.join(''));
});

afterAll(async () => {
  await sshd.stop();
  await rm(keys, { recursive: true });
});

const opened: SshHost[] = [];
const folders: string[] = [];
afterEach(async () => {
  for (const host of opened.splice(0)) host.close();
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
});

/** A home that knows the server and has these keys: name in `.ssh` → name above. */
async function homeWith(files: Readonly<Record<string, string>>, config = ''): Promise<string> {
  home = await mkdtemp(join(tmpdir(), 'ssh-home-'));
  folders.push(home);
  await mkdir(join(home, '.ssh'));
  await writeFile(join(home, '.ssh/known_hosts'), `[127.0.0.1]:${sshd.port} ${sshd.hostKey}\n`);
  await writeFile(join(home, '.ssh/config'), config);
  for (const [name, from] of Object.entries(files)) {
    await copyFile(join(keys, from), join(home, '.ssh', name));
    if (!name.endsWith('.pub')) await chmod(join(home, '.ssh', name), 0o600);
  }
  return home;
}

function login(options: SshOptions = {}): Promise<string> {
  const host = connectHost(sshd.url, { home, systemFolder: '/nonexistent', environment: {}, ...options });
  opened.push(host);
  return host.run('echo in').then(({ stdout }) => stdout.trim());
}

/** The question, and whether it was put. */
function asking(...answers: string[]) {
  const asked: string[] = [];
  const askPassphrase = async (path: string) => {
    asked.push(path);
    return new Secret(answers[asked.length - 1] ?? 'no more answers');
  };
  return { asked, askPassphrase };
}

describe('with key files', () => {
  it.each([
    ['id_ed25519', 'ed25519'],
    ['id_ecdsa', 'ecdsa'],
    ['id_rsa', 'rsa'],
  ])('the usual ones are found: %s', async (name, from) => {
    await homeWith({ [name]: from });
    expect(await login()).toBe('in');
  });

  it('one that the configuration names is taken', async () => {
    await homeWith({ work: 'ecdsa' }, 'Host 127.*\n  IdentityFile ~/.ssh/work\n');
    expect(await login()).toBe('in');
  });

  it('a wrong one is refused, and the message says what was tried', async () => {
    await homeWith({ id_ed25519: 'stranger' });
    const error = await failure(login());
    expect(error).toMatchObject({ kind: 'credentials', code: 'ssh_denied' });
    expect(error.message).toContain(`tried ${home}/.ssh/id_ed25519`);
  });

  it('none at all is told', async () => {
    await homeWith({});
    expect((await failure(login())).message).toContain('there was no key to try');
  });

  it('one that others can read is not used', async () => {
    await homeWith({ id_ed25519: 'ed25519' });
    await chmod(join(home, '.ssh/id_ed25519'), 0o644);
    expect((await failure(login())).message).toMatch(
      /not tried: .*id_ed25519 \(readable by others: chmod 600/,
    );
  });

  it('one that is no key is told', async () => {
    await homeWith({ id_rsa: 'authorized' });
    await writeFile(join(home, '.ssh/id_rsa'), 'nothing of the kind\n');
    expect((await failure(login())).message).toContain('id_rsa (of a format that is not supported)');
  });
});

it.each(['id_ed25519', 'id_ed25519.pub'])('a public key alone, given as %s, is told', async (name) => {
  await homeWith({ 'id_ed25519.pub': 'ed25519.pub' }, `IdentityFile ~/.ssh/${name}\n`);
  const error = await failure(login({}));
  expect(error.message).toContain(`${join(home, '.ssh', name)} (only its public half is there)`);
});

describe('with a key that has a passphrase', () => {
  it('the passphrase is asked for', async () => {
    await homeWith({ id_ed25519: 'locked' });
    const { asked, askPassphrase } = asking(PASSPHRASE);
    expect(await login({ askPassphrase })).toBe('in');
    expect(asked).toEqual([join(home, '.ssh/id_ed25519')]);
  });

  it('it is asked for again when it was wrong', async () => {
    await homeWith({ id_ed25519: 'locked' });
    const { asked, askPassphrase } = asking('wrong', 'wrong too', PASSPHRASE);
    expect(await login({ askPassphrase })).toBe('in');
    expect(asked).toHaveLength(3);
  });

  it('three times is enough', async () => {
    await homeWith({ id_ed25519: 'locked' });
    const { askPassphrase } = asking('nope-1', 'nope-2', 'nope-3', PASSPHRASE);
    const error = await failure(login({ askPassphrase }));
    expect(error.message).toContain('wrong passphrase');
    expect(inspect(error, { depth: 9 })).not.toContain('nope-');
  });

  it('nobody is asked when another key does', async () => {
    await homeWith({ id_rsa: 'locked', id_ed25519: 'ed25519' });
    const { asked, askPassphrase } = asking(PASSPHRASE);
    expect(await login({ askPassphrase })).toBe('in');
    expect(asked).toEqual([]);
  });

  it('nobody is asked for a key that the server does not take', async () => {
    await homeWith({ id_ed25519: 'locked-stranger' });
    const { asked, askPassphrase } = asking(PASSPHRASE);
    expect(await failure(login({ askPassphrase }))).toMatchObject({ code: 'ssh_denied' });
    expect(asked).toEqual([]);
  });

  it('one in the format of old is asked for last, since nobody can tell what it is', async () => {
    await homeWith({ id_rsa: 'locked-pem' });
    const { asked, askPassphrase } = asking(PASSPHRASE);
    expect(await login({ askPassphrase })).toBe('in');
    expect(asked).toHaveLength(1);
  });

  it.each([
    ['without a terminal', '', false],
    ['in batch mode', 'BatchMode yes\n', true],
  ])('%s it is not used, and the message says so', async (_, config, hasTerminal) => {
    await homeWith({ id_ed25519: 'locked' }, config);
    const { asked, askPassphrase } = asking(PASSPHRASE);
    const error = await failure(login(hasTerminal ? { askPassphrase } : {}));
    expect(error.message).toContain('id_ed25519 (has a passphrase, and nobody can be asked)');
    expect(asked).toEqual([]);
  });

  it('several hosts ask once', async () => {
    await homeWith({ id_ed25519: 'locked' });
    const { asked, askPassphrase } = asking(PASSPHRASE);
    const hosts = new SshHosts({ home, systemFolder: '/nonexistent', environment: {}, askPassphrase });
    const names = ['127.0.0.1', 'localhost'];
    await writeFile(join(home, '.ssh/config'), 'HostKeyAlias one\n');
    await writeFile(join(home, '.ssh/known_hosts'), `one ${sshd.hostKey}\n`);
    const urls = names.map((name) => sshd.url.replace('127.0.0.1', name));
    await Promise.all(urls.map((url) => hosts.host(url).run('true')));
    hosts.close();
    expect(asked).toHaveLength(1);
  });

  it('the time in which the operator thinks does not count', async () => {
    await homeWith({ id_ed25519: 'locked' });
    const askPassphrase = async () => {
      await new Promise((resolve) => setTimeout(resolve, 3500));
      return new Secret(PASSPHRASE);
    };
    expect(await login({ askPassphrase, connectTimeout: 3000 })).toBe('in');
  });

  it('an interrupt at the question ends it all', async () => {
    await homeWith({ id_ed25519: 'locked' });
    const askPassphrase = () => Promise.reject(new Failure('interrupted', 'interrupted', 'interrupted'));
    expect(await failure(login({ askPassphrase }))).toMatchObject({ kind: 'interrupted' });
  });
});

describe('with an agent', () => {
  let agent: Agent;
  afterEach(() => agent.stop());
  const environment = () => ({ SSH_AUTH_SOCK: agent.socket });

  it.each(['ed25519', 'ecdsa', 'rsa'])('its %s key is taken', async (name) => {
    agent = await startAgent([join(keys, name)]);
    await homeWith({});
    expect(await login({ environment: environment() })).toBe('in');
  });

  it('a key file is tried when its keys do not do', async () => {
    agent = await startAgent([join(keys, 'stranger')]);
    await homeWith({ id_ed25519: 'ed25519' });
    expect(await login({ environment: environment() })).toBe('in');
  });

  it('the key that the configuration names goes first, so that the server does not lose patience', async () => {
    const strangers = await Promise.all([1, 2, 3, 4].map((n) => generateKey(join(keys, `many-${n}`))));
    agent = await startAgent([...strangers, join(keys, 'ecdsa')]);
    await homeWith({ 'work.pub': 'ecdsa.pub' }, 'IdentityFile ~/.ssh/work\n');
    expect(await login({ environment: environment() })).toBe('in');
    await unlink(join(home, '.ssh/work.pub'));
    const error = await failure(login({ environment: environment() }));
    expect(error.message).toContain('Too many authentication failures');
    expect(error.hint).toContain('IdentitiesOnly');
  });

  it('IdentitiesOnly leaves its other keys out', async () => {
    agent = await startAgent([join(keys, 'ed25519')]);
    await homeWith({ id_rsa: 'stranger' }, 'IdentitiesOnly yes\n');
    const error = await failure(login({ environment: environment() }));
    expect(error.details).toMatchObject({ tried: [join(home, '.ssh/id_rsa')] });
  });

  it('one that is not there is told', async () => {
    agent = await startAgent([]);
    await homeWith({});
    const error = await failure(login({ environment: { SSH_AUTH_SOCK: '/nonexistent/agent' } }));
    expect(error.message).toContain('nobody answers at /nonexistent/agent');
  });

  it('one that never answers is told, and does not stand in the way of a key file', async () => {
    agent = await proxyAgent(() => undefined);
    await homeWith({});
    const error = await failure(login({ environment: environment(), connectTimeout: 2000 }));
    expect(error).toMatchObject({ kind: 'credentials', code: 'ssh_denied' });
    expect(error.message).toContain(`nobody answers at ${agent.socket}`);
    await homeWith({ id_ed25519: 'ed25519' });
    expect(await login({ environment: environment(), connectTimeout: 2000 })).toBe('in');
  });

  it('the time in which the operator confirms the use of a key does not count', async () => {
    const real = await startAgent([join(keys, 'ed25519')]);
    const isSignRequest = (request: Buffer) => request[4] === 13;
    agent = await proxyAgent((request, pass) => setTimeout(pass, isSignRequest(request) ? 2500 : 0), real);
    await homeWith({});
    expect(await login({ environment: environment(), connectTimeout: 2000 })).toBe('in');
  });
});

/** An agent that passes a request on to another one when it is told to. */
async function proxyAgent(
  onRequest: (request: Buffer, pass: () => void) => void,
  real?: Agent,
): Promise<Agent> {
  const folder = await mkdtemp(join(tmpdir(), 'ssh-proxy-agent-'));
  const socket = join(folder, 'agent');
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    sockets.add(client.on('error', () => undefined));
    client.once('data', (request) =>
      onRequest(request, () => {
        if (!real) return;
        const answers = connect(real.socket);
        answers.pipe(client);
        answers.write(request);
        client.on('close', () => answers.destroy());
      }),
    );
  });
  server.listen(socket);
  await once(server, 'listening');
  const stop = async () => {
    for (const client of sockets) client.destroy();
    server.close();
    await real?.stop();
    await rm(folder, { recursive: true });
  };
  return { socket, stop };
}
