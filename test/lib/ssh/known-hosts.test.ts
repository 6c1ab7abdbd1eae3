import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isFor, type KnownHost, parseKnownHosts } from '../../../src/lib/ssh/known-hosts/entry.js';
import { fingerprint, judge, knownTypes, namesOf } from '../../../src/lib/ssh/known-hosts/judge.js';
import { generateKey, tool } from '../../support/sshd.js';

let folder: string;
/** `type base64` */
let ours: string;
let other: string;
let rsa: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'known-hosts-'));
  const make = async (name: string, type: 'ed25519' | 'rsa' = 'ed25519') => {
    const path = await generateKey(join(folder, name), { type });
    return (await readFile(`${path}.pub`, 'utf8')).split(' ').slice(0, 2).join(' ');
  };
  ours = await make('ours');
  other = await make('other');
  rsa = await make('rsa', 'rsa');
});
afterAll(() => rm(folder, { recursive: true }));

const blob = (key: string) => Buffer.from(key.split(' ')[1] ?? '', 'base64');
const parse = (...lines: string[]): KnownHost[] => parseKnownHosts(lines.join('\n'), 'known_hosts');
const verdict = (lines: string[], host = 'broker1', port = 22, alias?: string) =>
  judge(parse(...lines), namesOf(host, port, alias), blob(ours)).verdict;

describe('a host', () => {
  it.each<[string, string, string, number, string]>([
    ['its name', 'broker1', 'broker1', 22, 'known'],
    ['its name in capitals', 'broker1', 'BROKER1', 22, 'known'],
    ['capitals in the file', 'Broker1', 'broker1', 22, 'known'],
    ['one of several names', 'a,broker1,10.0.0.1', 'broker1', 22, 'known'],
    ['an address', '10.0.0.1', '10.0.0.1', 22, 'known'],
    ['an IPv6 address', 'fe80::1', 'fe80::1', 22, 'known'],
    ['name and port', '[broker1]:2222', 'broker1', 2222, 'known'],
    ['an IPv6 address and port', '[fe80::1]:2222', 'fe80::1', 2222, 'known'],
    ['a wildcard', '*.example.org', 'b.example.org', 22, 'known'],
    ['a wildcard, which is no dot alone', '*.example.org', 'example.org', 22, 'unknown'],
    ['one character', 'broker?', 'broker1', 22, 'known'],
    ['one character, not none', 'broker1?', 'broker1', 22, 'unknown'],
    ['a dot, which is only a dot', 'b.oker1', 'broker1', 22, 'unknown'],
    ['all but it', '*,!broker1', 'broker1', 22, 'unknown'],
    ['all but another', '*,!broker2', 'broker1', 22, 'known'],
    ['nothing but a negation', '!broker2', 'broker1', 22, 'unknown'],
    ['another name', 'broker2', 'broker1', 22, 'unknown'],
    ['another port', '[broker1]:2223', 'broker1', 2222, 'unknown'],
    ['its name without the port, as ssh takes it too', 'broker1', 'broker1', 2222, 'known'],
    ['a port that it is not asked at', '[broker1]:2222', 'broker1', 22, 'unknown'],
  ])('by %s', (_, names, host, port, expected) => {
    expect(verdict([`${names} ${ours} a comment`], host, port)).toBe(expected);
  });

  it('goes by its alias alone, whatever the port', () => {
    expect(verdict([`alias ${ours}`], '10.0.0.1', 2222, 'Alias')).toBe('known');
    expect(verdict([`[10.0.0.1]:2222 ${ours}`], '10.0.0.1', 2222, 'alias')).toBe('unknown');
  });

  it('is known by any of its keys', () => {
    expect(verdict([`broker1 ${other}`, `broker1 ${ours}`])).toBe('known');
  });

  it('that shows another key of the same kind has changed', () => {
    expect(verdict([`broker1 ${other}`])).toBe('changed');
  });

  it('of which another kind of key is known is not known', () => {
    const found = judge(parse(`broker1 ${rsa}`), ['broker1'], blob(ours));
    expect(found).toMatchObject({
      verdict: 'unknown',
      others: [{ type: 'ssh-rsa', where: 'known_hosts:1' }],
    });
  });

  it('at another port has not changed: that is another server', () => {
    expect(verdict([`broker1 ${other}`], 'broker1', 2222)).toBe('unknown');
  });

  it('has changed when the port has another key, even one that is known without the port', () => {
    expect(verdict([`[broker1]:2222 ${other}`, `broker1 ${ours}`], 'broker1', 2222)).toBe('changed');
    expect(verdict([`[broker1]:2222 ${ours}`, `broker1 ${other}`], 'broker1', 2222)).toBe('known');
  });

  it('with a revoked key is refused, whoever else knows it', () => {
    expect(verdict([`broker1 ${ours}`, `@revoked * ${ours}`])).toBe('revoked');
    expect(verdict([`broker1 ${ours}`, `@revoked * ${other}`])).toBe('known');
    expect(verdict([`@revoked broker2 ${ours}`])).toBe('unknown');
  });

  it('is not known by a certificate authority, even by its own key', () => {
    expect(verdict([`@cert-authority * ${ours}`])).toBe('unknown');
  });
});

describe('lines that make no sense', () => {
  it.each([
    ['empty', () => ''],
    ['a comment', () => `# broker1 ${ours}`],
    ['an unknown mark', () => `@trusted broker1 ${ours}`],
    ['no key', () => 'broker1 ssh-ed25519'],
    ['a key of another type than it says', () => `broker1 ssh-rsa ${ours.split(' ')[1]}`],
    ['half a key', () => `broker1 ssh-ed25519 ${ours.split(' ')[1]?.slice(0, 12)}`],
    ['an unknown hash', () => `|2|AAAA|BBBB ${ours}`],
    ['half a hash', () => `|1| ${ours}`],
  ])('are passed over: %s', (_, line) => {
    expect(verdict([line()])).toBe('unknown');
    expect(verdict([line(), `broker1 ${ours}`])).toBe('known');
  });

  it('a key that is longer or shorter by one byte is another one', () => {
    const key = blob(ours);
    const line = (bytes: Buffer) => `broker1 ssh-ed25519 ${bytes.toString('base64')}`;
    expect(verdict([line(Buffer.concat([key, Buffer.of(0)]))])).toBe('changed');
    expect(verdict([line(key.subarray(0, -1))])).toBe('changed');
  });
});

describe('names hashed by ssh-keygen', () => {
  it.each([
    ['broker1', 22],
    ['10.0.0.1', 22],
    ['broker1', 2222],
    ['fe80::1', 2222],
  ])('%s at port %i', async (host, port) => {
    const file = join(folder, `hashed-${port}-${host.length}`);
    const [name] = namesOf(host, port, undefined);
    await writeFile(file, `${name} ${ours}\n`);
    await tool('ssh-keygen', ['-q', '-H', '-f', file]);
    const [entry, ...rest] = parseKnownHosts(await readFile(file, 'utf8'), file);
    if (!entry) throw new Error('ssh-keygen has lost the line');
    expect(rest).toEqual([]);
    expect(entry.names).toMatch(/^\|1\|/);
    expect(isFor(entry, name ?? '')).toBe(true);
    expect(isFor(entry, `${name}x`)).toBe(false);
  });

  it('what ssh-keygen finds in a file, we find', async () => {
    const file = join(folder, 'found');
    await writeFile(file, `broker1,[broker1]:2222 ${ours}\n*.example.org,!x.example.org ${other}\n`);
    const entries = parseKnownHosts(await readFile(file, 'utf8'), file);
    for (const name of [
      'broker1',
      '[broker1]:2222',
      'broker2',
      'a.example.org',
      'x.example.org',
      'example.org',
    ]) {
      const found = await tool('ssh-keygen', ['-F', name, '-f', file]).catch(() => '');
      expect([name, entries.some((entry) => isFor(entry, name))]).toEqual([name, found !== '']);
    }
  });
});

describe('what is asked of a server', () => {
  it('is the kinds of keys that are known for it', () => {
    const entries = parse(`broker1 ${ours}`, `broker2 ${rsa}`, `@revoked broker1 ${rsa}`);
    expect([...knownTypes(entries, ['broker1'])]).toEqual(['ssh-ed25519']);
  });

  it('is not the kind of another server on the same machine, where the one at this port is known', () => {
    const names = namesOf('broker1', 2222, undefined);
    expect([...knownTypes(parse(`broker1 ${ours}`, `[broker1]:2222 ${rsa}`), names)]).toEqual(['ssh-rsa']);
    expect([...knownTypes(parse(`broker1 ${ours}`), names)]).toEqual(['ssh-ed25519']);
  });
});

it('fingerprints are those that ssh-keygen prints', async () => {
  const printed = await tool('ssh-keygen', ['-lf', join(folder, 'ours.pub')]);
  expect(printed).toContain(` ${fingerprint(blob(ours))} `);
});
