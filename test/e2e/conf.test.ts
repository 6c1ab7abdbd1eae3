import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { vmqctl } from '../support/cli.js';
import { freePort } from '../support/ports.js';
import { type Sshd, startSshd } from '../support/sshd.js';

const SECRET = 's3cret-c00kie';
const sound = (number: number) => `nodename = VerneMQ@10.0.0.${number}
distributed_cookie = ${SECRET}
listener.vmq.clustering = 10.0.0.${number}:44053
`;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vmqctl-e2e-conf-'));
});
afterEach(() => rm(folder, { recursive: true }));

const at = (...names: string[]) => join(folder, ...names);
async function put(name: string, text: string | Buffer): Promise<string> {
  await writeFile(at(name), text);
  return at(name);
}

describe('vmqctl conf lint', () => {
  const lint = (...args: string[]) => vmqctl(['conf', 'lint', ...args]);

  test('finds nothing in a sound cluster', async () => {
    const files = [await put('a.conf', sound(1)), await put('b.conf', sound(2))];
    expect(await lint(...files)).toEqual({
      stdout: 'nothing found: 2 nodes, checked for VerneMQ 2.2.0\n',
      stderr: '',
      exitCode: 0,
    });
  });

  test('tells file, line, key, what comes of it and what to do', async () => {
    const file = await put('a.conf', `${sound(1)}allow_anonymous = yes\n`);
    const { stdout, stderr, exitCode } = await lint(file);
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 1 });
    expect(stdout).toBe(
      `${file}:4: critical: allow_anonymous: this value is refused: the broker does not start [bad_value]\n` +
        '  -> Give on or off.\n1 critical, 0 warnings: 1 node, checked for VerneMQ 2.2.0\n',
    );
  });

  test('a folder is vernemq.conf with its conf.d, hidden files too', async () => {
    await put('vernemq.conf', `${sound(1)}include conf.d/*.conf\n`);
    await mkdir(at('conf.d'));
    await put('conf.d/.z.conf', 'retry_interval = soon\n');
    await put('conf.d/other.txt', 'not read\n');
    const { stdout, exitCode } = await lint(folder);
    expect(exitCode).toBe(1);
    expect(stdout).toContain(`${at('conf.d', '.z.conf')}:1: critical: retry_interval:`);
    expect(stdout).toContain('1 critical, 0 warnings');
  });

  test('an include may have an absolute path', async () => {
    const other = await put('other.txt', 'retry_interval = soon\n');
    const file = await put('a.conf', `${sound(1)}include ${other}\n`);
    const { stdout } = await lint(file);
    expect(stdout).toMatch(new RegExp(`^${other}:1: critical: retry_interval: `));
  });

  test('vm.args in a folder is compared with it, without a word of the cookie', async () => {
    await put('vernemq.conf', sound(1));
    await put('vm.args', `-name VerneMQ@10.0.0.1\n-setcookie other-${SECRET}\n`);
    const { stdout } = await lint(folder);
    expect(stdout).toContain('[vm_args_cookie]');
    expect(stdout).not.toContain(SECRET);
  });

  test('- is standard input, whose includes are told as not read', async () => {
    const { stdout, exitCode } = await vmqctl(['conf', 'lint', '-'], {
      input: `${sound(1)}include conf.d/*.conf\n`,
    });
    expect(exitCode).toBe(0);
    expect(stdout).toContain('not read: conf.d/*.conf');
  });

  test.each([
    [[], 0],
    [['--fail-on', 'warn'], 1],
    [['--fail-on', 'never'], 0],
  ])('a warning with %j ends with exit code %i', async (flags, expected) => {
    const file = await put('a.conf', `${sound(1)}allow_anonymous = on\n`);
    expect((await lint(file, ...flags)).exitCode).toBe(expected);
  });

  test('all formats have the same findings, and none has the cookies that differ', async () => {
    const files = [
      await put('a.conf', sound(1)),
      await put('b.conf', sound(2).replace(SECRET, `x${SECRET}`)),
    ];
    const [json, csv, yaml] = await Promise.all(
      ['json', 'csv', 'yaml'].map((format) => lint(...files, '--format', format)),
    );
    expect(JSON.parse(json?.stdout ?? '')).toMatchObject({
      schema: 'vmqctl.conf-lint/1',
      brokerVersion: '2.2.0',
      nodes: files,
      findings: [{ code: 'cookies_differ', severity: 'critical', key: 'distributed_cookie', line: 2 }],
    });
    expect(csv?.stdout).toContain('critical,cookies_differ,');
    expect(yaml?.stdout).toContain('code: cookies_differ');
    for (const result of [json, csv, yaml]) expect(JSON.stringify(result)).not.toContain(SECRET);
  });

  test('the older version knows fewer keys', async () => {
    const file = await put('a.conf', `${sound(1)}cluster_ready_rpc_timeout = 1\n`);
    expect((await lint(file)).exitCode).toBe(0);
    expect((await lint(file, '--broker-version', '2.1.2')).stdout).toContain('[key_too_new]');
  });

  test('bytes that are no UTF-8 are found', async () => {
    const file = await put('a.conf', Buffer.from(`${sound(1)}# caf\xe9\n`, 'latin1'));
    expect((await lint(file)).stdout).toContain(':4: critical: a character that is not UTF-8');
  });

  test('what cannot be read is told, with exit code 65', async () => {
    const loop = await put('loop.conf', 'include loop.conf\n');
    const long = await put('long.conf', Buffer.alloc(2 * 1024 * 1024, '#'));
    for (const file of [at('nowhere'), folder, loop, long]) {
      const { stdout, stderr, exitCode } = await lint(file);
      expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 65 });
      expect(stderr).toContain(file);
    }
  });

  test.each([[['a', 'a']], [['a', '--node', 'ssh://h']], [['--fail-on', 'x', 'a']]])(
    '%j is wrong usage',
    async (args) => {
      expect((await lint(...args)).exitCode).toBe(64);
    },
  );
});

describe('vmqctl conf lint over SSH', () => {
  let sshd: Sshd;
  beforeAll(async () => {
    sshd = await startSshd();
  });
  afterAll(() => sshd.stop());
  const lint = (path: string, ...nodes: string[]) =>
    vmqctl(['conf', 'lint', '--path', path, ...nodes.flatMap((node) => ['--node', node])], {
      env: { HOME: sshd.home },
      timeout: 60_000,
    });

  test('reads conf.d too, and compares secrets that it never shows', async () => {
    await mkdir(at('conf.d'));
    const path = await put('vernemq.conf', `${sound(1)}include conf.d/*.conf\n`);
    await put('conf.d/x.conf', 'distributed_cookie = vmq\nvmq_diversity.redis.password = "pa55"\n');
    const { stdout, stderr, exitCode } = await lint(path, sshd.url);
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 1 });
    const { hostname } = new URL(sshd.url);
    expect(stdout).toContain(`${hostname}:${at('conf.d', 'x.conf')}:1: critical: distributed_cookie:`);
    expect(stdout).toContain('[quotes_kept]');
    expect(stdout).not.toMatch(/s3cret|pa55/);
  });

  test('checks those that it reaches, and says with exit code 3 which it does not', async () => {
    const path = await put('vernemq.conf', sound(1));
    const closed = `ssh://127.0.0.1:${await freePort()}`;
    const { stdout, stderr, exitCode } = await lint(path, sshd.url, closed, 'http://10.0.0.9:8888');
    expect(exitCode).toBe(3);
    expect(stdout).toContain('nothing found: 1 node');
    expect(stderr).toMatch(/warning: .*127\.0\.0\.1.*its configuration is not checked/);
    expect(stderr).toContain('http://10.0.0.9:8888 does not tell of a host');
  });

  test('ends with the failure itself where none is reached', async () => {
    expect((await lint('/x', `ssh://127.0.0.1:${await freePort()}`)).exitCode).toBe(69);
    expect((await lint(at('nowhere'), sshd.url)).exitCode).toBe(78);
    expect((await lint('/x', 'http://127.0.0.1:1')).exitCode).toBe(64);
  });
});

describe('vmqctl conf render', () => {
  const DESCRIPTION = `cookie: env:COOKIE
nodes:
  - name: VerneMQ@10.0.0.1
  - name: VerneMQ@10.0.0.2
listeners: { tcp: 1883 }
`;
  const render = (file: string, ...args: string[]) =>
    vmqctl(['conf', 'render', file, '--out', at('out'), ...args], { env: { COOKIE: SECRET } });
  const written = (node: string) => at('out', node, 'vernemq.conf');

  test('a dry run shows all but the secrets, and writes nothing', async () => {
    const file = await put('cluster.yaml', DESCRIPTION);
    for (const format of ['table', 'json', 'csv', 'yaml']) {
      const { stdout, stderr, exitCode } = await render(file, '--dry-run', '--format', format);
      expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
      expect(stdout).toContain('VerneMQ@10.0.0.2');
      expect(stdout).not.toContain(SECRET);
    }
    await expect(stat(at('out'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('writes files that lint finds nothing in, for their owner alone', async () => {
    const file = await put('cluster.yaml', DESCRIPTION);
    const { stdout, exitCode } = await render(file);
    expect(exitCode).toBe(0);
    expect(stdout).not.toContain(SECRET);
    const nodes = ['VerneMQ@10.0.0.1', 'VerneMQ@10.0.0.2'];
    for (const node of nodes) expect((await stat(written(node))).mode & 0o777).toBe(0o600);
    expect(await readFile(written('VerneMQ@10.0.0.1'), 'utf8')).toContain(`distributed_cookie = ${SECRET}\n`);
    const lint = await vmqctl(['conf', 'lint', ...nodes.map((node) => at('out', node))]);
    expect(lint.stdout).toContain('nothing found: 2 nodes');
    expect((await render(file)).exitCode).toBe(0);
  });

  test('replaces no other file unless it is told to', async () => {
    const file = await put('cluster.yaml', DESCRIPTION);
    await mkdir(at('out', 'VerneMQ@10.0.0.2'), { recursive: true });
    await writeFile(written('VerneMQ@10.0.0.2'), 'by hand\n');
    const refused = await render(file);
    expect(refused.exitCode).toBe(4);
    expect(refused.stderr).toContain('--overwrite');
    await expect(stat(written('VerneMQ@10.0.0.1'))).rejects.toMatchObject({ code: 'ENOENT' });
    expect((await render(file, '--overwrite')).exitCode).toBe(0);
    expect(await readFile(written('VerneMQ@10.0.0.2'), 'utf8')).toContain('nodename = VerneMQ@10.0.0.2');
  });

  test.each([
    ['nodes:\n  - nam: x\n', 65, 'cluster.yaml:1: cookie: is missing'],
    [`${DESCRIPTION}settings: { listener.vmq.clustering: '0.0.0.0:1' }\n`, 65, 'critical fault'],
    [DESCRIPTION.replace('env:COOKIE', 'env:NOT_SET'), 78, 'NOT_SET'],
  ])('%j is refused with exit code %i', async (text, expected, message) => {
    const { stderr, exitCode } = await render(await put('cluster.yaml', text));
    expect(exitCode).toBe(expected);
    expect(stderr).toContain(message);
    await expect(stat(at('out'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('a description that is not there ends with exit code 65', async () => {
    expect((await render(at('nowhere.yaml'))).exitCode).toBe(65);
  });
});
