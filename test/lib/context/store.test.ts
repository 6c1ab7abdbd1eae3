import { chmod, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { addContext, type NewContext } from '../../../src/lib/context/add.js';
import { readSelection } from '../../../src/lib/context/current.js';
import { loadContext } from '../../../src/lib/context/load.js';
import { findContext, forgetContext, listContexts, useContext } from '../../../src/lib/context/manage.js';
import { saveContext } from '../../../src/lib/context/store.js';
import { Secret } from '../../../src/lib/secret.js';
import { failureOf, shown, tempFile, tempFolder } from './temp-folder.js';

let folder = '';
let environment: NodeJS.ProcessEnv = {};
beforeEach(async () => {
  folder = join(await tempFolder(), 'config');
  environment = { VMQCTL_CONFIG_DIR: folder };
});

const add = (name: string, more: Partial<NewContext> = {}) =>
  addContext({ name, nodes: ['http://127.0.0.1:8888'], use: false, replace: false, ...more }, environment);
const file = (name: string) => join(folder, 'contexts', `${name}.json`);
const modeOf = async (path: string) => ((await stat(path)).mode & 0o777).toString(8);
const agree = async () => undefined;

describe('how hosts are reached over SSH', () => {
  it('is saved and read again, with paths made absolute and the password kept beside', async () => {
    const ssh = {
      sshConfig: 'config',
      sshPrefix: 'docker exec -i v',
      vmqAdmin: '/v',
      sshPasswordFrom: 'env:P',
    };
    const { saved } = await add('prod', { nodes: ['ssh://root@h?via=ssh://b'], ...ssh, sudo: true });
    expect(saved).toMatchObject({ ...ssh, sshConfig: join(process.cwd(), 'config'), sudo: true });
    expect((await findContext('prod', environment)).saved).toEqual(saved);
    await add('lab', { sudo: false });
    expect(JSON.parse(await readFile(file('lab'), 'utf8'))).not.toHaveProperty('sudo');
  });

  it('a prefix that is no command is refused, and nothing is saved', async () => {
    expect(await failureOf(add('prod', { sshPrefix: '"open' }))).toMatchObject({
      code: 'bad_command_prefix',
    });
    expect(await failureOf(stat(file('prod')))).toMatchObject({ code: 'ENOENT' });
  });
});

describe('adding a context', () => {
  it('writes files that only their owner can read, in folders that only he can enter', async () => {
    await add('prod', { apiKeyFrom: 'file:key' });
    expect(await modeOf(file('prod'))).toBe('600');
    expect(await modeOf(join(folder, 'current'))).toBe('600');
    for (const path of [folder, join(folder, 'contexts')]) expect(await modeOf(path)).toBe('700');
  });

  it('leaves nothing else behind', async () => {
    await add('prod');
    await failureOf(add('prod'));
    await add('prod', { replace: true });
    expect((await readdir(folder, { recursive: true })).sort()).toEqual([
      'contexts',
      'contexts/prod.json',
      'current',
    ]);
  });

  it('saves where things are from every folder, not from this one', async () => {
    const { saved } = await add('prod', { apiKeyFrom: 'file:key', caFile: 'ca.pem' });
    expect(saved).toMatchObject({
      apiKeyFrom: `file:${join(process.cwd(), 'key')}`,
      caFile: join(process.cwd(), 'ca.pem'),
    });
  });

  it('refuses to overwrite, and changes nothing', async () => {
    await add('prod');
    const before = await readFile(file('prod'), 'utf8');
    expect(await failureOf(add('prod', { nodes: ['http://b:1'] }))).toMatchObject({
      kind: 'safety',
      code: 'context_exists',
    });
    expect(await readFile(file('prod'), 'utf8')).toBe(before);
  });

  it('replaces on demand, keeping what a later version has added', async () => {
    await add('prod', { redis: 'redis://h' });
    const document = JSON.parse(await readFile(file('prod'), 'utf8'));
    await writeFile(file('prod'), JSON.stringify({ ...document, sshUser: 'root' }));
    await add('prod', { nodes: ['http://b:1'], replace: true });
    expect(JSON.parse(await readFile(file('prod'), 'utf8'))).toEqual({
      schema: 'vmqctl.context/1',
      name: 'prod',
      nodes: ['http://b:1'],
      sshUser: 'root',
    });
  });

  it('replaces a kept secret, drops one that is no longer wanted, and leaves one that is named', async () => {
    const path = join(folder, 'secrets', 'prod.api-key');
    const keep = async () => {
      await mkdir(join(folder, 'secrets'), { recursive: true, mode: 0o700 });
      await writeFile(path, 's3cret\n', { mode: 0o600 });
    };
    await add('prod');
    await keep();
    await add('prod', { apiKeyFrom: `file:${path}`, replace: true });
    expect(await readFile(path, 'utf8')).toBe('s3cret\n');
    await add('prod', { replace: true });
    expect(await failureOf(stat(path))).toMatchObject({ code: 'ENOENT' });
    await keep();
    const saved = { name: 'prod', nodes: ['http://b:1'], apiKeyFrom: `file:${path}` };
    await saveContext(folder, saved, { 'api-key': new Secret('other') }, true);
    expect(await readFile(path, 'utf8')).toBe('other\n');
    expect(await modeOf(path)).toBe('600');
  });

  it('mends a broken one by replacing it', async () => {
    await add('prod');
    await writeFile(file('prod'), '{');
    await add('prod', { replace: true });
    expect(await loadContext(folder, 'prod')).toMatchObject({ name: 'prod' });
  });

  it('makes the first one the current one, and later ones on demand', async () => {
    expect((await add('one')).isCurrent).toBe(true);
    expect((await add('two')).isCurrent).toBe(false);
    expect((await add('three', { use: true })).isCurrent).toBe(true);
    expect(await readSelection(folder)).toEqual({ current: 'three', previous: 'one' });
  });

  it('takes the place of a current one that somebody has removed by hand', async () => {
    await add('one');
    await rm(file('one'));
    expect((await add('two')).isCurrent).toBe(true);
  });

  it.each(['../x', '..', '.', '', '-x', 'a/b', 'a\\b', 'a b', 'ü', 'x'.repeat(65), '.hidden', 'a\n'])(
    'refuses the name %j',
    async (name) => {
      expect(await failureOf(add(name))).toMatchObject({ kind: 'usage', code: 'bad_context_name' });
      expect(await failureOf(stat(folder))).toMatchObject({ code: 'ENOENT' });
    },
  );

  it('needs a node', async () => {
    expect(await failureOf(add('prod', { nodes: [] }))).toMatchObject({ kind: 'usage', code: 'no_node' });
  });

  it('says where it cannot write', async () => {
    await writeFile(folder, 'a file where the folder should be');
    const failure = await failureOf(add('prod'));
    expect(failure.kind).toBe('configuration');
    expect(failure.message).toContain(folder);
  });

  it('of many at once with one name succeeds once, and leaves one whole file', async () => {
    const results = await Promise.allSettled(
      Array.from({ length: 20 }, (_, index) => add('prod', { nodes: [`http://n${index}:1`] })),
    );
    const won = results.findIndex(({ status }) => status === 'fulfilled');
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await loadContext(folder, 'prod')).toMatchObject({ nodes: [`http://n${won}:1`] });
    expect(await readdir(join(folder, 'contexts'))).toEqual(['prod.json']);
  });

  it('of many at once with many names loses none, and selects one', async () => {
    const added = await Promise.all(Array.from({ length: 20 }, (_, index) => add(`c${index}`)));
    expect(added.filter(({ isCurrent }) => isCurrent)).toHaveLength(1);
    expect((await listContexts(environment)).contexts).toHaveLength(20);
  });
});

describe('a context file', () => {
  beforeEach(async () => {
    await add('prod');
  });

  const good = { schema: 'vmqctl.context/1', name: 'prod', nodes: ['http://a:1'] };

  it.each([
    ['{"nodes": ["S3cret', 'no JSON'],
    ['[]', 'no JSON object'],
    ['null', 'no JSON object'],
    [JSON.stringify({ ...good, schema: 'vmqctl.context/2' }), 'schema: it is not vmqctl.context/1'],
    [JSON.stringify({ ...good, name: 'other' }), 'name: it is not prod'],
    [JSON.stringify({ ...good, nodes: [] }), 'nodes: it is no list of URLs'],
    [JSON.stringify({ ...good, nodes: 'http://a' }), 'nodes: it is no list'],
    [JSON.stringify({ ...good, nodes: ['http://a', 'http://S3cret@b'] }), 'nodes[1]: it has an API key'],
    [JSON.stringify({ ...good, redis: 'redis://:S3cret@h' }), 'redis: it has a password'],
    [JSON.stringify({ ...good, apiKeyFrom: 'S3cret' }), 'apiKeyFrom: it takes the place of a secret'],
    [JSON.stringify({ ...good, apiKeyFrom: 'stdin' }), 'apiKeyFrom: it cannot be stdin'],
    [JSON.stringify({ ...good, apiKeyHeader: 'S3cret' }), 'apiKeyHeader: it is neither'],
    [JSON.stringify({ ...good, caFile: 7 }), 'caFile: it is no text'],
    [JSON.stringify({ ...good, nodes: ['ssh://root:S3cret@b'] }), 'nodes[0]: it has a password in it'],
    [
      JSON.stringify({ ...good, nodes: ['http://b?via=ssh://r:S3cret@b'] }),
      'nodes[0]: via in it has a password',
    ],
    [
      JSON.stringify({ ...good, sshPasswordFrom: 'S3cret' }),
      'sshPasswordFrom: it takes the place of a secret',
    ],
    [JSON.stringify({ ...good, sshPrefix: "it's S3cret" }), 'sshPrefix: it is no command'],
    [JSON.stringify({ ...good, vmqAdmin: '' }), 'vmqAdmin: it is empty'],
    [JSON.stringify({ ...good, sudo: 'S3cret' }), 'sudo: it is neither true nor false'],
  ])('that is broken is named with the member, never with its value: %s', async (text, reason) => {
    await writeFile(file('prod'), text);
    const failure = await failureOf(findContext('prod', environment));
    expect(failure).toMatchObject({ kind: 'configuration', code: 'broken_context' });
    expect(failure.message).toContain(file('prod'));
    expect(failure.message).toContain(reason);
    expect(shown(failure)).not.toContain('S3cret');
  });

  it('that others can write is not trusted: it names commands that would be run', async () => {
    await chmod(file('prod'), 0o620);
    expect(await failureOf(findContext('prod', environment))).toMatchObject({
      kind: 'configuration',
      code: 'context_too_open',
    });
  });

  it('that is broken does not hide the others', async () => {
    await add('lab');
    await writeFile(file('prod'), '{');
    const { contexts } = await listContexts(environment);
    expect(contexts).toMatchObject([
      { name: 'lab', saved: {} },
      { name: 'prod', problem: expect.stringContaining('no JSON') },
    ]);
  });

  it('is normalised when it was written by hand', async () => {
    await writeFile(file('prod'), JSON.stringify({ ...good, nodes: ['http://A:1/', 'http://a:1'] }));
    expect(await loadContext(folder, 'prod')).toMatchObject({ nodes: ['http://a:1'] });
  });
});

describe('using a context', () => {
  it('goes there and back', async () => {
    await add('one');
    await add('two');
    await useContext('two', environment);
    expect((await useContext('-', environment)).name).toBe('one');
    expect((await useContext('-', environment)).name).toBe('two');
    await useContext('two', environment);
    expect(await readSelection(folder)).toEqual({ current: 'two', previous: 'one' });
  });

  it('refuses what is not there', async () => {
    expect(await failureOf(useContext('-', environment))).toMatchObject({
      kind: 'configuration',
      code: 'no_previous_context',
    });
    expect(await failureOf(findContext(undefined, environment))).toMatchObject({
      kind: 'configuration',
      code: 'no_context',
    });
    await add('prod');
    const failure = await failureOf(useContext('prof', environment));
    expect(failure.message).toContain('did you mean prod?');
    expect(await readSelection(folder)).toEqual({ current: 'prod' });
  });
});

describe('removing a context', () => {
  it('removes it, its kept secrets, and its being the current one', async () => {
    await add('prod');
    await mkdir(join(folder, 'secrets'), { mode: 0o700 });
    await writeFile(join(folder, 'secrets', 'prod.api-key'), 's3cret\n', { mode: 0o600 });
    await writeFile(join(folder, 'secrets', 'prod.eu.api-key'), 'not its own', { mode: 0o600 });
    const { wasCurrent } = await forgetContext('prod', environment, agree);
    expect(wasCurrent).toBe(true);
    expect(await readSelection(folder)).toBeUndefined();
    expect((await readdir(folder, { recursive: true })).sort()).toEqual([
      'contexts',
      'secrets',
      'secrets/prod.eu.api-key',
    ]);
  });

  it('leaves a secret file of the operator alone', async () => {
    const key = await tempFile('s3cret');
    await add('prod', { apiKeyFrom: `file:${key}` });
    await forgetContext('prod', environment, agree);
    expect(await readFile(key, 'utf8')).toBe('s3cret');
  });

  it('removes a broken one too', async () => {
    await add('prod');
    await writeFile(file('prod'), '{');
    await forgetContext('prod', environment, agree);
    expect((await listContexts(environment)).contexts).toEqual([]);
  });

  it('changes nothing without consent', async () => {
    await add('prod');
    const refuse = async () => {
      throw new Error('no');
    };
    expect(await failureOf(forgetContext('prod', environment, refuse))).toMatchObject({ message: 'no' });
    expect(await loadContext(folder, 'prod')).toBeDefined();
  });

  it('refuses what is not there without asking', async () => {
    const never = async () => {
      throw new Error('asked');
    };
    expect(await failureOf(forgetContext('prod', environment, never))).toMatchObject({
      code: 'unknown_context',
    });
    expect(await failureOf(forgetContext('../x', environment, never))).toMatchObject({
      code: 'bad_context_name',
    });
  });
});
