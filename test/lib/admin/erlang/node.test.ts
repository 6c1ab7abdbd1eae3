import { getEventListeners } from 'node:events';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { encodeControl } from '../../../../src/lib/admin/erlang/control/encode.js';
import {
  decodeFrame,
  encodeFrame,
  encodeTerms,
  type Terms,
} from '../../../../src/lib/admin/erlang/frame/frame.js';
import { Atom, connectNode, Pid, type Term } from '../../../../src/lib/admin/erlang/index.js';
import {
  answer,
  atom,
  calls,
  chars,
  connect,
  echo,
  ioReplies,
  parseCall,
  sendBroken,
  signals,
  theirRef,
  theirs,
  tuple,
  write,
} from '../../../support/erlang/conversation.js';
import type { FakeConnection } from '../../../support/erlang/fake-node.js';

describe('a call', () => {
  test('goes to rex, which is monitored once', async () => {
    const { node, heard } = await connect({ onMessage: echo });
    expect(await node.call('m', 'f', [1])).toEqual([1]);
    expect(await node.call('m', 'f', [2])).toEqual([2]);
    expect(signals(heard, 'monitor')).toMatchObject([{ to: atom('rex') }]);
    expect(calls(heard)[0]?.request.slice(0, 4)).toEqual([atom('call'), atom('m'), atom('f'), [1]]);
  });

  test.each([
    ['pass-through', true],
    ['atom-cache', false],
  ])('has its answer from %s frames that come byte by byte', async (_, isPassThrough) => {
    const { node } = await connect({
      isSlow: true,
      onMessage: (far, message) => {
        const call = parseCall(message);
        if (!call) return;
        if (isPassThrough) return answer(far, call, atom('yes'));
        const header = { references: [{ cacheIndex: 5, atom: atom('yes'), isNew: true }], longAtoms: false };
        const control = encodeControl({ type: 'send_sender', from: theirs(1), to: call.caller });
        far.sendFrame({ kind: 'message', header, control, payload: tuple(call.reference, atom('yes')) });
      },
    });
    expect(await node.call('m', 'f', [])).toEqual(atom('yes'));
  });

  test('has its answer from fragments', async () => {
    const { node } = await connect({
      onMessage: (far, message) => {
        const call = parseCall(message);
        if (!call) return;
        const header = { references: [], longAtoms: false };
        const control = encodeControl({ type: 'send', to: call.caller });
        const data = encodeTerms({ control, payload: tuple(call.reference, Buffer.alloc(200_000)) }, header);
        const [half, rest] = [data.subarray(0, 100_000), data.subarray(100_000)];
        far.sendFrame({ kind: 'first_fragment', sequence: 4n, fragment: 2n, header, data: half });
        far.sendFrame({ kind: 'later_fragment', sequence: 4n, fragment: 1n, data: rest });
      },
    });
    expect(await node.call('m', 'f', [])).toHaveLength(200_000);
  });

  test('that was given up leaves nothing behind, and its late answer goes nowhere', async () => {
    const { node, far, heard } = await connect();
    const abort = new AbortController();
    const options = { onOutput: () => undefined, input: new AbortController().signal };
    const late = node.call('m', 'f', [1], { ...options, deadline: 400 });
    const aborted = node.call('m', 'f', [2], { ...options, signal: abort.signal });
    const ended = Promise.allSettled([late, aborted]);
    await expect.poll(() => calls(heard)).toHaveLength(2);
    const [first, second] = calls(heard);
    if (!first || !second) throw new Error('no calls');
    far.send({ type: 'monitor', from: theirs(1), to: first.leader, ref: theirRef(1) });
    far.send({ type: 'link', from: theirs(2), to: first.leader });
    abort.abort();
    expect(await ended).toMatchObject([{ reason: { code: 'deadline' } }, { reason: { code: 'aborted' } }]);
    await expect
      .poll(() => signals(heard, 'monitor_exit'))
      .toMatchObject([{ to: theirs(1), reason: atom('normal') }]);
    await expect
      .poll(() => signals(heard, 'exit'))
      .toMatchObject([{ to: theirs(2), reason: atom('normal') }]);
    expect(getEventListeners(options.input, 'abort')).toEqual([]);
    expect(getEventListeners(abort.signal, 'abort')).toEqual([]);
    answer(far, first, 1);
    answer(far, second, 2);
    far.send({ type: 'monitor', from: theirs(3), to: second.leader, ref: theirRef(3) });
    await expect.poll(() => signals(heard, 'monitor_exit')).toMatchObject([{}, { reason: atom('noproc') }]);
  });

  test('may have a deadline that is longer than a timer can be', async () => {
    const { node } = await connect({
      onMessage: (far, message) => void setTimeout(() => echo(far, message), 50),
    });
    expect(await node.call('m', 'f', [1], { deadline: 90 * 24 * 3600 * 1000 })).toEqual([1]);
  });

  test('may share its signal with many others', async () => {
    const { node } = await connect({ onMessage: echo });
    const abort = new AbortController();
    const all = Array.from({ length: 100 }, (_, index) =>
      node.call('m', 'f', [index], { signal: abort.signal }),
    );
    expect(getEventListeners(abort.signal, 'abort')).toHaveLength(1);
    expect(await Promise.all(all)).toHaveLength(100);
    expect(getEventListeners(abort.signal, 'abort')).toEqual([]);
  });

  /** Tells that rex, as it was monitored last, has ended. */
  const endRex = async (far: FakeConnection, heard: readonly Terms[], reason: Term, isPayload = false) => {
    await expect.poll(() => calls(heard).length).toBeGreaterThan(0);
    const monitor = signals(heard, 'monitor').at(-1);
    if (monitor?.type !== 'monitor') throw new Error('no monitor');
    const exit = { type: 'monitor_exit', from: monitor.to, to: monitor.from, ref: monitor.ref } as const;
    if (isPayload) far.send({ ...exit, reason: undefined }, reason);
    else far.send({ ...exit, reason });
  };

  test.each([false, true])('may be going on when rex ends (reason as payload: %s)', async (isPayload) => {
    const { node, far, heard } = await connect();
    const message = 'the rpc server of fake@127.0.0.1 (rex) went down: {shutdown,…}';
    const reason = tuple(atom('shutdown'), chars('because'));
    const failed = expect(node.call('m', 'f', [])).rejects.toMatchObject({
      code: 'connection_lost',
      message,
      term: reason,
    });
    await endRex(far, heard, reason, isPayload);
    await failed;
  });

  test('has begun nothing where rex was never there', async () => {
    const { node, far, heard } = await connect();
    const failed = expect(node.call('m', 'f', [])).rejects.toMatchObject({ code: 'badrpc' });
    await endRex(far, heard, atom('noproc'));
    await failed;
  });

  test('may be going on where rex was there, whatever it ended with', async () => {
    const { node, far, heard } = await connect();
    const first = node.call('m', 'f', []);
    await expect.poll(() => calls(heard)).toHaveLength(1);
    for (const call of calls(heard)) answer(far, call, 1);
    await first;
    const failed = expect(node.call('m', 'f', [])).rejects.toMatchObject({ code: 'connection_lost' });
    await endRex(far, heard, atom('noproc'));
    await failed;
  });

  test('whose answer cannot be read fails alone', async () => {
    const { node, far, heard } = await connect();
    const unreadable = node.call('m', 'f', []);
    const other = node.call('m', 'g', []);
    await expect.poll(() => calls(heard)).toHaveLength(2);
    const [first, second] = calls(heard);
    if (!first || !second) throw new Error('no calls');
    sendBroken(far, { type: 'send', to: first.caller }, first.reference);
    const message = expect.stringContaining('the answer of m:f/0 cannot be read: unknown tag 1');
    await expect(unreadable).rejects.toMatchObject({ code: 'bad_term', message });
    sendBroken(far, { type: 'send', to: first.caller }, first.reference);
    answer(far, second, 7);
    expect(await other).toBe(7);
  });

  test.each([
    ['nodedown', atom('nodedown'), 'badrpc', 'nodedown'],
    ['EXIT', tuple(atom('EXIT'), tuple(atom('badmatch'), 1)), 'exit', '{badmatch,1}'],
  ])('fails with {badrpc, %s}', async (_, reason, code, text) => {
    const { node } = await connect({
      onMessage: (far, message) => {
        const call = parseCall(message);
        if (call) answer(far, call, tuple(atom('badrpc'), reason));
      },
    });
    const message = expect.stringContaining(text);
    await expect(node.call('m', 'f', [])).rejects.toMatchObject({ code, message });
  });
});

describe('what is written', () => {
  test('before the answer comes before it, also when it must be formatted by the node', async () => {
    const { node } = await connect({
      onMessage: (far, message) => {
        const call = parseCall(message);
        if (!call) return;
        if (call.request[1] instanceof Atom && call.request[1].name === 'io_lib')
          return void setTimeout(() => answer(far, call, chars('formatted\n')), 50);
        const put = (...request: Term[]) => write(far, call.leader, ...request);
        put(chars('first '));
        put(atom('io_lib'), atom('format'), [chars('~p'), [1]]);
        put(chars('last'));
        answer(far, call, atom('ok'));
      },
    });
    const lines: string[] = [];
    await node.call('m', 'f', [], { onOutput: (line) => lines.push(line) });
    expect(lines).toEqual(['first formatted', 'last']);
  });

  test('may be a line of millions of characters, also as a list', async () => {
    const { node } = await connect({
      onMessage: (far, message) => {
        const call = parseCall(message);
        if (!call) return;
        write(
          far,
          call.leader,
          Array.from({ length: 5_000_000 }, () => 120),
        );
        write(far, call.leader, atom('io_lib'), atom('format'), [
          chars('~ts~n'),
          [Buffer.alloc(5_000_000, 'x')],
        ]);
        answer(far, call, atom('ok'));
      },
    });
    const lengths: number[] = [];
    await node.call('m', 'f', [], { onOutput: (line) => lengths.push(line.length) });
    expect(lengths).toEqual([10_000_000]);
  });

  test('fails its call alone where it cannot be read, or does not end', async () => {
    const { node, far, heard } = await connect();
    const lines: string[] = [];
    const call = (name: string) =>
      node.call('m', name, [], { onOutput: (line) => lines.push(line.slice(0, 9)) });
    const unreadable = call('unreadable');
    const endless = call('endless');
    const silent = node.call('m', 'silent', []);
    await expect.poll(() => calls(heard)).toHaveLength(3);
    const [first, second, third] = calls(heard);
    if (!first || !second || !third) throw new Error('no calls');
    write(far, first.leader, chars('read\n'));
    sendBroken(far, { type: 'send', to: first.leader }, atom('io_request'), theirs(1), theirRef(1));
    await expect(unreadable).rejects.toMatchObject({ code: 'bad_term' });
    for (let count = 0; count < 17; count++) write(far, second.leader, Buffer.alloc(1024 * 1024, 'x'));
    await expect(endless).rejects.toMatchObject({ code: 'bad_term' });
    sendBroken(far, { type: 'send', to: third.leader }, atom('io_request'), theirs(1), theirRef(1));
    await expect.poll(() => ioReplies(heard).at(-1)).toEqual(tuple(atom('error'), atom('request')));
    answer(far, third, 3);
    expect(await silent).toBe(3);
    expect(lines).toEqual(['read', 'xxxxxxxxx']);
  });

  test('is not waited for where its call has been given up', async () => {
    const { node, far, heard } = await connect();
    const abort = new AbortController();
    const call = node.call('m', 'f', [], { onOutput: () => undefined, signal: abort.signal });
    await expect.poll(() => calls(heard)).toHaveLength(1);
    for (const { leader } of calls(heard))
      write(far, leader, atom('io_lib'), atom('format'), [chars('~p'), [1]]);
    await expect.poll(() => calls(heard)).toHaveLength(2);
    abort.abort();
    await expect(call).rejects.toMatchObject({ code: 'aborted' });
    await expect.poll(() => ioReplies(heard)).toEqual([tuple(atom('error'), atom('format'))]);
  });

  test('is given out when the connection is lost, also the rest of a line', async () => {
    const { node } = await connect({
      onMessage: (far, message) => {
        const call = parseCall(message);
        if (!call) return;
        write(far, call.leader, chars('one\nand a ha'));
        far.socket.end();
      },
    });
    const lines: string[] = [];
    const call = node.call('m', 'f', [], { onOutput: (line) => lines.push(line) });
    await expect(call).rejects.toMatchObject({ code: 'connection_lost' });
    expect(lines).toEqual(['one', 'and a ha']);
  });
});

describe('a signal', () => {
  const stranger = new Pid(atom('me@here'), 900, 0, 1);

  test('to a process that is not there is answered as Erlang does', async () => {
    const { far, heard } = await connect();
    far.send({ type: 'link', from: theirs(1), to: stranger });
    far.send({ type: 'monitor', from: theirs(1), to: atom('nobody'), ref: theirRef(1) });
    far.send({ type: 'unlink_id', id: 42, from: theirs(1), to: stranger });
    await expect.poll(() => heard).toHaveLength(3);
    expect(signals(heard, 'exit')).toMatchObject([{ from: stranger, reason: atom('noproc') }]);
    expect(signals(heard, 'monitor_exit')).toMatchObject([{ from: atom('nobody'), reason: atom('noproc') }]);
    expect(signals(heard, 'unlink_id_ack')).toEqual([
      { type: 'unlink_id_ack', id: 42, from: stranger, to: theirs(1) },
    ]);
  });

  test('of another kind needs no answer and does no harm', async () => {
    const { node, far } = await connect({ onMessage: echo });
    far.send({ type: 'exit2', from: theirs(1), to: stranger, reason: atom('kill') });
    far.send({ type: 'group_leader', from: theirs(1), to: stranger });
    far.send({ type: 'alias_send', from: theirs(1), alias: theirRef(1) }, 1);
    far.send({ type: 'unlink', from: theirs(1), to: stranger });
    far.send({ type: 'send', to: stranger }, atom('hello'));
    far.send({ type: 'reg_send', from: theirs(1), name: atom('nobody') }, atom('hello'));
    far.send({ type: 'reg_send', from: theirs(1), name: atom('rex') }, atom('hello'));
    far.send({ type: 'reg_send', from: theirs(1), name: atom('net_kernel') }, tuple());
    expect(await node.call('m', 'f', [7])).toEqual([7]);
  });

  test('that cannot be read is answered where it can be', async () => {
    const { node, far, heard } = await connect({ onMessage: echo });
    for (const name of ['rex', 'net_kernel'])
      sendBroken(
        far,
        { type: 'reg_send', from: theirs(1), name: atom(name) },
        atom('$gen_call'),
        tuple(theirs(1), theirRef(1)),
      );
    const entry = tuple(atom('erpc'), atom('execute_call'), 4);
    const spawn = { type: 'spawn_request', from: theirs(1), groupLeader: theirs(2), options: [] } as const;
    sendBroken(far, { ...spawn, id: theirRef(2), entry });
    await expect.poll(() => signals(heard, 'spawn_reply')).toMatchObject([{ result: atom('notsup') }]);
    expect(heard.map(({ payload }) => payload).filter((payload) => payload !== undefined)).toEqual([
      tuple(theirRef(1), tuple(atom('badrpc'), atom('notsup'))),
      tuple(theirRef(1), tuple(atom('error'), atom('notsup'))),
    ]);
    expect(await node.call('m', 'f', [7])).toEqual([7]);
  });

  test('that asks to start a process is refused', async () => {
    const { far, heard } = await connect();
    const entry = tuple(atom('os'), atom('cmd'), 1);
    const request = { type: 'spawn_request', from: theirs(1), groupLeader: theirs(2), options: [] } as const;
    far.send({ ...request, id: theirRef(1), entry }, [chars('id')]);
    const execute = tuple(atom('erpc'), atom('execute_call'), 4);
    const args = [theirRef(9), atom('erlang'), atom('whereis'), [atom('standard_error')]];
    far.send({ ...request, id: theirRef(2), entry: execute }, args); // without a monitor nobody could hear the answer
    far.send({ ...request, id: theirRef(3), entry: execute, options: [atom('monitor')] }, [
      theirRef(9),
      atom('os'),
      atom('cmd'),
      [],
    ]);
    const refusal = { result: atom('notsup'), flags: 0 };
    await expect.poll(() => signals(heard, 'spawn_reply')).toMatchObject([refusal, refusal, refusal]);
  });
});

describe('a connection', () => {
  type Fault = (far: FakeConnection, caller: Pid) => void;

  const fails = async (fault: Fault, code: string) => {
    const { node, far, heard } = await connect();
    const call = node.call('m', 'f', []);
    await expect.poll(() => calls(heard)).toHaveLength(1);
    for (const { caller } of calls(heard)) fault(far, caller);
    await expect(call).rejects.toMatchObject({ code });
    expect(await node.closed).toMatchObject({ code });
    await expect(node.call('m', 'f', [])).rejects.toMatchObject({ code });
  };

  test.each<[string, string, Fault]>([
    ['half a frame', 'connection_lost', (far) => far.socket.end(Buffer.from('0000000a70', 'hex'))],
    ['a reset', 'connection_lost', (far) => far.socket.resetAndDestroy()],
    ['a frame that is too long', 'bad_frame', (far) => far.socket.write(Buffer.from('ffffffff', 'hex'))],
    ['garbage', 'bad_frame', (far) => far.socket.write(Buffer.from('0000000568656c6c6f', 'hex'))],
    [
      'a control message that is no term',
      'bad_term',
      (far) => far.socket.write(Buffer.from('000000037083ff', 'hex')),
    ],
    [
      'a control message that there is not',
      'bad_frame',
      (far) => far.sendFrame({ kind: 'pass_through', control: tuple(99), payload: undefined }),
    ],
    [
      'an answer that does not say to which call',
      'bad_term',
      (far, to) => sendBroken(far, { type: 'send', to }),
    ],
    [
      'more monitors than are accepted',
      'bad_frame',
      (far) => {
        for (let id = 0; id <= 10_000; id++)
          far.send({ type: 'monitor', from: theirs(1), to: atom('rex'), ref: theirRef(id) });
      },
    ],
    [
      'more links than are accepted',
      'bad_frame',
      (far, to) => {
        for (let id = 0; id <= 10_000; id++) far.send({ type: 'link', from: theirs(id), to });
      },
    ],
  ])('ends with %s', (_, code, fault) => fails(fault, code));

  test('ends when the node is silent for longer than the tick time', async () => {
    const { node } = await connect({}, { tickTime: 100 });
    await expect(node.call('m', 'f', [])).rejects.toMatchObject({ code: 'peer_silent' });
  });

  test('gives a sign of life every second, however long the other node may be silent', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    onTestFinished(() => void vi.useRealTimers());
    const { node, far } = await connect({}, { tickTime: 60_000 });
    let ticks = 0;
    far.socket.on('data', (chunk) => {
      if (Buffer.isBuffer(chunk) && chunk.equals(Buffer.alloc(4))) ticks++;
    });
    for (const expected of [1, 2, 3]) {
      vi.advanceTimersByTime(1000);
      await expect.poll(() => ticks).toBe(expected);
    }
    const call = node.call('m', 'f', [], { deadline: 50 });
    await expect(call).rejects.toMatchObject({ code: 'deadline' });
    vi.advanceTimersByTime(1000);
    vi.advanceTimersByTime(1000);
    await expect.poll(() => ticks).toBe(4);
  });

  test('lives on ticks alone', async () => {
    const { node, far } = await connect({}, { tickTime: 200 });
    const ticking = setInterval(() => far.socket.write(Buffer.alloc(4)), 50);
    onTestFinished(() => clearInterval(ticking));
    const call = node.call('m', 'f', [], { deadline: 600 });
    await expect(call).rejects.toMatchObject({ code: 'deadline' });
  });

  test.each([0, -1, 1.5, 65_536, Number.NaN])('cannot be opened to the port %s', async (port) => {
    const options = { node: 'a@127.0.0.1', cookie: 'cookie' };
    const code = 'host_unknown';
    await expect(connectNode({ ...options, port })).rejects.toMatchObject({ name: 'ErlangError', code });
    await expect(connectNode({ ...options, epmdPort: port })).rejects.toMatchObject({ code });
  });

  test('sends only what can be encoded, in one piece', async () => {
    const { node, heard } = await connect({ onMessage: echo });
    const bad = node.call('m', 'f', [1, Number.POSITIVE_INFINITY]);
    const good = node.call('m', 'f', [2]);
    await expect(bad).rejects.toMatchObject({ code: 'bad_term' });
    expect(await good).toEqual([2]);
    expect(calls(heard)).toHaveLength(1);
    for (const { control, payload } of heard)
      expect(decodeFrame(encodeFrame({ kind: 'pass_through', control, payload }), [])).toMatchObject({
        control,
      });
  });
});
