import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodeControl } from '../../src/lib/admin/erlang/control/decode.js';
import { encodeControl } from '../../src/lib/admin/erlang/control/encode.js';
import { MessageDecoder } from '../../src/lib/admin/erlang/frame/decoder.js';
import { encodeFrame } from '../../src/lib/admin/erlang/frame/frame.js';
import { Flag } from '../../src/lib/admin/erlang/handshake/flags.js';
import { PacketReader } from '../../src/lib/admin/erlang/handshake/packets.js';
import { performHandshake } from '../../src/lib/admin/erlang/handshake/perform.js';
import { Atom, type ConnectOptions, connectNode, Tuple } from '../../src/lib/admin/erlang/index.js';
import { Limit } from '../../src/lib/admin/erlang/limit.js';
import { Identifiers } from '../../src/lib/admin/erlang/process/identifiers.js';
import { openSocket } from '../../src/lib/admin/erlang/tcp.js';
import { type Epmd, type ErlangNodeProcess, startEpmd, startErlangNode } from '../support/erlang-node.js';
import { startPeer } from '../support/peers.js';
import { freePort } from '../support/ports.js';

const COOKIE = 'a cookie for tests';

let epmd: Epmd;

beforeAll(async () => {
  epmd = await startEpmd();
});

afterAll(() => epmd?.stop());

/** Does something with a node of its own, which it may break. */
async function withNode(
  use: (far: ErlangNodeProcess, options: ConnectOptions) => Promise<void>,
  settings: { readonly netTickTime?: number } = {},
): Promise<void> {
  const far = await startErlangNode({ epmd, cookie: COOKIE, ...settings });
  try {
    await use(far, { node: far.name, cookie: COOKIE, epmdPort: epmd.port });
  } finally {
    await far.kill();
  }
}

/** A port whose packets get no answer at all: its process is frozen, and no connection waits any more. */
async function startFullListener(): Promise<{ readonly port: number; stop(): void }> {
  const script =
    "require('net').createServer().listen({ host: '127.0.0.1', port: 0, backlog: 1 }, function () { console.log(this.address().port) })";
  const listener = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(listener.stdout, 'data');
  const port = Number(line);
  listener.kill('SIGSTOP');
  const waiting = Array.from({ length: 5 }, () =>
    connect({ host: '127.0.0.1', port }).on('error', () => undefined),
  );
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(waiting.some((socket) => socket.connecting)).toBe(true);
  const stop = () => {
    for (const socket of waiting) socket.destroy();
    listener.kill('SIGKILL');
  };
  return { port, stop };
}

const never = (node: Awaited<ReturnType<typeof connectNode>>) => node.call('dist_probe', 'never', []);

describe('a node that cannot be connected to', () => {
  test('for another cookie, another name, or a name that is taken', async () => {
    await withNode(async (far, options) => {
      const wrong = connectNode({ ...options, cookie: 'wr0ng' });
      await expect(wrong).rejects.toMatchObject({ code: 'wrong_cookie' });
      await expect(wrong).rejects.toMatchObject({ message: expect.not.stringContaining('wr0ng') });
      const other = connectNode({ ...options, node: 'other@127.0.0.1', port: far.port });
      await expect(other).rejects.toMatchObject({ code: 'other_node' });
      const first = await connectNode({ ...options, name: 'same@127.0.0.1' });
      const second = connectNode({ ...options, name: 'same@127.0.0.1' });
      await expect(second).rejects.toMatchObject({ code: 'name_conflict' });
      expect(await first.call('erlang', 'abs', [-1])).toBe(1);
      first.close();
    });
  });

  test('because it does not allow it', async () => {
    await withNode(async (_, options) => {
      const node = await connectNode(options);
      await node.call('net_kernel', 'allow', [[new Atom('friend@127.0.0.1')]]);
      await expect(connectNode(options)).rejects.toMatchObject({ code: 'not_allowed' });
      node.close();
    });
  });

  test('because epmd is not there, knows it not, or says nothing', async () => {
    const node = 'nobody@127.0.0.1';
    const deadline = 300;
    const down = connectNode({ node, cookie: COOKIE, epmdPort: await freePort() });
    await expect(down).rejects.toMatchObject({ code: 'epmd_down' });
    const unknown = connectNode({ node, cookie: COOKIE, epmdPort: epmd.port });
    await expect(unknown).rejects.toMatchObject({ code: 'node_not_registered' });
    const mute = await startPeer();
    const silent = connectNode({ node, cookie: COOKIE, epmdPort: mute.port, deadline });
    await expect(silent).rejects.toMatchObject({ code: 'epmd_silent' });
    const garbled = await startPeer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    const strange = connectNode({ node, cookie: COOKIE, epmdPort: garbled.port, deadline });
    await expect(strange).rejects.toMatchObject({ code: 'epmd_down' });
    const noPort = connectNode({ node, cookie: COOKIE, port: await freePort() });
    await expect(noPort).rejects.toMatchObject({ code: 'port_closed' });
    await Promise.all([mute.stop(), garbled.stop()]);
  });

  test('because its host has no address', async () => {
    const lost = connectNode({ node: 'a@host.invalid', cookie: COOKIE, port: 1 });
    await expect(lost).rejects.toMatchObject({ code: 'host_unknown' });
  });

  test('because its port says nothing, or is filtered', async () => {
    const mute = await startPeer();
    const silent = connectNode({ node: 'a@127.0.0.1', cookie: COOKIE, port: mute.port, deadline: 300 });
    await expect(silent).rejects.toMatchObject({ code: 'port_silent' });
    await mute.stop();
    const full = await startFullListener();
    const filtered = connectNode({ node: 'a@127.0.0.1', cookie: COOKIE, port: full.port, deadline: 300 });
    await expect(filtered).rejects.toMatchObject({
      code: 'port_silent',
      message: expect.stringContaining('does not answer'),
    });
    full.stop();
  });

  test('because it is frozen', async () => {
    await withNode(async (far, options) => {
      far.suspend();
      const frozen = connectNode({ ...options, deadline: 500 });
      await expect(frozen).rejects.toMatchObject({ code: 'port_silent' });
    });
  });
});

describe('a node that goes away', () => {
  test('by its power, ends all that is under way at once', async () => {
    await withNode(async (far, options) => {
      const node = await connectNode(options);
      const calls = Promise.allSettled([never(node), never(node)]);
      await node.call('erlang', 'abs', [1]);
      await far.kill();
      const lost = { status: 'rejected', reason: { code: 'connection_lost' } };
      expect(await calls).toMatchObject([lost, lost]);
      expect(await node.closed).toMatchObject({ code: 'connection_lost' });
      await expect(node.call('erlang', 'abs', [1])).rejects.toMatchObject({ code: 'connection_lost' });
    });
  });

  test('by being stopped, too', async () => {
    await withNode(async (far, options) => {
      const node = await connectNode(options);
      const call = never(node);
      await Promise.all([far.stop(), expect(call).rejects.toMatchObject({ code: 'connection_lost' })]);
    });
  });

  test('by being frozen, is noticed after the tick time', async () => {
    await withNode(
      async (far, options) => {
        const node = await connectNode({ ...options, tickTime: 4000 });
        const call = never(node);
        await node.call('erlang', 'abs', [1]);
        far.suspend();
        await expect(call).rejects.toMatchObject({ code: 'peer_silent' });
      },
      { netTickTime: 4 },
    );
  });

  test('is not so taken when it has nothing to say, nor are we, whatever our tick time is', async () => {
    await withNode(
      async (_, options) => {
        const nodes = [await connectNode({ ...options, tickTime: 4000 }), await connectNode(options)];
        const answers = nodes.map((node) => node.call('dist_probe', 'echo_after', [6000, 1]));
        expect(await Promise.all(answers)).toEqual([1, 1]);
        for (const node of nodes) node.close();
      },
      { netTickTime: 4 },
    );
  });
});

describe('a connection without epmd', () => {
  test('works by the port alone', async () => {
    const own = await startEpmd();
    const far = await startErlangNode({ epmd: own, cookie: COOKIE });
    await own.stop();
    const node = await connectNode({ node: far.name, cookie: COOKIE, port: far.port });
    expect(await node.call('erlang', 'node', [])).toEqual(new Atom(far.name));
    node.close();
    await far.kill();
  });
});

describe('rex', () => {
  test('that dies fails the calls under way at once', async () => {
    await withNode(async (_, options) => {
      const node = await connectNode(options);
      const call = never(node);
      const rex = await node.call('erlang', 'whereis', [new Atom('rex')]);
      const kill = node.call('erlang', 'exit', [rex, new Atom('kill')]);
      const [failed] = await Promise.allSettled([call, kill]);
      const message = expect.stringContaining('(rex) went down: killed');
      const code = 'connection_lost';
      expect(failed).toMatchObject({ reason: { code, message, term: new Atom('killed') } });
      node.close();
    });
  });

  test('that is missing fails a call at once, and works again when it is back', async () => {
    await withNode(async (_, options) => {
      const [node, other] = [await connectNode(options), await connectNode(options)];
      const lines: string[] = [];
      const pause = node.call('dist_probe', 'without_rex', [500], { onOutput: (line) => lines.push(line) });
      await expect.poll(() => lines).toEqual(['gone']);
      const missing = other.call('erlang', 'abs', [-1]);
      await expect(missing).rejects.toMatchObject({ code: 'badrpc', term: new Atom('noproc') });
      await pause;
      expect(await other.call('erlang', 'abs', [-1])).toBe(1);
      node.close();
      other.close();
    });
  });
});

describe('closing', () => {
  test('ends our own calls, and the node sees us leave', async () => {
    await withNode(async (_, options) => {
      const [node, other] = [await connectNode(options), await connectNode(options)];
      const call = never(node);
      node.close();
      await expect(call).rejects.toMatchObject({ code: 'aborted' });
      const hidden = () => other.call('erlang', 'nodes', [new Atom('hidden')]);
      await expect.poll(hidden).toEqual([new Atom(other.ownName)]);
      other.close();
    });
  });
});

describe('a peer that uses the atom cache and fragments', () => {
  test('is understood', async () => {
    await withNode(async (far) => {
      const limit = new Limit({ deadline: 10_000 });
      const failures = { what: far.name, closed: 'port_closed', silent: 'port_silent' } as const;
      const socket = await openSocket('127.0.0.1', far.port, failures, limit);
      const packets = new PacketReader(socket);
      const name = 'fragments@127.0.0.1';
      const extraFlags = Flag.DIST_HDR_ATOM_CACHE | Flag.FRAGMENTS | Flag.EXIT_PAYLOAD | Flag.SEND_SENDER;
      const handshake = {
        version: 6,
        name,
        creation: 77,
        cookie: COOKIE,
        peer: far.name,
        extraFlags,
      } as const;
      expect((await performHandshake(socket, packets, handshake)) & extraFlags).toBe(extraFlags);
      const splitter = packets.release();
      splitter.expect(4, 10_000_000);

      const ids = new Identifiers(name, 77);
      const [pid, ref] = [ids.pid(), ids.reference()];
      const call = [
        new Atom('call'),
        new Atom('lists'),
        new Atom('duplicate'),
        [150_000, new Atom('abc')],
        pid,
      ];
      const message = new Tuple([new Atom('$gen_call'), new Tuple([pid, ref]), new Tuple(call)]);
      const frame = encodeFrame({
        kind: 'message',
        header: { references: [], longAtoms: false },
        control: encodeControl({ type: 'reg_send', from: pid, name: new Atom('rex') }),
        payload: message,
      });
      const length = Buffer.alloc(4);
      length.writeUInt32BE(frame.length);
      socket.write(Buffer.concat([length, frame]));

      const decoder = new MessageDecoder();
      const kinds: number[] = [];
      const answer = await new Promise((resolve) => {
        socket.on('data', (chunk) => {
          splitter.push(chunk);
          for (let bytes = splitter.next(); bytes; bytes = splitter.next()) {
            kinds.push(bytes[1] ?? -1);
            const decoded = decoder.decode(bytes);
            if (decoded && decodeControl(decoded.control).type === 'send_sender') resolve(decoded.payload);
          }
        });
      });
      expect(answer).toEqual(new Tuple([ref, Array.from({ length: 150_000 }, () => new Atom('abc'))]));
      expect(kinds.filter((kind) => kind === 69)).toHaveLength(1);
      expect(kinds.filter((kind) => kind === 70).length).toBeGreaterThan(2);
      socket.destroy();
    });
  });
});
