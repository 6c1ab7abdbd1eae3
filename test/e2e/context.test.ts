import { chmod, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { tempFile, tempFolder } from '../lib/context/temp-folder.js';
import { type CliOptions, vmqctl } from '../support/cli.js';
import { freePort } from '../support/ports.js';

const SECRET = 'JxIXuyhLwl9uS';

let folder = '';
beforeEach(async () => {
  folder = join(await tempFolder(), 'config');
});

const context = (args: string[], { env, ...rest }: CliOptions = {}) =>
  vmqctl(['context', ...args], { env: { VMQCTL_CONFIG_DIR: folder, ...env }, ...rest });
const modeOf = async (path: string) => ((await stat(path)).mode & 0o777).toString(8);

/** What every file below the folder says. */
async function everythingIn(root: string): Promise<string> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return (await Promise.all(files.map((file) => readFile(file, 'utf8')))).join('\n');
}

describe('a context from first to last', () => {
  it('add, list, use, show, remove', async () => {
    const added = await context([
      'add',
      'prod',
      '--node',
      'http://127.0.0.1:8888',
      '--node',
      'http://127.0.0.2:8888',
    ]);
    expect(added).toMatchObject({ exitCode: 0, stderr: '' });
    expect(added.stdout).toContain('saved context prod, which is the current one');

    await context([
      'add',
      'lab',
      '--node',
      'http://127.0.0.1:1,http://127.0.0.1:2',
      '--redis',
      'redis://127.0.0.1:6379/0',
    ]);
    const list = JSON.parse((await context(['list', '--json'])).stdout);
    expect(list).toMatchObject({
      schema: 'vmqctl.context-list/1',
      current: 'prod',
      contexts: [
        {
          name: 'lab',
          current: false,
          nodes: ['http://127.0.0.1:1', 'http://127.0.0.1:2'],
          redis: 'redis://127.0.0.1:6379/0',
        },
        {
          name: 'prod',
          current: true,
          nodes: ['http://127.0.0.1:8888', 'http://127.0.0.2:8888'],
          redis: null,
        },
      ],
    });

    expect((await context(['use', 'lab'])).exitCode).toBe(0);
    expect(JSON.parse((await context(['show', '--json'])).stdout)).toMatchObject({
      schema: 'vmqctl.context/1',
      name: 'lab',
    });
    expect((await context(['use', '-'])).stdout).toContain('prod is the current context');

    const removed = await context(['remove', 'prod', '--yes']);
    expect(removed.exitCode).toBe(0);
    expect(removed.stdout).toContain('no context is the current one now');
    expect(JSON.parse((await context(['list', '--json'])).stdout)).toMatchObject({
      current: null,
      contexts: [{ name: 'lab' }],
    });
  });

  it('lists nothing, in every format, before the first is saved', async () => {
    expect(await context(['list'])).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('no context is saved'),
    });
    expect(JSON.parse((await context(['list', '--json'])).stdout).contexts).toEqual([]);
  });

  it('takes everything from the environment too', async () => {
    const env = {
      VMQCTL_NODE: 'http://127.0.0.1:1, http://127.0.0.1:2',
      VMQCTL_REDIS: 'redis://127.0.0.1:6379/0',
      VMQCTL_API_KEY_FROM: 'env:KEY',
      VMQCTL_API_KEY_HEADER: 'x-api-key',
    };
    expect(JSON.parse((await context(['add', 'prod', '--json'], { env })).stdout)).toMatchObject({
      nodes: ['http://127.0.0.1:1', 'http://127.0.0.1:2'],
      redis: 'redis://127.0.0.1:6379/0',
      apiKeyFrom: 'env:KEY',
      apiKeyHeader: 'x-api-key',
    });
    expect((await context(['show'], { env: { VMQCTL_CONTEXT: 'other' } })).exitCode).toBe(78);
  });

  it('keeps a secret from standard input in a file of mode 0600, says so, and removes it with the context', async () => {
    const args = ['add', 'prod', '--node', 'http://127.0.0.1:8888', '--api-key-from', 'stdin'];
    const added = await context(args, { input: `${SECRET}\n` });
    const file = join(folder, 'secrets', 'prod.api-key');
    expect(added).toMatchObject({ exitCode: 0, stderr: '' });
    expect(added.stdout).toContain(`kept in ${file}, mode 0600`);
    expect(added.stdout).not.toContain(SECRET);
    expect(await readFile(file, 'utf8')).toBe(`${SECRET}\n`);
    for (const path of [file, join(folder, 'contexts/prod.json'), join(folder, 'current')])
      expect(await modeOf(path)).toBe('600');
    expect(await readFile(join(folder, 'contexts/prod.json'), 'utf8')).not.toContain(SECRET);

    const shown = await context(['show', 'prod']);
    expect(shown.stdout).toContain(`*** from file:${file}`);
    expect(shown.stdout).not.toContain(SECRET);
    expect((await context(['validate', 'prod'])).exitCode).toBe(0);

    await context(['remove', 'prod', '-y']);
    expect(await everythingIn(folder)).not.toContain(SECRET);
  });
});

describe('a secret on the command line', () => {
  it.each([
    ['as the source', ['--api-key-from', SECRET]],
    ['as the source, with =', [`--api-key-from=${SECRET}`]],
    ['as the source of the password', ['--redis-password-from', SECRET]],
    ['in the URL of a node', ['--node', `http://${SECRET}@127.0.0.1:8888`]],
    ['in the URL of a node, as a password', ['--node', `http://:${SECRET}@127.0.0.1:8888`]],
    ['in the URL of Redis', ['--redis', `redis://:${SECRET}@127.0.0.1`]],
    ['in a URL with a mistake', ['--redis', `redis//:${SECRET}@127.0.0.1`]],
    ['after a flag that does not exist', ['--api-key', SECRET]],
  ])('%s is refused, and neither repeated nor saved', async (_, more) => {
    const run = (format: string) =>
      context(['add', 'prod', '--node', 'http://127.0.0.1:8888', ...more, '--format', format], {
        env: { VMQCTL_DEBUG: '1' },
      });
    const [table, json] = await Promise.all([run('table'), run('json')]);
    expect(table).toMatchObject({ exitCode: 64, stdout: '' });
    expect(json.exitCode).toBe(64);
    expect(JSON.parse(json.stdout).error.exitCode).toBe(64);
    expect(JSON.stringify([table, json])).not.toContain(SECRET);
    expect(await context(['list', '--json'])).toMatchObject({
      stdout: expect.stringContaining('"contexts": []'),
    });
  });

  it('in VMQCTL_REDIS cannot be saved, and is not repeated', async () => {
    const env = { VMQCTL_REDIS: `redis://:${SECRET}@127.0.0.1` };
    const { stdout, stderr, exitCode } = await context(['add', 'prod', '--node', 'http://127.0.0.1:8888'], {
      env,
    });
    expect(exitCode).toBe(64);
    expect(stdout + stderr).not.toContain(SECRET);
    expect(stderr).toContain('VMQCTL_REDIS');
  });
});

describe('what goes wrong', () => {
  const add = (name: string, ...more: string[]) =>
    context(['add', name, '--node', 'http://127.0.0.1:8888', ...more]);

  it('two secrets from one standard input', async () => {
    const args = [
      'add',
      'prod',
      '--node',
      'http://127.0.0.1:1',
      '--api-key-from',
      'stdin',
      '--redis-password-from',
      'stdin',
    ];
    const { exitCode, stderr } = await context(args, { input: `${SECRET}\n` });
    expect(exitCode).toBe(64);
    expect(stderr).toContain('--redis-password-from cannot read standard input too: --api-key-from does');
    expect(stderr).not.toContain(SECRET);
    expect((await context(['show', 'prod'])).exitCode).toBe(78);
  });

  it('an empty standard input', async () => {
    const failed = await context(['add', 'prod', '--node', 'http://127.0.0.1:1', '--api-key-from', 'stdin'], {
      input: '\n',
    });
    expect(failed).toMatchObject({ exitCode: 78, stderr: expect.stringContaining('is empty') });
  });

  it('a name is missing: standard input is not taken for it', async () => {
    const failed = await context(['add', '--node', 'http://127.0.0.1:1'], { input: `${SECRET}\n` });
    expect(failed.exitCode).toBe(64);
    expect(await context(['list', '--json'])).toMatchObject({ stdout: expect.not.stringContaining(SECRET) });
  });

  it.each(['../x', 'a/b', '.', '..'])('a name that is a path: %s', async (name) => {
    expect(await add(name)).toMatchObject({
      exitCode: 64,
      stderr: expect.stringContaining('not a context name'),
    });
    expect(await context(['remove', name, '--yes'])).toMatchObject({ exitCode: 64 });
  });

  it('a name that is taken', async () => {
    await add('prod');
    expect(await add('prod')).toMatchObject({ exitCode: 4, stderr: expect.stringContaining('--replace') });
    expect((await add('prod', '--replace')).exitCode).toBe(0);
  });

  it('a name that is unknown: says what was meant', async () => {
    await add('prod');
    const commands = ['use', 'show', 'validate', 'remove'];
    const failed = await Promise.all(commands.map((command) => context([command, 'prdo'])));
    for (const result of failed) {
      expect(result).toMatchObject({ exitCode: 78, stderr: expect.stringContaining('did you mean prod?') });
    }
  });

  it('no --yes, and nobody to ask', async () => {
    await add('prod');
    expect(await context(['remove', 'prod'])).toMatchObject({
      exitCode: 4,
      stdout: '',
      stderr: expect.stringContaining('--yes'),
    });
    const document = JSON.parse((await context(['remove', 'prod', '--json'])).stdout);
    expect(document.error).toMatchObject({ code: 'not_confirmed', exitCode: 4 });
    expect((await context(['show', 'prod'])).exitCode).toBe(0);
  });

  it('a broken file', async () => {
    await add('prod');
    await writeFile(
      join(folder, 'contexts/prod.json'),
      JSON.stringify({ schema: 'vmqctl.context/1', name: 'prod', nodes: [7] }),
    );
    const failed = await context(['show', 'prod']);
    expect(failed).toMatchObject({
      exitCode: 78,
      stderr: expect.stringContaining('contexts/prod.json: nodes[0]: it is no text'),
    });
    expect((await context(['list'])).stdout).toContain('nodes[0]');
    expect((await context(['remove', 'prod', '--yes'])).exitCode).toBe(0);
  });

  it('ten processes that add at once', async () => {
    const results = await Promise.all(Array.from({ length: 10 }, () => add('prod')));
    expect(results.map(({ exitCode }) => exitCode).sort()).toEqual([0, 4, 4, 4, 4, 4, 4, 4, 4, 4]);
    expect((await context(['validate'])).exitCode).toBe(0);
    expect((await readdir(folder, { recursive: true })).sort()).toEqual([
      'contexts',
      'contexts/prod.json',
      'current',
    ]);
  });
});

describe('validate', () => {
  it('says which secret cannot be had, and why', async () => {
    const key = await tempFile(SECRET);
    await context(['add', 'prod', '--node', 'http://127.0.0.1:8888', '--api-key-from', `file:${key}`]);
    expect((await context(['validate'])).exitCode).toBe(0);

    await chmod(key, 0o644);
    const { stdout, exitCode } = await context(['validate', '--json']);
    expect(exitCode).toBe(78);
    expect(JSON.parse(stdout)).toMatchObject({
      schema: 'vmqctl.context-validate/1',
      name: 'prod',
      valid: false,
    });
    expect(stdout).toContain('can be read by other users');
    expect(stdout).not.toContain(SECRET);
  });

  it('passes on what a command says on stderr, not what it says on stdout', async () => {
    const line = `command:echo vault is locked >&2; echo ${SECRET}; exit 1`;
    await context(['add', 'prod', '--node', 'http://127.0.0.1:8888', '--api-key-from', line]);
    const { stdout, stderr, exitCode } = await context(['validate', '--format', 'csv']);
    expect(exitCode).toBe(78);
    expect(stderr).toBe('vault is locked\n');
    expect(stdout).toContain('ended with exit code 1');
  });

  it('--connect needs one node that answers', async () => {
    const node = createServer((_, response) =>
      response.end('[{"VerneMQ@127.0.0.1": {"mystatus": [{"VerneMQ@127.0.0.1": true}]}}]'),
    );
    await new Promise<void>((resolve) => node.listen(0, '127.0.0.1', resolve));
    const here = `http://127.0.0.1:${(node.address() as AddressInfo).port}`;
    const gone = `http://127.0.0.1:${await freePort()}`;
    await context(['add', 'prod', '--node', here, '--node', gone]);
    const good = await context(['validate', '--connect', '--deadline', '2s']);
    node.close();
    expect(good.exitCode).toBe(0);
    expect(good.stdout).toMatch(/answers; reaches VerneMQ@127\.0\.0\.1/);
    expect(await context(['validate', '--connect', '--deadline', '2s'])).toMatchObject({ exitCode: 69 });
  });

  it('--connect refuses an API key that the node does not take', async () => {
    const node = createServer((request, response) => {
      if (request.url !== '/status.json') response.writeHead(401).end();
      else response.end('[{"VerneMQ@127.0.0.1": {"mystatus": [{"VerneMQ@127.0.0.1": true}]}}]');
    });
    await new Promise<void>((resolve) => node.listen(0, '127.0.0.1', resolve));
    const here = `http://127.0.0.1:${(node.address() as AddressInfo).port}`;
    await context(['add', 'prod', '--node', here, '--api-key-from', 'env:KEY']);
    const refused = await context(['validate', '--connect'], { env: { KEY: SECRET } });
    node.close();
    expect(refused.exitCode).toBe(77);
    expect(refused.stdout + refused.stderr).not.toContain(SECRET);
  });

  it('--connect refuses a Redis that is not there', async () => {
    const node = createServer((_, response) =>
      response.end('[{"VerneMQ@127.0.0.1": {"mystatus": [{"VerneMQ@127.0.0.1": true}]}}]'),
    );
    await new Promise<void>((resolve) => node.listen(0, '127.0.0.1', resolve));
    const here = `http://127.0.0.1:${(node.address() as AddressInfo).port}`;
    await context(['add', 'prod', '--node', here, '--redis', `redis://127.0.0.1:${await freePort()}`]);
    expect(await context(['validate', '--connect'])).toMatchObject({ exitCode: 69, stderr: '' });
    node.close();
  });
});
