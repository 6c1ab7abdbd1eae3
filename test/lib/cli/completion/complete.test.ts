import { describe, expect, it } from 'vitest';
import { type CompletableCommand, complete } from '../../../../src/lib/cli/completion/complete.js';
import { forwardManifest } from '../../../../src/lib/cli/forward/manifest.js';

const SHARED = {
  format: { name: 'format', type: 'option', summary: 'How.', options: ['table', 'json'] },
} as const;

const OWN: CompletableCommand[] = [
  {
    id: 'cluster:leave',
    summary: 'Take a node out.',
    flags: { ...SHARED, 'kill-sessions': { name: 'kill-sessions', char: 'k', type: 'boolean' } },
    words: { node: 'word' },
  },
  { id: 'acl:get', flags: { 'hidden-one': { name: 'hidden-one', type: 'boolean', hidden: true } } },
  { id: 'completion', flags: {}, args: { shell: { options: ['bash', 'zsh'] } } },
  { id: 'secret', hidden: true, flags: {} },
];
const COMMANDS = [...OWN, ...Object.values(forwardManifest(SHARED))];

/** The last word is what is being typed; a blank at the end begins a new one. */
const texts = (line: string) => complete(line.split(' '), COMMANDS).map(({ text }) => text);

describe('completion', () => {
  it('knows our own commands and those that are forwarded', () => {
    expect(texts('')).toEqual(expect.arrayContaining(['cluster', 'acl', 'session', 'set', 'completion']));
    expect(texts('')).not.toContain('secret');
    expect(texts('se')).toEqual(['session', 'set']);
    expect(texts('session ')).toEqual(['show', 'disconnect', 'reauthorize', 'unsubscribe']);
    expect(texts('cluster ')).toEqual(['leave']);
  });

  it('goes on after a command that is the beginning of others, with its keys', () => {
    expect(texts('session disconnect ')).toEqual(['client-id=', 'clients', 'batch']);
    expect(texts('session disconnect b')).toEqual(['batch']);
    expect(texts('session disconnect batch ')).toEqual(['count=']);
  });

  it('has keys once, and their values where they can be counted', () => {
    expect(texts('session reauthorize client-id=x ')).toEqual(['username=']);
    expect(texts('api-key create scope=m')).toEqual(['scope=mgmt', 'scope=metrics']);
    expect(texts('api-key create expires=')).toEqual([]);
    expect(texts('cluster leave ')).toEqual(['node=']);
    expect(texts('api-key add ')).toEqual(['scope=', 'expires=']);
  });

  it('has flags once, but for those that may be repeated', () => {
    expect(texts('session disconnect client-id=x --c')).toEqual(['--cleanup']);
    expect(texts('session disconnect --cleanup --c')).toEqual([]);
    expect(texts('session show --client_id=x --client')).toEqual(['--client_id']);
    expect(texts('cluster leave -k --ki')).toEqual(['--kill-sessions']);
    expect(texts('acl get --h')).toEqual([]);
  });

  it('has the values of flags, in both forms', () => {
    expect(texts('session show --format ')).toEqual(['table', 'json']);
    expect(texts('session show --format=j')).toEqual(['--format=json']);
    expect(texts('metrics show --aggregate ')).toEqual(['true', 'false']);
    expect(texts('session show --limit ')).toEqual([]);
  });

  it('has settings as keys and as words, and the values of arguments', () => {
    expect(texts('set max_client')).toEqual(['max_client_id_size=']);
    expect(texts('show max_client_id_size max_client')).toEqual([]);
    expect(texts('show allow_anon')).toEqual(['allow_anonymous']);
    expect(texts('completion ')).toEqual(['bash', 'zsh']);
  });

  it.each(['nosuch ', 'nosuch --', 'constructor=', 'set constructor=', '-', '--node '])(
    'has nothing for %j',
    (line) => {
      expect(texts(line)).toEqual([]);
    },
  );

  it('has one line of summary with each', () => {
    for (const { summary } of complete(['session', 'show', '--'], COMMANDS))
      expect(summary).toMatch(/^[^\t\n]+$/);
  });
});
