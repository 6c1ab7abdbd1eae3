import { onTestFinished } from 'vitest';
import type { Control } from '../../../src/lib/admin/erlang/control/control.js';
import { decodeControl } from '../../../src/lib/admin/erlang/control/decode.js';
import { encodeControl } from '../../../src/lib/admin/erlang/control/encode.js';
import { encodeFrame, type Terms } from '../../../src/lib/admin/erlang/frame/frame.js';
import {
  Atom,
  type ConnectOptions,
  connectNode,
  type ErlangNode,
  Pid,
  Reference,
  type Term,
  Tuple,
} from '../../../src/lib/admin/erlang/index.js';
import { type FakeConnection, type FakeNodeOptions, startFakeNode } from './fake-node.js';

export const atom = (name: string) => new Atom(name);
export const tuple = (...elements: readonly Term[]) => new Tuple(elements);
export const chars = (text: string): Term => [...text].map((character) => character.codePointAt(0) ?? 0);
export const theirs = (id: number) => new Pid(atom('fake@127.0.0.1'), id, 0, 99);
export const theirRef = (id: number) => new Reference(atom('fake@127.0.0.1'), 99, [id, 0, 0]);

/** A connection to a node that does what a test says, and what came from our side. */
export async function connect(
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
  onTestFinished(async () => {
    node.close();
    await fake.stop();
  });
  if (!far) throw new Error('connected, but not ready');
  return { node, far, heard };
}

/** The parts of a call as `rex` gets it. */
export interface Call {
  readonly caller: Pid;
  readonly reference: Reference;
  readonly request: readonly Term[];
  readonly leader: Pid;
}

export function parseCall({ control, payload }: Terms): Call | undefined {
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

export const calls = (heard: readonly Terms[]) => heard.map(parseCall).filter((call) => call !== undefined);
export const signals = (heard: readonly Terms[], type: Control['type']) =>
  heard.map(({ control }) => decodeControl(control)).filter((signal) => signal.type === type);

export const answer = (far: FakeConnection, { caller, reference }: Call, value: Term) =>
  far.send({ type: 'send', to: caller }, tuple(reference, value));

/** A node that answers each call with its arguments. */
export const echo = (connection: FakeConnection, message: Terms) => {
  const call = parseCall(message);
  if (call) answer(connection, call, call.request[3] ?? []);
};

/** Has a process of the fake node ask an I/O server. */
export const askIo = (far: FakeConnection, to: Pid, request: Term, replyAs: Term = theirRef(1)) =>
  far.send({ type: 'send', to }, tuple(atom('io_request'), theirs(1), replyAs, request));

/** Has a process of the fake node write to a group leader. */
export const write = (far: FakeConnection, to: Pid, ...request: Term[]) =>
  askIo(far, to, tuple(atom('put_chars'), atom('unicode'), ...request));

/** The answers to such requests. */
export const ioReplies = (heard: readonly Terms[]) =>
  heard
    .map(({ payload }) => (payload instanceof Tuple ? payload.elements : []))
    .filter(([tag]) => tag instanceof Atom && tag.name === 'io_reply')
    .map(([, , reply]) => reply);

/** Sends a tuple whose last element, after these, is no term. */
export function sendBroken(far: FakeConnection, control: Control, ...beginning: readonly Term[]): void {
  const whole = { control: encodeControl(control), payload: tuple(...beginning, 0) };
  const bytes = encodeFrame({ kind: 'pass_through', ...whole });
  bytes.writeUInt8(1, bytes.length - 2);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  far.write(Buffer.concat([length, bytes]));
}
