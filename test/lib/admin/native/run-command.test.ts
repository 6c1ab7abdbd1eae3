import { describe, expect, it } from 'vitest';
import { ErlangError } from '../../../../src/lib/admin/erlang/error.js';
import { Atom, type Term, Tuple } from '../../../../src/lib/admin/erlang/term/types.js';
import { runCommand } from '../../../../src/lib/admin/native/run-command.js';
import type { Session, SessionCall } from '../../../../src/lib/admin/native/session.js';
import type { AdminCommand } from '../../../../src/lib/admin/rpc.js';

const TRACE: AdminCommand = { words: ['trace', 'client'], arguments: [['client-id', 'c']] };
const LEAVE: AdminCommand = { words: ['cluster', 'leave'], arguments: [['node', 'a@h']] };
const ADD: AdminCommand = { words: ['api-key', 'add'], arguments: [['key', 'pl4nted']] };
const DOCUMENT = '{"type":"text","text":"Done"}';

type Far = (options: SessionCall) => Term | Promise<Term>;

/** Runs a command on a node that does what `far` does. */
async function run(command: AdminCommand, far: Far, signal?: AbortSignal) {
  const shown: string[] = [];
  const session = { call: async (_m: string, _f: string, _a: unknown, options: SessionCall) => far(options) };
  const onOutput = (line: string) => shown.push(line);
  const reply = await runCommand(session as unknown as Session, command, { deadline: 0, onOutput, signal });
  return { reply, shown };
}

/** Writes lines and returns what a command returns. */
const writing =
  (lines: readonly string[], result: Term = new Atom('ok')): Far =>
  ({ onOutput }) => {
    for (const line of lines) onOutput?.(line, 'out');
    return result;
  };

describe('the lines of a command', () => {
  it('are shown but for its result, which is the last', async () => {
    const { reply, shown } = await run(LEAVE, writing(['Migrated 1/1 queues and 2/2 messages', DOCUMENT]));
    expect(shown).toEqual(['Migrated 1/1 queues and 2/2 messages']);
    expect(reply).toMatchObject({ code: 'leave_unverified' });
  });

  it('are shown too where they only look like a result', async () => {
    const { shown } = await run(TRACE, writing([DOCUMENT, '{"a payload', 'more', DOCUMENT]));
    expect(shown).toEqual([DOCUMENT, '{"a payload', 'more']);
  });
});

describe('a crash in the middle of a leave', () => {
  it.each([
    [
      'a missing function',
      new Tuple([new Atom('undef'), [new Tuple([new Atom('vmq_reg'), new Atom('f'), [], []])]]),
    ],
    ['a bad match', new Tuple([new Atom('badmatch'), 1])],
  ])('is never told as one that changed nothing: %s', async (_what, term) => {
    const { reply } = await run(LEAVE, () => {
      throw new ErlangError('exit', 'crashed', { term });
    });
    expect(reply.outcome).toBe('failed');
  });
});

describe('a crash', () => {
  it.each<[string, Term]>([
    ['a binary', Buffer.from('bad key pl4nted')],
    ['a string', [...Buffer.from('bad key pl4nted')]],
    ['a tuple with a binary', new Tuple([Buffer.from('pl4nted'), []])],
    ['a bad match', new Tuple([new Tuple([new Atom('badmatch'), Buffer.from('pl4nted')]), []])],
  ])('does not show what may be an argument of the command: %s', async (_what, term) => {
    const { reply } = await run(ADD, () => {
      throw new ErlangError('exit', 'crashed', { term });
    });
    expect(JSON.stringify(reply)).not.toContain('pl4nted');
    expect(reply.outcome).toBe('failed');
  });
});

describe('the result', () => {
  it.each<[string, Term, string]>([
    ['ok', new Atom('ok'), 'done'],
    ['an error with a code', new Tuple([new Atom('error'), 1]), 'failed'],
    ['anything else', new Atom('error'), 'failed'],
  ])('%s', async (_what, result, outcome) => {
    const { reply } = await run({ words: ['metrics', 'show'] }, writing([], result));
    expect(reply.outcome).toBe(outcome);
  });
});

it('a trace leaves nothing behind on the signal that stops it', async () => {
  const stop = new AbortController();
  let listeners = 0;
  const { signal } = stop;
  const [add, remove] = [signal.addEventListener.bind(signal), signal.removeEventListener.bind(signal)];
  signal.addEventListener = (...args: Parameters<typeof add>) => {
    listeners++;
    add(...args);
  };
  signal.removeEventListener = (...args: Parameters<typeof remove>) => {
    listeners--;
    remove(...args);
  };
  await run(TRACE, writing([DOCUMENT]), signal);
  expect(listeners).toBe(0);
});

describe('an argument', () => {
  async function argumentsOf(command: AdminCommand): Promise<Term> {
    let sent: Term = [];
    const session = {
      call: async (_module: string, _name: string, [argv]: readonly Term[]) => {
        sent = argv ?? [];
        return new Atom('ok');
      },
    };
    await runCommand(session as unknown as Session, command, { deadline: 0 });
    return sent;
  }

  it.each<[string[], string]>([
    [['session', 'disconnect'], 'client-id'],
    [['session', 'disconnect', 'clients'], 'client-ids'],
  ])('arrives as characters where the broker makes a query of it: %j', async (words, key) => {
    const sent = await argumentsOf({ words, arguments: [[key, 'ü😀']] });
    expect(sent).toContainEqual([...Buffer.from(`${key}=`), 0xfc, 0x1f600]);
  });

  it.each<[string[], string]>([
    [['session', 'unsubscribe'], 'client-id'],
    [['trace', 'client'], 'client-id'],
  ])('arrives as bytes elsewhere: %j', async (words, key) => {
    const sent = await argumentsOf({ words, arguments: [[key, 'ü😀']] });
    expect(sent).toContainEqual([...Buffer.from(`${key}=ü😀`)]);
  });
});

it('two settings that were set and could not be told are done', async () => {
  const text = [[[...Buffer.from('retry_interval')], [...Buffer.from(' set to ')], [0x22, 0x32, 0x35]]];
  const place = new Tuple([new Atom('io'), new Atom('format'), [[...Buffer.from('~ts')], [text]], []]);
  const set: AdminCommand = { words: ['set'], arguments: [['retry_interval', '25']] };
  const { reply } = await run(set, () => {
    throw new ErlangError('exit', 'badarg', { term: new Tuple([new Atom('badarg'), [place]]) });
  });
  expect(reply).toMatchObject({ outcome: 'done', code: 'done_unsaid' });
});
