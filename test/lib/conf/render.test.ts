import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parseConf } from '../../../src/lib/conf/parse.js';
import { renderChecked } from '../../../src/lib/conf/render/operation.js';
import { parseDescription } from '../../../src/lib/conf/render/parse-description.js';
import { renderCluster } from '../../../src/lib/conf/render/render.js';
import { planFiles, writeFiles } from '../../../src/lib/conf/render/write.js';
import type { Failure } from '../../../src/lib/failure.js';
import { Secret } from '../../../src/lib/secret.js';

const DESCRIPTION = `cookie: env:COOKIE
nodes:
  - name: VerneMQ@10.0.0.1
  - name: VerneMQ@mq2.example.org
    address: 10.0.0.2
    settings: { max_online_messages: 5000 }
listeners:
  tcp: 1883
  ws: 0.0.0.0:8080
distributionPorts: 9100-9109
redis:
  host: redis.example.org
  password: env:REDIS_PASSWORD
settings:
  max_online_messages: 2000
  systree_enabled: false
`;
const environment = { COOKIE: 'a-long-c00kie', REDIS_PASSWORD: 'p#ss word' };
const check = (text: string, brokerVersion: '2.1.2' | '2.2.0' = '2.2.0') =>
  renderChecked({ file: 'c.yaml', text, brokerVersion }, environment);
const settingsOf = (text: string) =>
  Object.fromEntries(
    parseConf(text).flatMap((element) => (element.kind === 'setting' ? [[element.key, element.value]] : [])),
  );

describe('what a description becomes', () => {
  test.each(['2.1.2', '2.2.0'] as const)('has no findings for %s', async (version) => {
    expect((await check(DESCRIPTION, version)).findings).toEqual([]);
  });

  test('is each node’s own name and addresses, and what is common', async () => {
    const { nodes } = await check(DESCRIPTION);
    expect(nodes.map(({ name }) => name)).toEqual(['VerneMQ@10.0.0.1', 'VerneMQ@mq2.example.org']);
    expect(settingsOf(nodes[1]?.text ?? '')).toEqual({
      nodename: 'VerneMQ@mq2.example.org',
      distributed_cookie: 'a-long-c00kie',
      'erlang.distribution.port_range.minimum': '9100',
      'erlang.distribution.port_range.maximum': '9109',
      'listener.tcp.default': '10.0.0.2:1883',
      'listener.ws.default': '0.0.0.0:8080',
      'listener.http.default': '127.0.0.1:8888',
      'listener.vmq.clustering': '10.0.0.2:44053',
      allow_anonymous: 'off',
      'plugins.vmq_passwd': 'off',
      'plugins.vmq_acl': 'off',
      'plugins.vmq_diversity': 'on',
      'vmq_diversity.auth_redis.enabled': 'on',
      'vmq_diversity.redis.host': 'redis.example.org',
      'vmq_diversity.redis.port': '6379',
      'vmq_diversity.redis.database': '0',
      'vmq_diversity.redis.password': 'p#ss word',
      max_online_messages: '5000',
      systree_enabled: 'off',
    });
  });

  test('says each key once: for the node rather than for all, and either rather than what follows from the rest', async () => {
    const { nodes } = await check(`${DESCRIPTION}  listener.tcp.default: 10.0.0.9:1884\n`);
    for (const { text } of nodes) {
      const keys = text.split('\n').flatMap((line) => /^([\w.]+) =/.exec(line)?.[1] ?? []);
      expect(keys).toEqual([...new Set(keys)]);
    }
    expect(settingsOf(nodes[0]?.text ?? '')).toMatchObject({
      max_online_messages: '2000',
      'listener.tcp.default': '10.0.0.9:1884',
    });
  });

  test('with vmqs has no vmq beside it', async () => {
    const { nodes } = await check(DESCRIPTION.replace('  tcp:', '  vmqs: 44054\n  tcp:'));
    expect(settingsOf(nodes[0]?.text ?? '')).not.toHaveProperty('listener.vmq.clustering');
  });

  test('is any secret as it is, or a refusal that does not say it', () => {
    const description = parseDescription(DESCRIPTION, 'c.yaml');
    // What comes after the secret has quotes too: they must not be taken for its other half.
    description.settings.graphite_prefix = 'a # b';
    const texts = fc.string({
      unit: fc.constantFrom('a', "'", '#', ' ', '"', '$(', ')', '=', '\\', 'é'),
      minLength: 1,
    });
    fc.assert(
      fc.property(texts, fc.constantFrom('2.1.2' as const, '2.2.0' as const), (password, version) => {
        const secrets = new Map([
          ['env:COOKIE', new Secret('a-long-c00kie')],
          ['env:REDIS_PASSWORD', new Secret(password)],
        ]);
        try {
          const [node] = renderCluster(description, secrets, version);
          expect(settingsOf(node?.text ?? '')['vmq_diversity.redis.password']).toBe(password);
        } catch (thrown) {
          expect((thrown as Failure).code).toBe('unwritable_value');
          expect(String(thrown)).toBe(
            'Failure: the value of vmq_diversity.redis.password cannot be written into vernemq.conf',
          );
        }
      }),
    );
  });

  test('is refused where it would be critical: nothing is lost by it', async () => {
    await expect(
      renderChecked(
        { file: 'c.yaml', text: DESCRIPTION, brokerVersion: '2.2.0' },
        { ...environment, COOKIE: 'vmq' },
      ),
    ).rejects.toMatchObject({ kind: 'data', code: 'critical_findings' });
    await expect(check(`${DESCRIPTION}  listener.vmq.clustering: 0.0.0.0:44053\n`)).rejects.toMatchObject({
      message: expect.stringContaining('listener.vmq.clustering'),
    });
  });
});

describe('a description that is wrong', () => {
  const problems = (text: string): unknown => {
    try {
      return parseDescription(text, 'c.yaml');
    } catch (thrown) {
      const { details } = thrown as Failure & { details: { problems: { path: string; line: number }[] } };
      return details.problems.map(({ path, line }) => `${line} ${path}`);
    }
  };

  test.each([
    ['', ['1 ']],
    ['a: [', ['1 ']],
    ['? [a]\n: 1\n', ['1 ']],
    ['cookie: env:C\nnodes: []\n', ['2 nodes']],
    ['nodes:\n  - name: v@10.0.0.1\n', ['1 cookie']],
    [DESCRIPTION.replace('env:COOKIE', 'S3CRET'), ['1 cookie']],
    [DESCRIPTION.replace('env:COOKIE', 'stdin'), ['1 cookie']],
    [DESCRIPTION.replace('env:REDIS_PASSWORD', 'S3CRET'), ['13 redis.password']],
    [DESCRIPTION.replace('    address: 10.0.0.2\n', ''), ['4 nodes[1].name']],
    [DESCRIPTION.replace('VerneMQ@mq2.example.org', 'VerneMQ@10.0.0.1'), ['4 nodes[1].name']],
    [DESCRIPTION.replace('VerneMQ@mq2.example.org', '../../etc'), ['4 nodes[1].name']],
    [DESCRIPTION.replace('5000', 'many'), ['6 nodes[1].settings.max_online_messages']],
    [DESCRIPTION.replace('  tcp: 1883', '  tpc: 1883'), ['8 listeners.tpc']],
    [DESCRIPTION.replace('1883', '99999'), ['8 listeners.tcp']],
    [DESCRIPTION.replace('0.0.0.0:8080', 'localhost:8080'), ['9 listeners.ws']],
    [DESCRIPTION.replace('9100-9109', '9100'), ['10 distributionPorts']],
    [DESCRIPTION.replace('  host: redis.example.org', '  hots: x'), ['11 redis.host', '12 redis.hots']],
    [`${DESCRIPTION}  no_such_key: 1\n`, ['17 settings.no_such_key']],
    [`${DESCRIPTION}  vmq_diversity.mysql.password: S3CRET\n`, ['17 settings.vmq_diversity.mysql.password']],
    [`${DESCRIPTION}  retry_interval:\n`, ['17 settings.retry_interval']],
  ])('%j is told with path and line', (text, expected) => {
    expect(problems(text)).toEqual(expected);
  });

  test('never has a secret repeated', () => {
    for (const place of ['env:COOKIE', 'env:REDIS_PASSWORD'])
      try {
        parseDescription(DESCRIPTION.replace(place, 'S3CRET'), 'c.yaml');
        expect.fail('was accepted');
      } catch (thrown) {
        const { message, hint, details } = thrown as Failure;
        expect(JSON.stringify([message, hint, details])).not.toContain('S3CRET');
      }
  });
});

describe('the files', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'vmqctl-render-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const nodes = [
    { name: 'v@a', text: 'nodename = v@a\n' },
    { name: 'v@b', text: 'nodename = v@b\n' },
  ];
  const at = (name: string) => join(folder, name, 'vernemq.conf');
  const states = async () => (await planFiles(nodes, folder)).map(({ state }) => state);

  test('are written for their owner alone, and again only where something differs', async () => {
    await writeFiles(await planFiles(nodes, folder), false);
    expect(readFileSync(at('v@a'), 'utf8')).toBe('nodename = v@a\n');
    expect(statSync(at('v@a')).mode & 0o777).toBe(0o600);
    expect(await states()).toEqual(['unchanged', 'unchanged']);
    chmodSync(at('v@b'), 0o644);
    expect(await states()).toEqual(['unchanged', 'changed']);
  });

  test('are all left alone when one is in the way, and replaced when that is wanted', async () => {
    mkdirSync(join(folder, 'v@b'));
    writeFileSync(at('v@b'), 'by hand\n');
    const plan = await planFiles(nodes, folder);
    await expect(writeFiles(plan, false)).rejects.toMatchObject({ kind: 'safety', code: 'file_exists' });
    expect(await states()).toEqual(['new', 'changed']);
    await writeFiles(plan, true);
    expect(await states()).toEqual(['unchanged', 'unchanged']);
  });
});
