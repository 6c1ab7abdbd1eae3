import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import {
  Atom,
  type CallOptions,
  connectNode,
  type ErlangNode,
  type Term,
  Tuple,
} from '../../src/lib/admin/erlang/index.js';
import { chardataToString } from '../../src/lib/admin/erlang/term/chardata.js';
import { type Epmd, type ErlangNodeProcess, startEpmd, startErlangNode } from '../support/erlang-node.js';

const COOKIE = 'a cookie for tests';

let epmd: Epmd;
let far: ErlangNodeProcess;
let node: ErlangNode;

beforeAll(async () => {
  epmd = await startEpmd();
  far = await startErlangNode({ epmd, cookie: COOKIE, settings: { pace: 20 } });
  node = await connectNode({ node: far.name, cookie: COOKIE, epmdPort: epmd.port });
});

afterAll(async () => {
  node?.close();
  await far?.kill();
  await epmd?.stop();
});

const atom = (name: string) => new Atom(name);
const chars = (text: string): Term => [...text].map((character) => character.codePointAt(0) ?? 0);
const tuple = (...elements: readonly Term[]) => new Tuple(elements);

/** Calls, and gives back what was written as well. */
async function capture(
  name: string,
  args: readonly Term[],
  options: CallOptions = {},
  module = 'dist_probe',
) {
  const lines: string[] = [];
  const onOutput = (line: string, stream: string) => lines.push(`${stream}: ${line}`);
  const value = await node.call(module, name, args, { ...options, onOutput });
  return { value, lines };
}

const command = (words: string, options: CallOptions = {}) =>
  capture('command', [`vmq-admin ${words}`.split(' ').map(chars)], options, 'vmq_server_cli');

describe('calls', () => {
  test('return what the function returns', async () => {
    expect(await node.call('erlang', '+', [1, 2])).toBe(3);
    expect(await node.call('erlang', 'node', [])).toEqual(atom(far.name));
  });

  test('come from a hidden node', async () => {
    expect(await node.call('erlang', 'nodes', [atom('hidden')])).toContainEqual(atom(node.ownName));
    expect(await node.call('erlang', 'nodes', [])).not.toContainEqual(atom(node.ownName));
  });

  test('thousands at a time have each their own answer', async () => {
    const answers = await Promise.all(
      Array.from({ length: 5000 }, (_, index) => node.call('erlang', 'abs', [-index])),
    );
    expect(answers).toEqual(Array.from({ length: 5000 }, (_, index) => index));
  });

  test('are answered in whatever order they end', async () => {
    const ended: Term[] = [];
    const echo = async (delay: number) =>
      ended.push(await node.call('dist_probe', 'echo_after', [delay, delay]));
    await Promise.all([echo(300), echo(1), echo(150)]);
    expect(ended).toEqual([1, 150, 300]);
  });

  test('carry large lists and binaries both ways', async () => {
    expect(await node.call('lists', 'seq', [1, 200_000])).toHaveLength(200_000);
    const large = Buffer.alloc(20_000_000, 'x');
    const answer = await node.call('dist_probe', 'echo_after', [0, large]);
    expect(answer instanceof Uint8Array && Buffer.compare(answer, large)).toBe(0);
  });

  test('say what failed there, without the arguments', async () => {
    const failure = node.call('erlang', 'atom_to_list', [chars('a secret')]);
    await expect(failure).rejects.toMatchObject({ code: 'exit', message: expect.stringContaining('badarg') });
    await expect(failure).rejects.toMatchObject({ message: expect.not.stringContaining('secret') });
    await expect(node.call('no_such', 'function', [])).rejects.toMatchObject({
      code: 'exit',
      message: `no_such:function/0 on ${far.name} failed: undef in no_such:function/0`,
    });
    await expect(node.call('dist_probe', 'exit_with', [tuple(atom('gone'), 7)])).rejects.toMatchObject({
      code: 'exit',
      message: expect.stringContaining('{gone,7}'),
      term: tuple(atom('gone'), 7),
    });
  });

  test('end at their deadline, and a late answer disturbs nobody', async () => {
    const late = node.call('dist_probe', 'echo_after', [200, 1], { deadline: 50 });
    await expect(late).rejects.toMatchObject({ code: 'deadline' });
    expect(await node.call('dist_probe', 'echo_after', [250, 2])).toBe(2);
  });

  test('can be given up', async () => {
    const abort = new AbortController();
    const never = node.call('dist_probe', 'never', [], { signal: abort.signal });
    abort.abort(new Error('enough'));
    await expect(never).rejects.toMatchObject({ code: 'aborted', cause: new Error('enough') });
    await expect(node.call('erlang', 'node', [], { signal: abort.signal })).rejects.toMatchObject({
      code: 'aborted',
    });
  });

  test('that are given up end their group leader', async () => {
    const key = atom('dist_probe_leader');
    const lasting = node.call('dist_probe', 'monitor_then_wait', [key], { onOutput: () => undefined });
    expect(await lasting).toEqual(atom('ok'));
    await expect
      .poll(() => node.call('persistent_term', 'get', [key, atom('waiting')]))
      .toEqual(atom('normal'));
  });

  test('whose arguments are no terms fail alone', async () => {
    const strange = node.call('erlang', 'abs', [Number.NaN]);
    await expect(strange).rejects.toMatchObject({ code: 'bad_term' });
    expect(await node.call('erlang', 'abs', [-1])).toBe(1);
  });
});

describe('what a command writes', () => {
  test('comes as lines', async () => {
    const { value, lines } = await command('cluster show');
    expect(value).toEqual(atom('ok'));
    expect(lines).toHaveLength(7);
    expect(lines[3]).toBe('out: | VerneMQ1@127.0.0.1 | true    |');
  });

  test('comes as JSON where asked for, with the rest of a line', async () => {
    const { lines } = await command('cluster show --format=json');
    expect(lines).toEqual([
      'out: {"table":[{"Node":"VerneMQ1@127.0.0.1","Running":true},{"Node":"VerneMQ2@127.0.0.1","Running":false}],"type":"table"}',
    ]);
  });

  test('on its stderr is marked so, and an error has its exit code', async () => {
    expect(await command('frobnicate now')).toEqual({
      value: tuple(atom('error'), 1),
      lines: ['err: Invalid command: frobnicate now'],
    });
    const { lines } = await capture('stderr_of_caller', []);
    expect(lines).toEqual(['err: to stderr ✓', 'out: to stdout']);
  });

  test('of two commands at a time goes to each of them', async () => {
    const [one, two] = await Promise.all([command('no one'), command('no two')]);
    expect(one.lines).toEqual(['err: Invalid command: no one']);
    expect(two.lines).toEqual(['err: Invalid command: no two']);
  });

  test('comes while it runs', async () => {
    const seen: string[] = [];
    let ended = false;
    const leave = node.call(
      'vmq_server_cli',
      'command',
      [['vmq-admin', 'cluster', 'leave', 'node=x@y', '-k'].map(chars)],
      { onOutput: (line) => seen.push(`${line}${ended ? ' after the end' : ''}`) },
    );
    await expect.poll(() => seen.length).toBeGreaterThan(0);
    expect(seen.length).toBeLessThan(10);
    await leave;
    ended = true;
    expect(seen).toHaveLength(11);
    expect(seen[10]).toBe('Done');
    expect(seen[4]).toBe('Migrated 5/10 queues and 25/50 messages');
  });

  test('is complete and in order when many processes write at once', async () => {
    const { lines } = await capture('storm', [100, 100]);
    expect(lines).toHaveLength(10_000);
    const perProcess = new Map<string, number[]>();
    for (const line of lines) {
      const [process = '', number] = line.slice(5).split(' ');
      perProcess.set(process, [...(perProcess.get(process) ?? []), Number(number)]);
    }
    const inOrder = Array.from({ length: 100 }, (_, index) => index + 1);
    for (const numbers of perProcess.values()) expect(numbers).toEqual(inOrder);
  });

  test('may be characters of any alphabet', async () => {
    const { lines } = await capture('format', [chars('~ts\n~s'), [chars('日本 é 👍'), chars('é')]], {}, 'io');
    expect(lines).toEqual(['out: 日本 é 👍', 'out: é']);
  });

  test('may be a line of millions of characters', async () => {
    const large = Buffer.alloc(4_200_000, 'x');
    const { lines } = await capture('format', [chars('~ts~n~s~n'), [large, large]], {}, 'io');
    expect(lines.map((line) => line.length)).toEqual([4_200_005, 4_200_005]);
  });

  test.each(['~p~n', '~10s|~n', '~ts ~w~n'])('may be made by the node as %s', async (format) => {
    const values = format === '~ts ~w~n' ? [chars('a'), atom('b')] : [chars('text')];
    const { lines } = await capture('format', [chars(format), values], {}, 'io');
    const expected = await node.call('io_lib', 'format', [chars(format), values]);
    expect(lines).toEqual([`out: ${chardataToString(expected).trimEnd()}`]);
  });

  test('may be made by a function of any module there', async () => {
    expect(await capture('from_module', [])).toEqual({
      value: atom('ok'),
      lines: ['out: made here', 'out: and über all'],
    });
  });

  test('may come by the requests of before R15', async () => {
    const { value, lines } = await capture('old_style', [[0xe9]]);
    expect(value).toEqual([atom('ok'), atom('ok')]);
    expect(lines).toEqual(['out: éé']);
  });

  test('may come by several requests at once', async () => {
    const put = (text: string) => tuple(atom('put_chars'), atom('unicode'), chars(text));
    const { value, lines } = await capture('requests', [[put('a'), put('b\n'), put('c')]]);
    expect(value).toEqual(atom('ok'));
    expect(lines).toEqual(['out: ab', 'out: c']);
  });

  test('is lost to nobody when a command fails', async () => {
    const lines: string[] = [];
    const call = node.call('io', 'format', [chars('half a line~p'), []], {
      onOutput: (line) => lines.push(line),
    });
    await expect(call).rejects.toMatchObject({ code: 'exit' });
    const crash = command('listener delete port=1');
    await expect(crash).rejects.toMatchObject({ code: 'exit', message: expect.stringContaining('badarg') });
  });

  test('ends the call when the listener throws', async () => {
    const onOutput = () => {
      throw new RangeError('no more');
    };
    const call = node.call('io', 'put_chars', [chars('one\ntwo\n')], { onOutput });
    await expect(call).rejects.toThrow(RangeError);
    expect(await node.call('erlang', 'abs', [-1])).toBe(1);
  });

  test('may be wanted by nobody', async () => {
    expect(await node.call('io', 'format', [chars('~p'), [1]])).toEqual(atom('ok'));
  });
});

describe('requests of the I/O protocol', () => {
  const error = (reason: string) => tuple(atom('error'), atom(reason));

  test.each([
    ['make_coffee', atom('make_coffee'), error('request')],
    ['put_chars of no encoding', tuple(atom('put_chars'), atom('utf9'), chars('a')), error('request')],
    [
      'put_chars of no characters',
      tuple(atom('put_chars'), atom('unicode'), [atom('a')]),
      error('put_chars'),
    ],
    [
      'put_chars of a function that is not there',
      tuple(atom('put_chars'), atom('unicode'), atom('no_such'), atom('function'), []),
      error('function'),
    ],
    ['setopts', tuple(atom('setopts'), [atom('binary')]), error('enotsup')],
    ['getopts', atom('getopts'), [tuple(atom('encoding'), atom('unicode'))]],
    ['get_geometry', tuple(atom('get_geometry'), atom('columns')), error('enotsup')],
    ['get_line', tuple(atom('get_line'), atom('unicode'), chars('? ')), atom('eof')],
    ['get_password', tuple(atom('get_password'), atom('unicode')), atom('eof')],
    [
      'requests up to the first error',
      tuple(atom('requests'), [atom('make_coffee'), atom('getopts')]),
      error('request'),
    ],
  ])('%s', async (_, request, answer) => {
    expect((await capture('ask', [request])).value).toEqual(answer);
  });

  test('input waits where it is held, until it ends; meanwhile output goes on', async () => {
    const input = new AbortController();
    const lines: string[] = [];
    const trace = node.call(
      'vmq_server_cli',
      'command',
      [['vmq-admin', 'trace', 'client', 'client-id=x'].map(chars)],
      { input: input.signal, onOutput: (line) => lines.push(line) },
    );
    await expect.poll(() => lines).toEqual(['Starting trace']);
    expect(await node.call('vmq_server_cli', 'trace_state', [])).toEqual(atom('tracing'));
    input.abort();
    expect(await trace).toEqual(atom('ok'));
    expect(lines).toEqual(['Starting trace', 'Done.']);
    expect(await node.call('vmq_server_cli', 'trace_state', [])).toEqual(atom('stopped'));
  });
});

describe('what the node asks of ours', () => {
  const answer = (term: Term) => tuple(atom('answer'), term);
  const refused = answer(tuple(atom('badrpc'), atom('notsup')));
  const ask = async (...args: Term[]) => (await capture('ask_caller', args)).value;

  test('is refused unless it is the standard_error of a call', async () => {
    for (const way of [atom('erpc'), atom('rex')]) {
      expect(await ask(way, atom('os'), atom('cmd'), [chars('id')])).toEqual(refused);
      expect(await ask(way, atom('erlang'), atom('halt'), [])).toEqual(refused);
      expect(await ask(way, atom('erlang'), atom('whereis'), [atom('init')])).toEqual(
        answer(atom('undefined')),
      );
      expect(await ask(way, atom('erlang'), atom('whereis'), [atom('standard_error')])).toMatchObject({
        elements: [atom('answer'), { node: atom(node.ownName) }],
      });
    }
    expect(await ask(atom('cast'), 1, 1, 1)).toEqual(atom('ok'));
  });

  test('by ping and for features is answered', async () => {
    expect(await ask(atom('net_kernel'), 1, 1, 1)).toEqual(atom('yes'));
    expect(await ask(atom('features'), 1, 1, 1)).toEqual(tuple(atom(node.ownName), []));
    expect(await node.call('net_adm', 'ping', [atom(node.ownName)])).toEqual(atom('pong'));
  });

  test('about processes that are not there is noproc', async () => {
    const noproc = tuple(atom('down'), atom('noproc'));
    expect((await capture('whois', [atom('name'), atom('nobody')])).value).toEqual(noproc);
    expect((await capture('whois', [atom('name'), atom('rex')])).value).toEqual(atom('alive'));
    const { value: gone } = await capture('group_leader', [], {}, 'erlang');
    expect((await capture('whois', [atom('pid'), gone])).value).toEqual(noproc);
    expect((await capture('link_to', [gone])).value).toEqual(tuple(atom('exit'), atom('noproc')));
  });

  test('can be a link and its end', async () => {
    // The stderr of a call that has ended is no process any more; the group leader of silent calls stays one.
    const { value: ended } = await capture('stderr_of_caller', []);
    expect((await capture('link_to', [ended])).value).toEqual(tuple(atom('exit'), atom('noproc')));
    const leader = await node.call('erlang', 'group_leader', []);
    expect((await capture('link_to', [leader])).value).toEqual(tuple(atom('alive'), atom('false')));
  });
});

describe('there is no limit of 60 seconds', () => {
  test('to what runs and writes, by our own clock, unless a deadline is set', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
    const fresh = await connectNode({ node: far.name, cookie: COOKIE, port: far.port });
    try {
      const argv = [['vmq-admin', 'cluster', 'leave', 'node=x@y', '-k'].map(chars)];
      let elapsed = 0;
      const onOutput = () => {
        elapsed += 14;
        vi.advanceTimersByTime(14_000);
      };
      expect(await fresh.call('vmq_server_cli', 'command', argv, { onOutput })).toEqual(atom('ok'));
      expect(elapsed).toBeGreaterThan(120);
      const limited = fresh.call('vmq_server_cli', 'command', argv, { onOutput, deadline: 60_000 });
      await expect(limited).rejects.toMatchObject({ code: 'deadline' });
    } finally {
      vi.useRealTimers();
      fresh.close();
    }
  });
});
