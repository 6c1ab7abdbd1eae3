import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type Method, type RemoteOptions, tryFromHost } from '../../src/lib/cluster/ports/remote.js';
import { SshHosts } from '../../src/lib/ssh/ssh-hosts.js';
import { type FullPort, startFullPort } from '../support/full-port.js';
import { type Peer, startPeer } from '../support/peers.js';
import { freePort } from '../support/ports.js';
import { type Sshd, startSshd } from '../support/sshd.js';

let sshd: Sshd;
let full: FullPort;
let peer: Peer;
let closed: number;
beforeAll(async () => {
  sshd = await startSshd();
  full = await startFullPort();
  peer = await startPeer();
  closed = await freePort();
});
afterAll(async () => {
  await full.stop();
  await peer.stop();
  await sshd.stop();
});

const at = (port: number, host = '127.0.0.1') => ({ host, port });

function tryFrom(
  from: Sshd,
  ports: readonly { host: string; port: number }[],
  options: Partial<RemoteOptions>,
) {
  const hosts = new SshHosts({ home: from.home });
  onTestFinished(() => hosts.close());
  return tryFromHost(hosts.host(from.url), ports, { deadline: 1000, ...options });
}

/** A host on which nothing is to be found but what every host has, and these programs. */
async function hostWith(programs: Readonly<Record<string, string>>): Promise<Sshd> {
  const folder = await mkdtemp(join(tmpdir(), 'vmqctl-tools-'));
  const bin = join(folder, 'bin');
  await mkdir(bin);
  for (const tool of ['sh', 'tr', 'cut', 'head', 'cat']) await symlink(`/usr/bin/${tool}`, join(bin, tool));
  for (const [name, text] of Object.entries(programs)) {
    await writeFile(join(bin, name), text);
    await chmod(join(bin, name), 0o755);
  }
  const bare = await startSshd({ home: sshd.home, config: [`SetEnv PATH=${bin} HOME=${folder}`] });
  onTestFinished(async () => {
    await bare.stop();
    await rm(folder, { recursive: true });
  });
  return bare;
}

const isThere = (program: string) => ['/usr/bin', '/bin'].some((folder) => existsSync(join(folder, program)));

describe('connects from a host over SSH', () => {
  // bash and perl belong to every Debian; python is tried where it is.
  it.each((['bash', 'perl', 'python3'] as Method[]).filter(isThere))(
    'tell open, refused and filtered apart with %s',
    async (method) => {
      const { verdicts, ...said } = await tryFrom(sshd, [at(peer.port), at(closed), at(full.port)], {
        method,
      });
      expect(said).toEqual({ method });
      expect(verdicts.map(({ state }) => state)).toEqual(['open', 'refused', 'filtered']);
    },
  );

  it('use bash where nothing else is asked for, many at once and in their order', async () => {
    const ports = Array.from({ length: 40 }, (_, index) => at(index % 2 === 0 ? peer.port : closed));
    const { method, verdicts } = await tryFrom(sshd, ports, {});
    expect(method).toBe('bash');
    expect(verdicts.map(({ state }) => state)).toEqual(
      ports.map((_, index) => (index % 2 === 0 ? 'open' : 'refused')),
    );
  });

  it('use nc where there is nothing better, and what it says', async () => {
    const nc = `#!/bin/sh
[ "$1 $2 $3 $4" = "-z -v -w 1" ] || exit 9
case $6 in
  1) exit 0 ;;
  2) echo "nc: connect to $5 port $6 (tcp) failed: Connection refused" >&2; exit 1 ;;
  3) echo "nc: connect to $5 port $6 (tcp) timed out: Operation now in progress" >&2; exit 1 ;;
esac`;
    const { method, verdicts } = await tryFrom(await hostWith({ nc }), [at(1), at(2), at(3)], {});
    expect(method).toBe('nc');
    expect(verdicts.map(({ state }) => state)).toEqual(['open', 'refused', 'filtered']);
  });

  it('pass by a bash that was built without connections', async () => {
    const bash = '#!/bin/sh\necho "bash: /dev/tcp/127.0.0.1/1: No such file or directory" >&2; exit 1\n';
    const perl = '#!/bin/sh\nexit 0\n';
    const host = await hostWith({ bash, perl, timeout: '#!/bin/sh\nexit 0\n' });
    expect((await tryFrom(host, [at(1)], {})).method).toBe('perl');
  });

  it('say so where the host has nothing to connect with', async () => {
    const { method, verdicts } = await tryFrom(await hostWith({}), [at(peer.port)], {});
    expect(method).toBe('none');
    expect(verdicts).toEqual([
      { state: 'unknown', detail: 'the host has neither bash, python, perl nor nc to try it with' },
    ]);
  });

  it('never hand on what is no host', async () => {
    const evil = ['$(touch /tmp/evil)', '-e', 'a b', 'a,b', '../../etc', "'", ''];
    const { verdicts } = await tryFrom(sshd, [...evil.map((host) => at(1, host)), at(peer.port)], {});
    expect(verdicts.slice(0, -1).every(({ detail }) => detail === 'that is no host')).toBe(true);
    expect(verdicts.at(-1)).toMatchObject({ state: 'open' });
  });
});
