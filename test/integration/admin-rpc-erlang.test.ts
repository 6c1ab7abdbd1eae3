import net from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { connectNode } from '../../src/lib/admin/erlang/index.js';
import { Atom } from '../../src/lib/admin/erlang/term/types.js';
import { ErlangAdminRpc } from '../../src/lib/admin/native/client.js';
import type { AdminCommand } from '../../src/lib/admin/rpc.js';
import { Secret } from '../../src/lib/secret.js';
import { type Epmd, type ErlangNodeProcess, startEpmd, startErlangNode } from '../support/erlang-node.js';

/* What an admin RPC can do over Erlang distribution and nowhere else. What all can is in admin-rpc.test.ts. */

const COOKIE = 'admin-rpc-erlang';
const LEAVE: AdminCommand = {
  words: ['cluster', 'leave'],
  arguments: [['node', 'VerneMQ2@127.0.0.1']],
  flags: [['kill_sessions', true]],
};
const TRACE: AdminCommand = { words: ['trace', 'client'], arguments: [['client-id', 'c']] };
const OPTIONS = { deadline: 10_000 };

let epmd: Epmd;
let far: ErlangNodeProcess;
const ends: (() => Promise<void>)[] = [];
beforeAll(async () => {
  epmd = await startEpmd();
  far = await startNode('VerneMQ1');
});
afterAll(async () => {
  await far.kill();
  await epmd.stop();
});
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

const startNode = (name: string) => startErlangNode({ epmd, cookie: COOKIE, name });

async function passingNode(name: string): Promise<ErlangNodeProcess> {
  const node = await startNode(name);
  ends.push(() => node.kill());
  return node;
}

function open(name: string): ErlangAdminRpc {
  const rpc = new ErlangAdminRpc({ url: `erl://${name}`, cookie: new Secret(COOKIE), epmdPort: epmd.port });
  onTestFinished(() => rpc.close());
  return rpc;
}

/** What the node itself says when it is asked directly. */
async function ask(name: string, module: string, what: string, args: readonly (Atom | number)[] = []) {
  const node = await connectNode({ node: name, cookie: COOKIE, epmdPort: epmd.port });
  onTestFinished(() => node.close());
  return await node.call(module, what, args);
}

const setPace = (name: string, milliseconds: number) =>
  ask(name, 'application', 'set_env', [new Atom('vmq_test'), new Atom('pace'), milliseconds]);

describe('the links for messages', () => {
  it('are told as the broker knows them, and those that it does not keep are left out', async () => {
    const links = "application:set_env(vmq_test, channels, [{'b@h', up}, {'c@h', init}, {'d@h', gone}]).";
    const node = await startErlangNode({
      epmd,
      cookie: COOKIE,
      name: 'VerneMQ7',
      arguments: ['-eval', links],
    });
    ends.push(() => node.kill());
    expect(await open(node.name).dataChannels(['b@h', 'c@h', 'd@h', 'e@h'], OPTIONS)).toEqual(
      new Map([
        ['b@h', 'up'],
        ['c@h', 'init'],
      ]),
    );
  });
});

describe('a leave', () => {
  it('tells its progress while it runs, and its result is not one of the lines', async () => {
    const lines: string[] = [];
    const reply = await open(far.name).call(LEAVE, { deadline: 0, onOutput: (line) => lines.push(line) });
    expect(lines).toEqual(
      Array.from({ length: 10 }, (_, index) => {
        const step = index + 1;
        return `Migrated ${step}/10 queues and ${step * 5}/50 messages`;
      }),
    );
    expect(reply).toMatchObject({
      outcome: 'unknown',
      code: 'leave_unverified',
      elements: [{ type: 'text', text: 'Done' }],
    });
  });

  it('whose node dies under it may be going on, and that is known at once', async () => {
    const node = await passingNode('dying');
    await setPace(node.name, 60_000);
    const reply = open(node.name).call(LEAVE, { deadline: 0 });
    const other = open(node.name);
    await vi.waitFor(async () => expect(await other.isLeaveRunning(OPTIONS)).toBe(true), 5_000);
    await node.kill();
    expect(await reply).toMatchObject({ outcome: 'unknown', code: 'leave_in_progress' });
  });

  it('that is not waited for any longer may be going on', async () => {
    const node = await passingNode('slow');
    await setPace(node.name, 60_000);
    const reply = await open(node.name).call(LEAVE, { deadline: 300 });
    expect(reply).toMatchObject({ outcome: 'unknown', code: 'leave_in_progress' });
  });

  it('is seen by whoever asks while it runs, also after the one who sent it has gone', async () => {
    const node = await passingNode('seen');
    await setPace(node.name, 60_000);
    const other = open(node.name);
    expect(await other.isLeaveRunning(OPTIONS)).toBe(false);
    const first = open(node.name);
    const reply = first.call(LEAVE, { deadline: 300 });
    await vi.waitFor(async () => expect(await other.isLeaveRunning(OPTIONS)).toBe(true), 5_000);
    await reply;
    first.close();
    expect(await other.isLeaveRunning(OPTIONS)).toBe(true);
  });

  it('is told apart from other commands that take long', async () => {
    const node = await passingNode('tracing');
    const stop = new AbortController();
    const lines: string[] = [];
    const other = open(node.name);
    const trace = other.call(TRACE, {
      deadline: 0,
      signal: stop.signal,
      onOutput: (line) => lines.push(line),
    });
    await vi.waitFor(() => expect(lines).not.toEqual([]), 5_000);
    expect(await other.isLeaveRunning(OPTIONS)).toBe(false);
    stop.abort();
    await trace;
  });
});

describe('a trace', () => {
  const traceState = () => ask(far.name, 'vmq_server_cli', 'trace_state');

  it('streams until it is told to stop, and then its tracer has stopped', async () => {
    const stop = new AbortController();
    const lines: string[] = [];
    const reply = open(far.name).call(TRACE, {
      deadline: 0,
      signal: stop.signal,
      onOutput: (line) => lines.push(line),
    });
    await expect.poll(() => lines).toEqual(['Starting trace']);
    expect(await traceState()).toEqual(new Atom('tracing'));
    stop.abort();
    expect(await reply).toMatchObject({ outcome: 'done' });
    expect(await traceState()).toEqual(new Atom('stopped'));
  });

  it('that was told to stop before it was sent is not sent', async () => {
    const call = open(far.name).call(TRACE, { deadline: 0, signal: AbortSignal.abort() });
    await expect(call).rejects.toMatchObject({ kind: 'interrupted', code: 'not_sent' });
  });
});

describe('a node', () => {
  it('counts its queues by state', async () => {
    expect(await open(far.name).queueSummary(OPTIONS)).toEqual({
      online: 3,
      waitingForOffline: 1,
      draining: 2,
      offline: 7,
      storedMessages: 35,
    });
  });

  it('is asked again over a new connection after the old one was lost', async () => {
    const node = await passingNode('restarted');
    const rpc = open(node.name);
    await rpc.membership(OPTIONS);
    await node.kill();
    await expect(rpc.membership(OPTIONS)).rejects.toMatchObject({ kind: 'unreachable' });
    await passingNode('restarted');
    expect((await rpc.membership(OPTIONS)).members.size).toBe(2);
  });

  it('that runs without VerneMQ is said to do so', async () => {
    const node = await startErlangNode({ epmd, cookie: COOKIE, name: 'bare', isBroker: false });
    ends.push(() => node.kill());
    const rpc = open(node.name);
    await expect(rpc.views(OPTIONS)).rejects.toMatchObject({ kind: 'unreachable', code: 'not_a_broker' });
    expect(await rpc.call({ words: ['cluster', 'show'] }, OPTIONS)).toMatchObject({
      outcome: 'refused',
      code: 'not_a_broker',
    });
  });
});

describe('a connection', () => {
  /** Accepts and says nothing. */
  async function mute(): Promise<string> {
    const sockets = new Set<net.Socket>();
    const server = net.createServer((socket) => sockets.add(socket.on('error', () => undefined)));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    ends.push(async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    return `mute@127.0.0.1?port=${(server.address() as net.AddressInfo).port}`;
  }

  it('that is being made ends when it is closed', async () => {
    const rpc = open(await mute());
    const look = rpc.membership({ deadline: 8000 }).catch((thrown: unknown) => thrown);
    const started = Date.now();
    setTimeout(() => rpc.close(), 50);
    expect(await look).toMatchObject({ kind: 'interrupted' });
    expect(Date.now() - started).toBeLessThan(4000);
  });

  it('that one caller gives up is still made for the others, who have their own time', async () => {
    const rpc = open(await mute());
    const stop = new AbortController();
    const given = rpc.membership({ deadline: 8000, signal: stop.signal });
    const hasty = rpc.membership({ deadline: 100 });
    const patient = rpc.membership({ deadline: 600 });
    stop.abort();
    await expect(given).rejects.toMatchObject({ kind: 'interrupted' });
    await expect(hasty).rejects.toMatchObject({ message: expect.stringContaining('within 0.1 s') });
    await expect(patient).rejects.toMatchObject({ message: expect.stringContaining('within 0.6 s') });
  });

  it('that somebody in a hurry has begun does not cost the others their time', async () => {
    const rpc = open(await mute());
    const started = Date.now();
    const hasty = rpc.membership({ deadline: 100 });
    const patient = rpc.membership({ deadline: 900 });
    await expect(hasty).rejects.toMatchObject({ code: 'port_silent' });
    await expect(patient).rejects.toMatchObject({ code: 'port_silent' });
    expect(Date.now() - started).toBeGreaterThan(800);
  });

  it('says where it has come to a stop: at epmd, or at the node', async () => {
    const [, port] = (await mute()).split('port=');
    const options = { url: 'erl://far@127.0.0.1', cookie: new Secret(COOKIE), epmdPort: Number(port) };
    const rpc = new ErlangAdminRpc(options);
    onTestFinished(() => rpc.close());
    await expect(rpc.membership({ deadline: 200 })).rejects.toMatchObject({ code: 'epmd_silent' });
    await expect(open(await mute()).membership({ deadline: 200 })).rejects.toMatchObject({
      code: 'port_silent',
    });
  });
});

describe('many at a time', () => {
  it('wait for one signal without a warning', async () => {
    const warnings: string[] = [];
    const listen = (warning: Error) => warnings.push(warning.message);
    process.on('warning', listen);
    const { signal } = new AbortController();
    const rpc = open(far.name);
    await Promise.all(Array.from({ length: 20 }, () => rpc.membership({ ...OPTIONS, signal })));
    await Promise.all(Array.from({ length: 20 }, () => rpc.membership({ ...OPTIONS, signal })));
    await new Promise((resolve) => setTimeout(resolve, 10));
    process.off('warning', listen);
    expect(warnings).toEqual([]);
  });
});

describe('the views through a node', () => {
  it('have those of the nodes that it is connected with, and leave out one that cannot be asked', async () => {
    const [one, two, three] = [
      await passingNode('one'),
      await passingNode('two'),
      await passingNode('three'),
    ];
    for (const node of [one, two, three])
      await ask(node.name, 'application', 'set_env', [
        new Atom('vmq_test'),
        new Atom('members'),
        new Atom('connected'),
      ]);
    for (const node of [two, three]) await ask(one.name, 'net_adm', 'ping', [new Atom(node.name)]);
    const rpc = open(one.name);
    const names = async () => (await rpc.views({ deadline: 2500 })).views.map(({ node }) => node).sort();
    expect(await names()).toEqual([one.name, two.name, three.name].sort());
    three.suspend();
    expect(await names()).toEqual([one.name, two.name].sort());
    const alone = await rpc.views({ deadline: 2500, alone: true });
    expect(alone.views.map(({ node }) => node)).toEqual([one.name]);
  });
});
