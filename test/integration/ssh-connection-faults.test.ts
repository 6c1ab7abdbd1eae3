import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { Secret } from '../../src/lib/secret.js';
import type { SshHost } from '../../src/lib/ssh/host.js';
import type { SshOptions } from '../../src/lib/ssh/options.js';
import { connectHost } from '../../src/lib/ssh/ssh-hosts.js';
import { failure } from '../support/failure.js';
import { startPeer } from '../support/peers.js';
import { freePort } from '../support/ports.js';
import { type SshServer, type SshServerOptions, startSshServer } from '../support/ssh-server.js';
import { until } from '../support/sshd.js';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function serve(options: SshServerOptions = {}): Promise<SshServer> {
  const server = await startSshServer(options);
  cleanups.push(() => server.stop());
  return server;
}

function hostOf({ url, home }: Pick<SshServer, 'url' | 'home'>, options: SshOptions = {}): SshHost {
  const host = connectHost(url, {
    home,
    systemFolder: '/nonexistent',
    environment: {},
    connectTimeout: 1500,
    ...options,
  });
  cleanups.push(() => host.close());
  return host;
}

const PASSWORD = 'korrekt pferd';
const password = async () => new Secret(PASSWORD);

describe('a password', () => {
  it.each([false, true])('is given where the server asks for it (as PAM does: %s)', async (isKeyboard) => {
    const server = await serve({ password: PASSWORD, isKeyboard });
    expect((await hostOf(server, { password }).run('x')).exitCode).toBe(0);
  });

  it.each([false, true])(
    'that is wrong is refused, and told to nobody (as PAM does: %s)',
    async (isKeyboard) => {
      const server = await serve({ password: 'another', isKeyboard });
      const error = await failure(hostOf(server, { password }).run('x'));
      expect(error).toMatchObject({ kind: 'credentials', code: 'ssh_denied' });
      expect(error.message).toContain('tried password');
      expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(PASSWORD);
    },
  );

  it('that has expired is told, and not waited for', async () => {
    const server = await serve({
      onLogin: (context) => {
        if (context.method === 'password') context.requestChange('Choose another one:', () => undefined);
        else context.reject(['password']);
      },
    });
    const error = await failure(hostOf(server, { password }).run('x'));
    expect(error).toMatchObject({ kind: 'credentials', code: 'ssh_denied' });
    expect(error.message).toContain('it wants the password to be changed first');
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(PASSWORD);
  });

  it('is not read from its source when nobody wants it', async () => {
    let isAsked = false;
    const source = async () => {
      isAsked = true;
      return new Secret(PASSWORD);
    };
    await hostOf(await serve(), { password: source }).run('x');
    expect(isAsked).toBe(false);
  });

  it('is not given where the configuration forbids it', async () => {
    const server = await serve({ password: PASSWORD });
    await writeFile(join(server.home, '.ssh/config'), 'PasswordAuthentication no\n');
    expect(await failure(hostOf(server, { password }).run('x'))).toMatchObject({ code: 'ssh_denied' });
    expect(server.logins).not.toContain('password');
  });
});

describe('a server', () => {
  it('where nothing listens', async () => {
    const { home } = await serve();
    const error = await failure(hostOf({ url: `ssh://u@127.0.0.1:${await freePort()}`, home }).run('x'));
    expect(error).toMatchObject({ kind: 'unreachable', code: 'ssh_refused' });
  });

  it('whose name nobody knows', async () => {
    const { home } = await serve();
    const error = await failure(hostOf({ url: 'ssh://u@no-such-host.invalid', home }).run('x'));
    expect(error).toMatchObject({ kind: 'unreachable', code: 'ssh_host_unknown' });
  });

  it('that accepts connections and says nothing', async () => {
    const { home } = await serve();
    const peer = await startPeer();
    cleanups.push(() => peer.stop());
    const error = await failure(hostOf({ url: `ssh://u@127.0.0.1:${peer.port}`, home }).run('x'));
    expect(error).toMatchObject({ kind: 'unreachable', code: 'ssh_silent' });
    expect(error.message).toContain('says nothing');
  });

  it.each([
    ['HTTP', 'HTTP/1.1 400 Bad Request\r\n\r\n'],
    ['version 1', 'SSH-1.5-old\r\n'],
    ['noise', '\0\x01\x02\xff\r\n'.repeat(2000)],
  ])('that speaks something else: %s', async (_, words) => {
    const { home } = await serve();
    const peer = await startPeer((socket) => socket.end(words));
    cleanups.push(() => peer.stop());
    const error = await failure(hostOf({ url: `ssh://u@127.0.0.1:${peer.port}`, home }).run('x'));
    expect(error).toMatchObject({ kind: 'unreachable', code: 'ssh_handshake_failed' });
    expect(error.message).not.toMatch(/\p{Cc}/u);
  });

  it.each([10, 60, 300, 900, 1200])('that falls silent after %i bytes', async (bytes) => {
    const server = await serve({ wire: { after: { bytes, comes: 'silence' } } });
    expect(await failure(hostOf(server).run('x'))).toMatchObject({ kind: 'unreachable', code: 'ssh_silent' });
  });

  it.each([0, 10, 60, 300, 900])('that hangs up after %i bytes', async (bytes) => {
    const server = await serve({ wire: { after: { bytes, comes: 'end' } } });
    const error = await failure(hostOf(server).run('x'));
    expect(error).toMatchObject({ kind: 'unreachable', code: 'ssh_handshake_failed' });
  });

  it('that takes no login and no refusal back', async () => {
    const error = await failure(hostOf(await serve({ isLoginSilent: true })).run('x'));
    expect(error).toMatchObject({ kind: 'unreachable', code: 'ssh_silent' });
    expect(error.message).toContain('login');
  });

  it('that closes the connection at the login is not said to have said something', async () => {
    const server = await serve({ onLogin: (_, client) => void client.end() });
    const error = await failure(hostOf(server).run('x'));
    expect(error).toMatchObject({ kind: 'credentials', code: 'ssh_denied' });
    expect(error.message).toContain('refuses the login (it closed the connection)');
  });

  it('that knows nothing safe', async () => {
    const server = await serve({
      algorithms: { serverHostKey: ['ssh-ed25519'], hmac: ['hmac-sha1'], cipher: ['aes128-ctr'] },
    });
    expect(await failure(hostOf(server).run('x'))).toMatchObject({ code: 'ssh_no_common_algorithm' });
  });

  it('whose bytes come by sevens', async () => {
    const server = await serve({
      wire: { drip: 7 },
      onExec: (channel) => {
        channel.write('no newline at the end');
        channel.exit(0);
        channel.end();
      },
    });
    const { stdout } = await hostOf(server, { connectTimeout: 10_000 }).run('x');
    expect(stdout).toBe('no newline at the end');
  });

  it('that greets at length first', async () => {
    const server = await serve({ wire: { greeting: 'Authorised users only.\r\nAll is logged.\r\n' } });
    expect((await hostOf(server).run('x')).exitCode).toBe(0);
  });
});

describe('a command', () => {
  it('for which no session is opened in time', async () => {
    const server = await serve({ isSessionSilent: true });
    expect(await failure(hostOf(server).run('x', { deadline: 700 }))).toMatchObject({ kind: 'unreachable' });
  });

  it('that the server does not run', async () => {
    const server = await serve({ refusesExec: true });
    expect(await failure(hostOf(server).run('x'))).toMatchObject({ code: 'ssh_exec_refused' });
  });

  it('in whose middle the connection is cut', async () => {
    const server = await serve({ onExec: (channel) => channel.write('half') });
    const seen: string[] = [];
    const running = failure(
      hostOf(server).run('x', { onOutput: (chunk) => seen.push(String(chunk)) && server.cut() }),
    );
    expect(await running).toMatchObject({ kind: 'unreachable', code: 'ssh_lost' });
    expect(seen).toEqual(['half']);
  });

  it('whose session ends without a word about how', async () => {
    const server = await serve({ onExec: (channel) => channel.end() });
    expect(await failure(hostOf(server).run('x'))).toMatchObject({ code: 'ssh_lost' });
  });

  it('whose connection freezes is lost when the server no longer answers', async () => {
    const server = await serve({ onExec: (channel) => void channel.write('x') });
    await writeFile(join(server.home, '.ssh/config'), 'ServerAliveInterval 1\nServerAliveCountMax 1\n');
    const host = hostOf(server);
    const onOutput = () => server.freeze();
    expect(await failure(host.run('x', { onOutput }))).toMatchObject({
      kind: 'unreachable',
      code: 'ssh_lost',
    });
  });

  it('that is interrupted while nobody answers any more ends here all the same', async () => {
    const stop = new AbortController();
    const server = await serve({ onExec: (channel) => void channel.write('x') });
    const onOutput = () => {
      server.freeze();
      stop.abort();
    };
    const running = hostOf(server).run('x', { onOutput, signal: stop.signal });
    expect(await failure(running)).toMatchObject({ kind: 'interrupted' });
  });

  it('that is interrupted while the connection is made is not sent', async () => {
    const server = await serve({ isLoginSilent: true });
    const signal = AbortSignal.timeout(300);
    expect(await failure(hostOf(server).run('x', { signal }))).toMatchObject({ kind: 'interrupted' });
  });
});

describe('a tunnel', () => {
  it('that the server does not open in time', async () => {
    const server = await serve({ onForward: () => undefined });
    const error = await failure(hostOf(server).openStream('broker', 8888, { deadline: 500 }));
    expect(error).toMatchObject({ kind: 'unreachable', code: 'ssh_silent' });
    expect(error.message).toContain('broker:8888');
  });

  it('that the server refuses', async () => {
    const error = await failure(hostOf(await serve()).openStream('broker', 8888));
    expect(error).toMatchObject({ kind: 'unreachable', code: 'ssh_forward_failed' });
    expect(error.message).toContain('broker:8888');
  });

  it('that is opened too late is closed again', async () => {
    const { promise: closed, resolve } = withResolvers();
    const server = await serve({
      onForward: (accept) => setTimeout(() => accept().resume().on('close', resolve), 800),
    });
    await failure(hostOf(server).openStream('broker', 8888, { deadline: 300 }));
    await closed;
  });
});

describe('a host that is closed', () => {
  it('in the middle of the login leaves no connection behind', async () => {
    const server = await serve({ isLoginSilent: true });
    const host = hostOf(server, { connectTimeout: 60_000 });
    const running = failure(host.run('x'));
    await until(() => server.logins.length > 0, 'there is no login');
    host.close();
    expect(await running).toMatchObject({ kind: 'unreachable', code: 'ssh_unreachable' });
    await until(() => server.connections() === 0, 'the connection still stands');
  });
});

function withResolvers() {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((settle) => (resolve = settle));
  return { promise, resolve };
}
