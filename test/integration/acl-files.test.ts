import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { verifyPassword } from '../../src/lib/acl/password.js';
import { connectRedis } from '../../src/lib/acl/redis-connect.js';
import type { RedisConnection } from '../../src/lib/acl/redis-connection.js';
import { type CliOptions, vmqctl } from '../support/cli.js';
import { Pty } from '../support/pty.js';
import { type RedisServer, startRedis } from '../support/redis.js';

const HASH = '$2a$04$5xGvLdO5gqQJ6PAzaogvsuLbe/WS6wFJiXy4TSwRpQ46UFCMO8VmC';

let server: RedisServer;
let redis: RedisConnection;
let folder: string;

beforeAll(async () => {
  server = await startRedis();
  redis = await connectRedis({ url: server.url, deadline: 5000 });
  folder = await mkdtemp(join(tmpdir(), 'vmqctl-files-'));
});
afterAll(async () => {
  redis.close();
  await server.stop();
  await rm(folder, { recursive: true });
});
beforeEach(async () => {
  await redis.call('FLUSHALL');
});

const acl = (args: string[], options: CliOptions = {}) =>
  vmqctl(['acl', ...args], {
    ...options,
    env: { VMQCTL_REDIS: server.url, VMQCTL_STATE_DIR: folder, ...options.env },
  });
const file = async (name: string, text: string) => {
  await writeFile(join(folder, name), text);
  return join(folder, name);
};
const stored = async (clientId: string, username: string) =>
  String(await redis.call('GET', JSON.stringify(['', clientId, username])));
const put = (clientId: string, text: string) => redis.call('SET', JSON.stringify(['', clientId, 'u']), text);

describe('acl import of CSV', () => {
  it('writes the rejects as a file that can be imported again', async () => {
    const rejects = join(folder, 'rejects.csv');
    const rows = `client_id,username,passhash,publish_acl\r\nc1,u,${HASH},a;b/#\r\n"c\n2",u,,\r\nc3,u,${HASH}\r\nc4,u,${HASH},\r\n`;
    const { exitCode, stdout } = await acl([
      'import',
      await file('users.csv', rows),
      '--rejects',
      rejects,
      '--json',
    ]);
    expect(exitCode).toBe(65);
    expect(JSON.parse(stdout)).toMatchObject({
      rows: [
        { line: 3, outcome: 'failed', why: expect.stringContaining('neither passhash nor password') },
        { line: 5, outcome: 'failed', why: 'it has 3 cells, and the header names 4 columns' },
      ],
      totals: { written: 2, failed: 2 },
    });
    expect(JSON.parse(await stored('c1', 'u')).publish_acl).toEqual([{ pattern: 'a' }, { pattern: 'b/#' }]);
    const text = await readFile(rejects, 'utf8');
    expect(text).toBe(`client_id,username,passhash,publish_acl\n"c\n2",u,,\nc3,u,${HASH}\n`);
    await writeFile(rejects, text.replace('u,,', `u,${HASH},`).replace(`c3,u,${HASH}`, `c3,u,${HASH},`));
    expect((await acl(['import', rejects])).exitCode).toBe(0);
    expect(await redis.call('DBSIZE')).toBe(4);
  });
});

describe('acl import of a password file', () => {
  it('hashes plain passwords, takes the rules of the ACL file, and names what it cannot use', async () => {
    const passwords = await file('vmq.passwd', 'joe:secret-1\njim:$6$c2FsdA==$aGFzaA==\n# nobody\n');
    const rules = await file(
      'vmq.acl',
      'topic read all\nuser joe\ntopic write out/#\npattern read dev/%c\nuser ann\n',
    );
    const args = ['import', passwords, '--from', 'vmq', '--acl-file', rules, '--cost', '4'];
    const { exitCode, stdout, stderr } = await acl(args);
    expect(exitCode).toBe(65);
    expect(stdout).toContain("the broker's bcrypt cannot use its hash ($6$)");
    expect(stderr).toContain('line 4 has %c');
    expect(stderr).toContain(
      'has rules for users who are not in the password file, and have got no record: "ann"',
    );
    expect(stdout + stderr).not.toContain('secret-1');
    const record = JSON.parse(await stored('*', 'joe'));
    expect(record).toMatchObject({
      publish_acl: [{ pattern: 'out/#' }],
      subscribe_acl: [{ pattern: 'all' }, { pattern: 'dev/%c' }],
    });
    expect(await verifyPassword('secret-1', record.passhash)).toBe(true);
  });

  it('is the only one that has an ACL file', async () => {
    const { exitCode, stderr } = await acl(['import', await file('a.csv', ''), '--acl-file', 'x']);
    expect(exitCode).toBe(64);
    expect(stderr).toContain('--acl-file goes with --from mosquitto or vmq');
  });
});

describe('acl export', () => {
  const records = {
    c1: `{"passhash":"${HASH}","subscribe_acl":[],"publish_acl":[{"pattern":"=a,\\"b","max_qos":1}]}`,
    'c,"\n2': `{"passhash":"${HASH}","subscribe_acl":[{"pattern":"ä"}],"publish_acl":[]}`,
  };

  it.each(['ndjson', 'csv', 'yaml'])('to %s is what an import gives back', async (format) => {
    for (const [id, text] of Object.entries(records)) await put(id, text);
    const { exitCode, stdout, stderr } = await acl(['export', '--to', format]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '2 records exported\n' });
    await redis.call('FLUSHALL');
    expect((await acl(['import', await file(`users.${format}`, stdout)])).exitCode).toBe(0);
    for (const [id, text] of Object.entries(records)) expect(await stored(id, 'u')).toBe(text);
  });

  it('leaves out what an import would change, names it, and says so with its exit code', async () => {
    await put('c1', records.c1);
    await put('c2', '{"passhash":"S3CRET","note":1}');
    const { exitCode, stdout, stderr } = await acl(['export', '--format', 'csv']);
    expect(exitCode).toBe(65);
    expect(stdout.split('\r\n')).toHaveLength(3);
    expect(stderr).toBe(
      'warning: ["","c2","u"] is not exported: it has a member that no row has: "note"\n1 record exported, 1 left out\n',
    );
  });

  it('gives a terminal no passhashes unless it is told to', async () => {
    await put('c1', records.c1);
    const env = { VMQCTL_REDIS: server.url };
    const refused = new Pty('$VMQCTL acl export', { env });
    expect(await refused.ended).toBe(4);
    expect(refused.output).toContain('stdout is a terminal');
    expect(refused.output).not.toContain(HASH);
    const wanted = new Pty('$VMQCTL acl export --reveal-passhash', { env });
    expect(await wanted.ended).toBe(0);
    expect(wanted.output).toContain(HASH);
    await refused.stop();
    await wanted.stop();
  });
});
