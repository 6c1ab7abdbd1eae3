import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { verifyPassword } from '../../src/lib/acl/password.js';
import { connectRedis } from '../../src/lib/acl/redis-connect.js';
import type { RedisConnection } from '../../src/lib/acl/redis-connection.js';
import { type CliOptions, vmqctl } from '../support/cli.js';
import { Pty } from '../support/pty.js';
import { type RedisServer, startRedis } from '../support/redis.js';

const PASSHASH = '$2a$04$5xGvLdO5gqQJ6PAzaogvsuLbe/WS6wFJiXy4TSwRpQ46UFCMO8VmC';
const KEY = '["","1528361231","101"]';
const STORY = ['client-id=1528361231', 'username=101'];

let server: RedisServer;
let redis: RedisConnection;

beforeAll(async () => {
  server = await startRedis();
  redis = await connectRedis({ url: server.url, deadline: 5000 });
});
afterAll(async () => {
  redis.close();
  await server.stop();
});
beforeEach(async () => {
  await redis.call('FLUSHALL');
});

const acl = (args: string[], options: CliOptions = {}) =>
  vmqctl(['acl', ...args], { ...options, env: { VMQCTL_REDIS: server.url, ...options.env } });
const stored = async (key: string) => String(await redis.call('GET', key));
const put = (key: string, record: unknown) => redis.call('SET', key, JSON.stringify(record));
const passhashOf = async (key: string): Promise<string> => JSON.parse(await stored(key)).passhash;

describe('acl passwd', () => {
  it('asks twice on a terminal, and shows nothing of it', async () => {
    await put(KEY, { x: 1, passhash: PASSHASH });
    const terminal = new Pty(`$VMQCTL acl passwd ${STORY.join(' ')} --cost 4`, {
      env: { VMQCTL_REDIS: server.url },
    });
    const asked = await terminal.sees('Password for ["","1528361231","101"]');
    terminal.type('N3W-S3CRET\r');
    await terminal.sees('Once more', asked);
    terminal.type('N3W-S3CRET\r');
    expect(await terminal.ended).toBe(0);
    expect(terminal.output).toContain(`changed ${KEY}`);
    expect(terminal.output).not.toMatch(/S3CRET|SLe8Q/);
    expect(await verifyPassword('N3W-S3CRET', await passhashOf(KEY))).toBe(true);
    await terminal.stop();
  });

  it('takes it from a source, and shows neither it nor the hash', async () => {
    await put(KEY, { x: 1, passhash: PASSHASH });
    await redis.call('PEXPIRE', KEY, 600_000);
    const { stdout, stderr, exitCode } = await acl(
      ['passwd', ...STORY, '--password-from', 'stdin', '--cost', '4', '--json'],
      { input: 'S3CRET\n' },
    );
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
    expect(JSON.parse(stdout)).toMatchObject({ outcome: 'changed', key: KEY, passhash: '$2a$04$***' });
    expect(await stored(KEY)).toMatch(/^\{"x":1,"passhash":"\$2a\$04\$[^"]{53}"\}$/);
    expect(await verifyPassword('S3CRET', await passhashOf(KEY))).toBe(true);
    expect(Number(await redis.call('PTTL', KEY))).toBeGreaterThan(0);
  });

  it('changes nothing where nobody can be asked, the password is too long, or there is no record', async () => {
    await put(KEY, { passhash: PASSHASH });
    const unasked = await acl(['passwd', ...STORY]);
    expect(unasked).toMatchObject({ stdout: '', exitCode: 64 });
    expect(unasked.stderr).toContain('--password-from');
    const source = ['--password-from', 'stdin', '--cost', '4'];
    const long = await acl(['passwd', ...STORY, ...source], { input: 'x'.repeat(73) });
    expect(long.stderr).toContain('the password has 73 bytes');
    const missing = await acl(['passwd', 'client-id=other', 'username=101', ...source], { input: 'p' });
    expect(missing.stderr).toContain('there is no record ["","other","101"]');
    expect([long.exitCode, missing.exitCode]).toEqual([65, 1]);
    expect(await stored(KEY)).toBe(JSON.stringify({ passhash: PASSHASH }));
    expect(await redis.call('DBSIZE')).toBe(1);
  });
});

describe('acl list', () => {
  const list = (pattern: string) => ({ passhash: PASSHASH, publish_acl: [{ pattern }] });

  it('keeps to filters and columns', async () => {
    await put(KEY, list('a/b'));
    await put('["","d2","alice"]', list('a/c'));
    await put('["","d3","alice"]', { ...list('x'), passhash: 'none' });
    const filters = ['--filter', 'username=ali*', '--filter', 'publish_acl=a/*'];
    const csv = await acl(['list', ...filters, '--columns', 'publish_acl,client-id', '--format', 'csv']);
    expect(csv.stdout).toBe('publish_acl,client_id\r\n"[{""pattern"":""a/c""}]",d2\r\n');
    const bad = await acl(['list', '--filter', 'problems=*', '--json']);
    expect(JSON.parse(bad.stdout).records.map(({ clientId }: { clientId: string }) => clientId)).toEqual([
      'd3',
    ]);
  });

  it('says which fields there are, and which formats have columns', async () => {
    const [field, format, help] = await Promise.all([
      acl(['list', '--filter', 'user=x']),
      acl(['list', '--columns', 'username', '--json']),
      acl(['list', '--help']),
    ]);
    expect([field.exitCode, format.exitCode]).toEqual([64, 64]);
    expect(field.stderr).toContain(
      'mountpoint, client_id, username, passhash, publish_acl, subscribe_acl, problems',
    );
    expect(JSON.parse(format.stdout).error.message).toContain('--columns');
    expect(help.stdout).toContain('passhash, publish_acl');
  });

  it('fits the terminal, and a file has all of it', async () => {
    await put(KEY, list('long/'.repeat(40)));
    const env = { VMQCTL_REDIS: server.url, NO_COLOR: '1' };
    const terminal = new Pty('$VMQCTL acl list', { columns: 80, env });
    expect(await terminal.ended).toBe(0);
    const drawn = terminal.output.split('\r\n').filter((line) => /^[│┌├└]/.test(line));
    expect(drawn.map((line) => line.length)).toEqual([80, 80, 80, 80, 80]);
    await terminal.stop();
    expect((await acl(['list'])).stdout).toContain('long/'.repeat(40));
  });
});
