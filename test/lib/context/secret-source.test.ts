import { chmod } from 'node:fs/promises';
import { homedir } from 'node:os';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { fromCommand } from '../../../src/lib/context/secret-command.js';
import { formatSecretSource, parseSecretSource, readSecret } from '../../../src/lib/context/secret-source.js';
import { failureOf, shown, tempFile, tempFolder } from './temp-folder.js';

const keyring = vi.hoisted(() => ({ getPassword: async (): Promise<string | null> => null }));
vi.mock('@napi-rs/keyring', () => ({
  AsyncEntry: class {
    getPassword = () => keyring.getPassword();
  },
}));

const FLAG = '--api-key-from';
const environment = { PATH: process.env.PATH, KEY: 'from-env', EMPTY: '', LINES: 'a\nb' };
const read = (source: string) => readSecret(source, FLAG, environment);

describe('the SOURCE grammar', () => {
  it.each([
    ['file:/etc/key', { kind: 'file', path: '/etc/key' }],
    ['file:with:colon', { kind: 'file', path: 'with:colon' }],
    ['env:API_KEY', { kind: 'env', name: 'API_KEY' }],
    ['command:pass show mq', { kind: 'command', line: 'pass show mq' }],
    ['keyring:vmqctl/prod/key', { kind: 'keyring', service: 'vmqctl', account: 'prod/key' }],
    ['stdin', { kind: 'stdin' }],
  ])('%s', (text, source) => {
    expect(parseSecretSource(text, FLAG)).toEqual(source);
    expect(formatSecretSource(parseSecretSource(text, FLAG))).toBe(text);
  });

  it('finds the home folder, which no shell does after a colon', () => {
    expect(parseSecretSource('file:~/key', FLAG)).toEqual({ kind: 'file', path: `${homedir()}/key` });
  });

  it('never repeats what may be the secret itself', () => {
    const literal = fc
      .string({ minLength: 6 })
      .filter((text) => !/^(file|env|command|keyring):|^stdin$/.test(text));
    return fc.assert(
      fc.asyncProperty(literal, async (text) => {
        const failure = await failureOf(() => parseSecretSource(`Zq9${text}`, FLAG));
        expect(failure).toMatchObject({ kind: 'usage', code: 'secret_in_argv' });
        expect(`${failure.message}${failure.hint}`).not.toContain(`Zq9${text}`);
      }),
    );
  });

  it.each(['file:', 'env:', 'env:not-a-name', 'command: ', 'keyring:only', 'keyring:/x', 'keyring:x/'])(
    'refuses %s',
    async (text) => {
      expect(await failureOf(() => parseSecretSource(text, FLAG))).toMatchObject({
        kind: 'usage',
        code: 'bad_secret_source',
      });
    },
  );
});

describe('a secret in a file', () => {
  it('is read without its final newline', async () => {
    expect((await read(`file:${await tempFile('s3cret\r\n')}`)).reveal()).toBe('s3cret');
  });

  it('is not shown by anything that prints it', async () => {
    const secret = await read(`file:${await tempFile('s3cret')}`);
    expect(`${secret}${JSON.stringify({ secret })}`).not.toContain('s3cret');
  });

  it.each([0o640, 0o604, 0o644, 0o660])('is refused when others can read it (%o)', async (mode) => {
    const path = await tempFile('s3cret');
    await chmod(path, mode);
    const failure = await failureOf(read(`file:${path}`));
    expect(failure).toMatchObject({ kind: 'configuration', code: 'secret_file_too_open' });
    expect(failure.hint).toContain(`chmod 600 ${path}`);
  });

  it('that is not there or is a folder is named', async () => {
    const folder = await tempFolder();
    for (const path of [`${folder}/none`, folder]) {
      const failure = await failureOf(read(`file:${path}`));
      expect(failure).toMatchObject({ kind: 'configuration', code: 'secret_file_unreadable' });
      expect(failure.message).toContain(path);
    }
  });

  it.each(['', '\n', '  \n'])('is refused when it is empty: %j', async (text) => {
    expect(await failureOf(read(`file:${await tempFile(text)}`))).toMatchObject({
      kind: 'configuration',
      code: 'empty_secret',
    });
  });

  it('is refused without being shown when it has more lines', async () => {
    const failure = await failureOf(read(`file:${await tempFile('s3cret\nmore\n')}`));
    expect(failure).toMatchObject({ kind: 'configuration', code: 'bad_secret' });
    expect(shown(failure)).not.toContain('s3cret');
  });

  it('is not read to its end when it is far too large', async () => {
    expect(await failureOf(read(`file:${await tempFile('x'.repeat(70_000))}`))).toMatchObject({
      code: 'bad_secret',
    });
  });
});

describe('a secret in the environment', () => {
  it('is read', async () => {
    expect((await read('env:KEY')).reveal()).toBe('from-env');
  });

  it('that is not set is named, unless the name may be the secret', async () => {
    expect((await failureOf(read('env:NOT_SET'))).message).toContain('NOT_SET');
    expect(shown(await failureOf(read('env:JxIXuyhLwl9uS')))).not.toContain('JxIXuyhLwl9uS');
  });

  it('is refused when it is empty or has more lines', async () => {
    expect(await failureOf(read('env:EMPTY'))).toMatchObject({ kind: 'configuration', code: 'empty_secret' });
    expect(await failureOf(read('env:LINES'))).toMatchObject({ kind: 'configuration', code: 'bad_secret' });
  });
});

describe('a secret from a command', () => {
  it('is what the shell line prints, with the given environment', async () => {
    expect((await read('command:printf "%s\\n" "$KEY" | tr a-z A-Z')).reveal()).toBe('FROM-ENV');
  });

  it('gets nothing of our standard input', async () => {
    expect(await failureOf(read('command:cat'))).toMatchObject({ code: 'empty_secret' });
  });

  it.each([
    ['command:echo s3cret; exit 3', 'exit code 3'],
    ['command:echo s3cret; kill -9 $$', 'SIGKILL'],
    ['command:vmqctl-no-such-program 2>&1', 'exit code 127'],
  ])('fails with the reason and without the output: %s', async (source, reason) => {
    const failure = await failureOf(read(source));
    expect(failure).toMatchObject({ kind: 'configuration', code: 'secret_command_failed' });
    expect(failure.message).toContain(reason);
    expect(failure.message).not.toContain('s3cret');
  });

  it('does not wait for a command that hangs, nor for what it has left behind', async () => {
    const begun = Date.now();
    for (const line of ['sleep 3', 'sleep 3 & echo s3cret']) {
      const failure = await failureOf(fromCommand(line, FLAG, environment, 200));
      expect(failure).toMatchObject({ kind: 'configuration', code: 'secret_command_failed' });
    }
    expect(Date.now() - begun).toBeLessThan(2500);
  });

  it('does not collect output without end', async () => {
    const failure = await failureOf(fromCommand('yes 2>&1', FLAG, environment, 10_000));
    expect(failure.message).toContain('more than any secret');
  });
});

describe('a secret in the keyring', () => {
  it('is read', async () => {
    keyring.getPassword = async () => 'from-keyring';
    expect((await read('keyring:vmqctl/prod')).reveal()).toBe('from-keyring');
  });

  it('that is not there, or a machine without a keyring, leads to the other sources', async () => {
    keyring.getPassword = async () => null;
    expect(await failureOf(read('keyring:vmqctl/prod'))).toMatchObject({ code: 'keyring_entry_missing' });
    keyring.getPassword = async () => {
      throw new Error('no D-Bus');
    };
    const failure = await failureOf(read('keyring:vmqctl/prod'));
    expect(failure).toMatchObject({ kind: 'configuration', code: 'keyring_unavailable' });
    expect(failure.hint).toMatch(/file:PATH.*env:NAME.*command:LINE.*stdin/);
  });
});
