import { getEventListeners } from 'node:events';
import { afterEach, describe, expect, test } from 'vitest';
import type { Control } from '../../../../src/lib/admin/erlang/control/control.js';
import { decodeControl } from '../../../../src/lib/admin/erlang/control/decode.js';
import { encodeControl } from '../../../../src/lib/admin/erlang/control/encode.js';
import {
  decodeFrame,
  encodeFrame,
  encodeTerms,
  type Terms,
} from '../../../../src/lib/admin/erlang/frame/frame.js';
import {
  Atom,
  type ConnectOptions,
  connectNode,
  type ErlangNode,
  Pid,
  Reference,
  type Term,
  Tuple,
} from '../../../../src/lib/admin/erlang/index.js';
import {
  type FakeConnection,
  type FakeNodeOptions,
  startFakeNode,
} from '../../../support/erlang/fake-node.js';

const cleanUps: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

const atom = (name: string) => new Atom(name);
const tuple = (...elements: readonly Term[]) => new Tuple(elements);
const chars = (text: string): Term => [...text].map((character) => character.codePointAt(0) ?? 0);
const theirs = (id: number) => new Pid(atom('fake@127.0.0.1'), id, 0, 99);
const theirRef = (id: number) => new Reference(atom('fake@127.0.0.1'), 99, [id, 0, 0]);

/** A connection to a node that does what a test says, and what came from our side. */
async function connect(
  options: Omit<FakeNodeOptions, 'onReady'> = {},
  ours: Partial<ConnectOptions> = {},
): Promise<{ node: ErlangNode; far: FakeConnection; heard: Terms[] }> {
  const heard: Terms[] = [];
  let far: FakeConnection | undefined;
  const fake = await startFakeNode({
    ...options,
    onReady: (connection) => {
      far = connection;
    },
    onMessage: (connection, message) => {
      heard.push(message);
      options.onMessage?.(connection, message);
    },
  });
  const node = await connectNode({ node: 'fake@127.0.0.1', cookie: 'cookie', port: fake.port, ...ours });
  cleanUps.push(() => fake.stop());
  cleanUps.push(() => node.close());
  if (!far) throw new Error('connected, but not ready');
  return { node, far, heard };
}

/** The parts of a call as `rex` gets it. */
interface Call {
  readonly caller: Pid;
  readonly reference: Reference;
  readonly request: readonly Term[];
  readonly leader: Pid;
}

function parseCall({ control, payload }: Terms): Call | undefined {
  const signal = decodeControl(control);
  if (signal.type !== 'reg_send' || !(payload instanceof Tuple)) return undefined;
  const [, from, request] = payload.elements;
  if (!(from instanceof Tuple) || !(request instanceof Tuple)) return undefined;
  const [caller, reference] = from.elements;
  const leader = request.elements[4];
  if (!(caller instanceof Pid) || !(reference instanceof Reference) || !(leader instanceof Pid))
    return undefined;
  return { caller, reference, request: request.elements, leader };
}

const calls = (heard: readonly Terms[]) => heard.map(parseCall).filter((call) => call !== undefined);
const signals = (heard: readonly Terms[], type: Control['type']) =>
  heard.map(({ control }) => decodeControl(control)).filter((signal) => signal.type === type);

const answer = (far: FakeConnection, { caller, reference }: Call, value: Term) =>
  far.send({ type: 'send', to: caller }, tuple(reference, value));

/** A node that answers each call with its arguments. */
const echo = (connection: FakeConnection, message: Terms) => {
  const call = parseCall(message);
  if (call) answer(connection, call, call.request[3] ?? []);
};

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

  test('fails when rex ends, also where the reason comes as payload', async () => {
    const { node, far, heard } = await connect();
    for (const reason of [atom('killed'), undefined]) {
      heard.length = 0;
      const call = node.call('m', 'f', []);
      const failed = expect(call).rejects.toMatchObject({ code: 'badrpc', term: atom('killed') });
      await expect.poll(() => signals(heard, 'monitor')).toHaveLength(1);
      const [monitor] = signals(heard, 'monitor');
      if (monitor?.type !== 'monitor') throw new Error('no monitor');
      far.send(
        { type: 'monitor_exit', from: monitor.to, to: monitor.from, ref: monitor.ref, reason },
        reason ? undefined : atom('killed'),
      );
      await failed;
    }
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
        const put = (...request: Term[]) =>
          far.send(
            { type: 'send', to: call.leader },
            tuple(
              atom('io_request'),
              theirs(1),
              theirRef(1),
              tuple(atom('put_chars'), atom('unicode'), ...request),
            ),
          );
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

  test('is given out when the connection is lost, also the rest of a line', async () => {
    const { node } = await connect({
      onMessage: (far, message) => {
        const call = parseCall(message);
        if (!call) return;
        const request = tuple(atom('put_chars'), atom('unicode'), chars('one\nand a ha'));
        far.send(
          { type: 'send', to: call.leader },
          tuple(atom('io_request'), theirs(1), theirRef(1), request),
        );
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
  const fails = async (options: FakeNodeOptions, fault: (far: FakeConnection) => void, code: string) => {
    const { node, far } = await connect(options);
    const call = node.call('m', 'f', []);
    fault(far);
    await expect(call).rejects.toMatchObject({ code });
    expect(await node.closed).toMatchObject({ code });
    await expect(node.call('m', 'f', [])).rejects.toMatchObject({ code });
  };

  test.each<[string, string, (far: FakeConnection) => void]>([
    ['half a frame', 'connection_lost', (far) => far.socket.end(Buffer.from('0000000a70', 'hex'))],
    ['a reset', 'connection_lost', (far) => far.socket.resetAndDestroy()],
    ['a frame that is too long', 'bad_frame', (far) => far.socket.write(Buffer.from('ffffffff', 'hex'))],
    ['garbage', 'bad_frame', (far) => far.socket.write(Buffer.from('0000000568656c6c6f', 'hex'))],
    ['a term that is none', 'bad_term', (far) => far.socket.write(Buffer.from('000000037083ff', 'hex'))],
    [
      'a control message that there is not',
      'bad_frame',
      (far) => far.sendFrame({ kind: 'pass_through', control: tuple(99), payload: undefined }),
    ],
  ])('ends with %s', (_, code, fault) => fails({}, fault, code));

  test('ends when the node is silent for longer than the tick time', async () => {
    const { node } = await connect({}, { tickTime: 100 });
    await expect(node.call('m', 'f', [])).rejects.toMatchObject({ code: 'peer_silent' });
  });

  test('lives on ticks alone, and sends them', async () => {
    const { node, far } = await connect({}, { tickTime: 200 });
    let ticks = 0;
    far.socket.on('data', (chunk) => {
      if (Buffer.isBuffer(chunk) && chunk.equals(Buffer.alloc(4))) ticks++;
    });
    const ticking = setInterval(() => far.socket.write(Buffer.alloc(4)), 50);
    cleanUps.push(() => clearInterval(ticking));
    const call = node.call('m', 'f', [], { deadline: 600 });
    await expect(call).rejects.toMatchObject({ code: 'deadline' });
    expect(ticks).toBeGreaterThan(5);
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
