import { chmodSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readConfiguration } from '../../../src/lib/conf/read.js';
import { redactVernemqConf, redactVmArgs } from '../../../src/lib/conf/redact.js';
import { LocalHost } from '../logs/local-host.js';

describe('what is secret in vernemq.conf', () => {
  test.each([
    'distributed_cookie',
    'logging.obfuscation_secret',
    'graphite_api_key',
    'vmq_diversity.redis.password',
    'vmq_webhooks.keyfile_password',
    'vmq_bridge.tcp.br0.password',
    'vmq_bridge.ssl.br0.psk',
    'listener.http.default.http_modules.vmq_http_pub.mqtt_auth.password',
  ])('%s is taken out, and kept apart', (key) => {
    const { text, secrets } = redactVernemqConf(`a = 1\n  ${key}\t= s3cr3t = x \r\nb = 2`);
    expect(text).toBe(`a = 1\n  ${key}\t= *** \r\nb = 2`);
    expect(secrets.get(key)?.reveal()).toBe('s3cr3t = x');
  });

  test.each([
    'plugins.vmq_passwd = off',
    'vmq_passwd.password_file = /etc/vernemq/vmq.passwd',
    'vmq_passwd.password_reload_interval = 10',
    'vmq_diversity.mysql.password_hash_method = sha256',
    'listener.ssl.psk_support = on',
    'nodename = VerneMQ@127.0.0.1',
    '## The password of the other side',
    'distributed_cookie =',
    '',
  ])('%s stays', (line) => {
    expect(redactVernemqConf(line)).toEqual({ text: line, secrets: new Map() });
  });

  test('what is commented out may have been one: it is taken out too', () => {
    const { text, secrets } = redactVernemqConf('## vmq_diversity.redis.password = hunter2');
    expect(text).toBe('## vmq_diversity.redis.password = ***');
    expect(secrets.size).toBe(0);
  });

  test('of a key that stands there twice, both are taken out and the last one counts', () => {
    const { text, secrets } = redactVernemqConf('distributed_cookie = one\ndistributed_cookie = two\n');
    expect(text).toBe('distributed_cookie = ***\ndistributed_cookie = ***\n');
    expect(secrets.get('distributed_cookie')?.reveal()).toBe('two');
  });

  test.each([
    ["vmq_diversity.redis.password = 'hun\nter2' # x\na = 1\n", "'hun\nter2' # x"],
    ["vmq_diversity.redis.password = '''\nhun\nter2'''\na = 1\n", "'''\nhun\nter2'''"],
    ['vmq_diversity.redis.password = hun#ter2\na = 1\n', 'hun#ter2'],
  ])('%j is taken out whole', (text, secret) => {
    const { text: shown, secrets } = redactVernemqConf(text);
    expect(shown).toBe('vmq_diversity.redis.password = ***\na = 1\n');
    expect(secrets.get('vmq_diversity.redis.password')?.reveal()).toBe(secret);
  });

  test('a line that the broker does not understand has none left either', () => {
    expect(redactVernemqConf("vmq_diversity.redis.password = 'hunter2' x\n").text).toBe(
      'vmq_diversity.redis.password = ***\n',
    );
  });

  test('a name and password in front of a host are taken out', () => {
    const { text } = redactVernemqConf('vmq_webhooks.x.endpoint = https://user:hunter2@10.0.0.1/auth');
    expect(text).toBe('vmq_webhooks.x.endpoint = https://***@10.0.0.1/auth');
  });
});

test('what is secret in vm.args is taken out, and kept apart', () => {
  const { text, secrets } = redactVmArgs(
    "+P 256000\n-setcookie 'co okie'\n-env ERL_CRASH_DUMP ./log\n-env DB_PASSWORD pw\n-name v@h",
  );
  expect(text).toBe('+P 256000\n-setcookie ***\n-env ERL_CRASH_DUMP ./log\n-env DB_PASSWORD ***\n-name v@h');
  expect(secrets.get('-setcookie')?.reveal()).toBe("'co okie'");
  expect(secrets.get('DB_PASSWORD')?.reveal()).toBe('pw');
});

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vmqctl-conf-'));
  mkdirSync(join(folder, 'etc'));
  mkdirSync(join(folder, 'generated.configs'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe.each([['dash'], ['busybox', 'sh']] as [string, ...string[]][])(
  'a host whose shell is %s',
  (...shell) => {
    const path = () => join(folder, 'etc', 'vernemq.conf');
    const read = (given = path()) =>
      readConfiguration(new LocalHost('ssh://n1', shell as [string, ...string[]]), {
        path: given,
        deadline: 5000,
      });
    const args = (name: string, text: string, age: number) => {
      const file = join(folder, 'generated.configs', name);
      writeFileSync(file, text);
      utimesSync(file, Date.now() / 1000 - age, Date.now() / 1000 - age);
      return file;
    };

    test('gives vernemq.conf and the newest vm.args, byte for byte but for the secrets', async () => {
      const text = `# gr\u00fc\u00dfe\ndistributed_cookie = top\n\nvmqctl-configuration args 3 /x\nlast = 'line' \n\n`;
      writeFileSync(path(), text);
      args('vm.2026.01.01.00.00.00.args', '-setcookie old\n', 500);
      const newest = args('vm.2026.02.01.00.00.00.args', '-setcookie new\n-name v@h\n', 10);
      args('app.2026.02.01.00.00.00.config', 'no', 1);
      const configuration = await read();
      expect(configuration.vernemqConf.path).toBe(path());
      expect(configuration.vernemqConf.text).toBe(text.replace('top', '***'));
      expect(configuration.vmArgs).toMatchObject({ path: newest, text: '-setcookie ***\n-name v@h\n' });
      expect(configuration.vernemqConf.secrets.get('distributed_cookie')?.reveal()).toBe('top');
      expect(`${JSON.stringify(configuration)}${inspect(configuration, { depth: 9 })}`).not.toMatch(
        /top|new\b/,
      );
    });

    test('gives what is in conf.d, sorted and without secrets, and nothing else of it', async () => {
      writeFileSync(path(), 'include conf.d/*.conf\n');
      mkdirSync(join(folder, 'etc', 'conf.d'));
      for (const name of ['b.conf', '.a.conf', 'B.conf', 'c.conf~'])
        writeFileSync(join(folder, 'etc', 'conf.d', name), 'distributed_cookie = top\n');
      const { included } = await read();
      expect(included.map(({ path: each }) => each.replace(/.*\//, ''))).toEqual([
        '.a.conf',
        'B.conf',
        'b.conf',
      ]);
      expect(included[0]?.text).toBe('distributed_cookie = ***\n');
      expect(included[0]?.secrets.get('distributed_cookie')?.reveal()).toBe('top');
    });

    test('vm.args need not be there', async () => {
      writeFileSync(path(), 'a = 1\n');
      expect((await read()).vmArgs).toBeNull();
    });

    test('an empty file is one too', async () => {
      writeFileSync(path(), '');
      expect((await read()).vernemqConf.text).toBe('');
    });

    test('a file that is not there is said to be missing, with where it was looked for', async () => {
      await expect(read()).rejects.toMatchObject({
        kind: 'configuration',
        code: 'conf_not_found',
        message: expect.stringContaining(path()),
      });
    });

    test('a file that is far too long is not fetched', async () => {
      const host = new LocalHost('ssh://n1', shell as [string, ...string[]]);
      writeFileSync(path(), Buffer.alloc(2 * 1024 * 1024, 'x'));
      await expect(readConfiguration(host, { path: path(), deadline: 5000 })).rejects.toMatchObject({
        code: 'conf_too_long',
      });
      expect(host.received).toBeLessThan(1000);
    });
  },
);

test.skipIf(process.getuid?.() !== 0)(
  'a file that may not be read says so, and how it could be',
  async () => {
    const path = join(folder, 'etc', 'vernemq.conf');
    writeFileSync(path, 'distributed_cookie = top\n', { mode: 0o600 });
    chmodSync(folder, 0o755);
    const nobody = new LocalHost('ssh://n1', ['setpriv', '--reuid=65534', '--clear-groups', 'sh']);
    await expect(readConfiguration(nobody, { path, deadline: 5000 })).rejects.toMatchObject({
      code: 'conf_not_readable',
      hint: expect.stringContaining('--sudo'),
    });
  },
);

test.each(['etc/vernemq.conf', '/etc/\nx'])('%j is no path', async (path) => {
  await expect(readConfiguration(new LocalHost('ssh://n1'), { path, deadline: 5000 })).rejects.toMatchObject({
    kind: 'usage',
  });
});

test('a host that says nothing of use is told apart from one without a file', async () => {
  const host = new LocalHost('ssh://n1');
  host.run = async (_, options) => {
    options?.onOutput?.(Buffer.from('sudo: a password is required\n'), 'err');
    return { stdout: '', stderr: '', exitCode: 1 };
  };
  await expect(readConfiguration(host, { deadline: 5000, sudo: true })).rejects.toMatchObject({
    kind: 'credentials',
    code: 'sudo_denied',
  });
  await expect(readConfiguration(host, { deadline: 5000 })).rejects.toMatchObject({ code: 'no_shell' });
});
