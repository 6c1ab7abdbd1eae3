import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { beforeEach, describe, expect, it } from 'vitest';
import { addContext, type NewContext } from '../../../src/lib/context/add.js';
import { type ClusterFlags, clusterSettings, redisSettings } from '../../../src/lib/context/settings.js';
import { failureOf, shown, tempFolder } from './temp-folder.js';

let folder = '';
beforeEach(async () => {
  folder = await tempFolder();
});

const environment = (more: Record<string, string> = {}) => ({
  PATH: process.env.PATH,
  VMQCTL_CONFIG_DIR: folder,
  PROD_KEY: 'prod-key',
  LAB_KEY: 'lab-key',
  PROD_PASSWORD: 'prod-password',
  ...more,
});

const save = (context: Partial<NewContext> & { name: string; nodes: string[] }) =>
  addContext({ use: false, replace: false, ...context }, environment());

/** `prod` is the current one. */
async function saveBoth() {
  await save({
    name: 'prod',
    nodes: ['http://p1:8888', 'http://p2:8888'],
    apiKeyFrom: 'env:PROD_KEY',
    apiKeyHeader: 'x-api-key',
    caFile: '/etc/prod.pem',
    redis: 'redis://prod:6379/0',
    redisPasswordFrom: 'env:PROD_PASSWORD',
  });
  await save({ name: 'lab', nodes: ['http://l1:8888'], apiKeyFrom: 'env:LAB_KEY' });
}

/** As the flag parser would call it: what is only in the environment is filled into the flags. */
function cluster(flags: Partial<ClusterFlags>, more: Record<string, string> = {}) {
  const twins = {
    context: more.VMQCTL_CONTEXT,
    node: more.VMQCTL_NODE,
    'api-key-from': more.VMQCTL_API_KEY_FROM,
    'cookie-from': more.VMQCTL_COOKIE_FROM,
  };
  return clusterSettings({ deadline: '5s', ...twins, ...flags }, environment(more));
}

function redis(flags: Record<string, string>, more: Record<string, string> = {}) {
  const twins = { context: more.VMQCTL_CONTEXT, redis: more.VMQCTL_REDIS };
  return redisSettings({ deadline: '5s', ...twins, ...flags }, environment(more));
}

describe('which nodes', () => {
  it('none: says all the ways to give one', async () => {
    const failure = await failureOf(cluster({}));
    expect(failure).toMatchObject({ kind: 'configuration', code: 'no_node' });
    expect(failure.hint).toMatch(/--node.*VMQCTL_NODE.*context add.*--context/);
  });

  it('typed ones, checked, without any context', async () => {
    expect(await cluster({ node: ['http://a:1/', 'http://b:1'] })).toEqual({
      nodes: ['http://a:1', 'http://b:1'],
      apiKeyHeader: 'basic',
      deadline: 5000,
    });
  });

  it("the environment's, which come as one text", async () => {
    expect((await cluster({}, { VMQCTL_NODE: 'http://a:1, http://b:1' })).nodes).toEqual([
      'http://a:1',
      'http://b:1',
    ]);
  });

  it("the current context's, or those of the one that is named", async () => {
    await saveBoth();
    expect(await cluster({})).toMatchObject({
      context: 'prod',
      nodes: ['http://p1:8888', 'http://p2:8888'],
      apiKeyHeader: 'x-api-key',
      caFile: '/etc/prod.pem',
    });
    expect(await cluster({ context: 'lab' })).toMatchObject({ context: 'lab', nodes: ['http://l1:8888'] });
    expect(await cluster({}, { VMQCTL_CONTEXT: 'lab' })).toMatchObject({ context: 'lab' });
  });

  it('flag before environment before context', async () => {
    await saveBoth();
    const more = { VMQCTL_NODE: 'http://env:1' };
    expect((await cluster({ node: ['http://flag:1'] }, more)).nodes).toEqual(['http://flag:1']);
    expect((await cluster({}, more)).nodes).toEqual(['http://env:1']);
    expect((await cluster({}, { ...more, VMQCTL_CONTEXT: 'lab' })).nodes).toEqual(['http://env:1']);
  });

  it('a context whose name is typed is not overruled by a variable that was exported before', async () => {
    await saveBoth();
    const more = { VMQCTL_NODE: 'http://env:1', VMQCTL_API_KEY: 'env-key', VMQCTL_CONTEXT: 'prod' };
    const settings = await cluster({ context: 'lab' }, more);
    expect(settings.nodes).toEqual(['http://l1:8888']);
    expect(settings.apiKey?.reveal()).toBe('lab-key');
  });

  it('bad ones and a bad deadline are usage failures', async () => {
    expect(await failureOf(cluster({ node: ['ssh://root@h/etc'] }))).toMatchObject({
      kind: 'usage',
      code: 'bad_ssh_url',
    });
    expect(await failureOf(cluster({ node: ['http://a:1'], deadline: 'soon' }))).toMatchObject({
      code: 'bad_duration',
    });
  });

  it('an unknown context is a configuration failure that says what was meant', async () => {
    await saveBoth();
    const failure = await failureOf(cluster({ context: 'prdo' }));
    expect(failure).toMatchObject({ kind: 'configuration', code: 'unknown_context' });
    expect(failure.message).toContain('did you mean prod?');
    expect(await failureOf(cluster({ context: '../prod' }))).toMatchObject({
      kind: 'usage',
      code: 'bad_context_name',
    });
  });
});

describe('which API key', () => {
  beforeEach(saveBoth);

  it("the context's own", async () => {
    expect((await cluster({})).apiKey?.reveal()).toBe('prod-key');
  });

  it('flag before environment before context', async () => {
    const more = { VMQCTL_API_KEY: 'env-key', OTHER: 'other-key' };
    expect((await cluster({}, more)).apiKey?.reveal()).toBe('env-key');
    expect((await cluster({ 'api-key-from': 'env:OTHER' }, more)).apiKey?.reveal()).toBe('other-key');
    expect((await cluster({}, { ...more, VMQCTL_API_KEY_FROM: 'env:OTHER' })).apiKey?.reveal()).toBe(
      'other-key',
    );
  });

  it('of the current context never goes to a foreign node', async () => {
    for (const node of [
      ['http://foreign:8888'],
      ['http://p1:8888', 'http://foreign:8888'],
      ['http://p1:9999'],
      ['https://p1:8888'],
    ]) {
      expect(await cluster({ node })).toEqual({ nodes: node, apiKeyHeader: 'basic', deadline: 5000 });
    }
    expect(await cluster({}, { VMQCTL_NODE: 'http://foreign:8888' })).not.toHaveProperty('apiKey');
  });

  it('of the current context goes to one of its own nodes, and of a named one to the node given with it', async () => {
    expect((await cluster({ node: ['http://p2:8888/'] })).apiKey?.reveal()).toBe('prod-key');
    expect((await cluster({ node: ['http://p3:8888'], context: 'prod' })).apiKey?.reveal()).toBe('prod-key');
  });

  it('that cannot be had names the context, and no other source is tried', async () => {
    const failure = await failureOf(cluster({}, { PROD_KEY: '' }));
    expect(failure).toMatchObject({ kind: 'configuration', code: 'empty_secret' });
    expect(failure.message).toContain('context prod');
  });

  it('given as itself is refused and not repeated', async () => {
    const failure = await failureOf(cluster({ 'api-key-from': 'S3cret' }));
    expect(failure).toMatchObject({ kind: 'usage', code: 'secret_in_argv' });
    expect(`${failure.message}${failure.hint}`).not.toContain('S3cret');
  });

  it('is nowhere in the settings as they would be printed', async () => {
    expect(JSON.stringify(await cluster({}))).not.toContain('prod-key');
  });
});

describe('which Redis', () => {
  it('none: says all the ways to give one', async () => {
    expect(await failureOf(redis({}))).toMatchObject({ kind: 'configuration', code: 'no_redis' });
    await save({ name: 'noredis', nodes: ['http://a:1'] });
    expect(await failureOf(redis({}))).toMatchObject({ kind: 'configuration', code: 'no_redis' });
  });

  it("the context's with its password, never sent elsewhere", async () => {
    await saveBoth();
    expect((await redis({})).password?.reveal()).toBe('prod-password');
    expect((await redis({ redis: 'redis://prod:6379/3' })).password?.reveal()).toBe('prod-password');
    expect(await redis({ redis: 'redis://foreign:6379/0' })).toEqual({
      url: 'redis://foreign:6379/0',
      deadline: 5000,
    });
  });

  it('a password inside VMQCTL_REDIS is split off', async () => {
    const settings = await redis({}, { VMQCTL_REDIS: 'redis://u:S3cret@h:6379/0' });
    expect(settings.url).toBe('redis://u@h:6379/0');
    expect(settings.password?.reveal()).toBe('S3cret');
    expect(JSON.stringify(settings)).not.toContain('S3cret');
  });

  it('has the password of its sentinels apart from its own, and no server without sentinels has it', async () => {
    const password = { VMQCTL_REDIS_SENTINEL_PASSWORD: 'sentinels' };
    const settings = await redis({ redis: 'redis+sentinel://h/m' }, password);
    expect(settings.sentinelPassword?.reveal()).toBe('sentinels');
    expect(settings).not.toHaveProperty('password');
    expect(await redis({ redis: 'redis://h' }, password)).not.toHaveProperty('sentinelPassword');
  });

  it('VMQCTL_REDIS_PASSWORD is before the one in the URL, a typed source before both', async () => {
    const more = {
      VMQCTL_REDIS: 'redis://u:S3cret@h:6379/0',
      VMQCTL_REDIS_PASSWORD: 'variable',
      OTHER: 'typed',
    };
    expect((await redis({}, more)).password?.reveal()).toBe('variable');
    expect((await redis({ 'redis-password-from': 'env:OTHER' }, more)).password?.reveal()).toBe('typed');
  });

  it('a password inside a typed URL is refused and not repeated', async () => {
    const failure = await failureOf(redis({ redis: 'redis://u:S3cret@h:6379/0' }));
    expect(failure).toMatchObject({ kind: 'usage', code: 'secret_in_argv' });
    expect(shown(failure)).not.toContain('S3cret@');
  });

  it('a context whose name is typed is not overruled by VMQCTL_REDIS', async () => {
    await saveBoth();
    const settings = await redis({ context: 'prod' }, { VMQCTL_REDIS: 'redis://:other@h:6379/0' });
    expect(settings).toMatchObject({ url: 'redis://prod:6379/0' });
    expect(settings.password?.reveal()).toBe('prod-password');
  });
});

describe('which cookie', () => {
  const NODE = ['erl://VerneMQ@h'];

  it('none where no node needs one: its source is not even looked at', async () => {
    const settings = await cluster({ node: ['http://a:1'], 'cookie-from': 'env:MISSING' });
    expect(settings).not.toHaveProperty('cookie');
  });

  it('is there for a node that the command reaches besides', async () => {
    const flags = { deadline: '5s', node: ['http://a:1'] };
    const settings = await clusterSettings(flags, environment({ VMQCTL_COOKIE: 'c' }), NODE);
    expect(settings.cookie?.reveal()).toBe('c');
  });

  it('is missed before anything is contacted, with all the ways to give one', async () => {
    const failure = await failureOf(cluster({ node: NODE }));
    expect(failure).toMatchObject({ kind: 'configuration', code: 'no_cookie' });
    expect(failure.hint).toMatch(/distributed_cookie.*--cookie-from.*VMQCTL_COOKIE/);
  });

  it('flag before environment before context', async () => {
    await save({ name: 'native', nodes: NODE, cookieFrom: 'env:SAVED', use: true });
    const more = { SAVED: 'saved', OTHER: 'other', VMQCTL_COOKIE: 'ambient' };
    expect((await cluster({}, { SAVED: 'saved' })).cookie?.reveal()).toBe('saved');
    expect((await cluster({}, more)).cookie?.reveal()).toBe('ambient');
    expect((await cluster({ 'cookie-from': 'env:OTHER' }, more)).cookie?.reveal()).toBe('other');
  });

  it('of the current context is not for a foreign node that is given with --node', async () => {
    await save({ name: 'native', nodes: NODE, cookieFrom: 'env:SAVED', use: true });
    const failure = await failureOf(cluster({ node: ['erl://evil@h'] }, { SAVED: 'saved' }));
    expect(failure.code).toBe('no_cookie');
  });

  it('from a file that others can read is refused', async () => {
    const file = join(folder, 'cookie');
    await writeFile(file, 'monster\n', { mode: 0o644 });
    const failure = await failureOf(cluster({ node: NODE, 'cookie-from': `file:${file}` }));
    expect(failure.code).toBe('secret_file_too_open');
    await chmod(file, 0o400);
    const settings = await cluster({ node: NODE, 'cookie-from': `file:${file}` });
    expect(settings.cookie?.reveal()).toBe('monster');
    expect(JSON.stringify(settings)).not.toContain('monster');
  });

  it('from a command', async () => {
    const settings = await cluster({ node: NODE, 'cookie-from': 'command:printf monster' });
    expect(settings.cookie?.reveal()).toBe('monster');
  });

  it.each(['0', '70000', 'x'])('epmd at port %s cannot be', async (port) => {
    const more = { VMQCTL_COOKIE: 'c', ERL_EPMD_PORT: port };
    expect((await failureOf(cluster({ node: NODE }, more))).code).toBe('bad_epmd_port');
  });

  it('is asked of epmd where Erlang looks for it', async () => {
    expect(await cluster({ node: NODE }, { VMQCTL_COOKIE: 'c', ERL_EPMD_PORT: '5000' })).toMatchObject({
      epmdPort: 5000,
    });
  });
});

describe('how hosts are reached over SSH', () => {
  const SSH = ['ssh://root@h'];

  it('is not looked at where no node needs it', async () => {
    const flags = { node: ['http://a:1'], 'ssh-prefix': "it's", 'ssh-password-from': 'env:NOT_SET' };
    expect(await cluster(flags)).not.toHaveProperty('ssh');
  });

  it.each(['ssh://root@h', 'http://h:1?via=ssh://b', 'ssh://h?via=ssh://b'])(
    'is there for %s',
    async (node) => {
      const { ssh } = await cluster({ node: [node] });
      expect(ssh).toMatchObject({ vmqAdmin: { sudo: false, prefix: [] } });
      expect(ssh?.password).toBeUndefined();
    },
  );

  it('flag before environment before context', async () => {
    const saved = {
      sshPrefix: 'docker exec saved',
      vmqAdmin: '/saved',
      sshConfig: '/saved/config',
      sudo: true,
    };
    await save({ name: 'prod', nodes: SSH, ...saved });
    expect((await cluster({})).ssh).toMatchObject({
      configFile: '/saved/config',
      vmqAdmin: { path: '/saved', sudo: true, prefix: ['docker', 'exec', 'saved'] },
    });
    const twins = { VMQCTL_SSH_PREFIX: 'env A=1', VMQCTL_VMQ_ADMIN: '/twin' };
    const flags = { 'ssh-prefix': twins.VMQCTL_SSH_PREFIX, 'vmq-admin': '/typed' };
    expect((await cluster(flags, twins)).ssh?.vmqAdmin).toEqual({
      path: '/typed',
      sudo: true,
      prefix: ['env', 'A=1'],
    });
  });

  it('a prefix that is no command is a usage failure', async () => {
    expect(await failureOf(cluster({ node: SSH, 'ssh-prefix': "it's" }))).toMatchObject({
      kind: 'usage',
      code: 'bad_command_prefix',
    });
  });

  it('a password is fetched only when a host wants one, and once', async () => {
    const counter = join(folder, 'count');
    const flags = { node: SSH, 'ssh-password-from': `command:echo x >>${counter}; echo S3cret` };
    const { ssh } = await cluster(flags);
    expect(await readFile(counter, 'utf8').catch(() => 'not yet')).toBe('not yet');
    expect((await ssh?.password?.())?.reveal()).toBe('S3cret');
    await ssh?.password?.();
    expect(await readFile(counter, 'utf8')).toBe('x\n');
  });

  it('a password is never printed with the settings, nor of the current context for a foreign host', async () => {
    const settings = await cluster({ node: SSH }, { VMQCTL_SSH_PASSWORD: 'S3cret' });
    expect((await settings.ssh?.password?.())?.reveal()).toBe('S3cret');
    expect(`${inspect(settings)}${JSON.stringify(settings)}`).not.toContain('S3cret');
    await save({ name: 'prod', nodes: SSH, sshPasswordFrom: 'env:PROD_PASSWORD', sudo: true });
    const foreign = (await cluster({ node: ['ssh://root@elsewhere'] })).ssh;
    expect(foreign?.password).toBeUndefined();
    expect(foreign?.vmqAdmin.sudo).toBe(false);
  });
});
