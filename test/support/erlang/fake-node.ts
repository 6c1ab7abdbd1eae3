import type { Socket } from 'node:net';
import type { Control } from '../../../src/lib/admin/erlang/control/control.js';
import { encodeControl } from '../../../src/lib/admin/erlang/control/encode.js';
import { MessageDecoder } from '../../../src/lib/admin/erlang/frame/decoder.js';
import {
  encodeFrame,
  type Frame,
  type Message,
  type Terms,
} from '../../../src/lib/admin/erlang/frame/frame.js';
import { FrameSplitter } from '../../../src/lib/admin/erlang/frame/splitter.js';
import { challengeDigest } from '../../../src/lib/admin/erlang/handshake/digest.js';
import { OFFERED_FLAGS } from '../../../src/lib/admin/erlang/handshake/flags.js';
import {
  type ComplementMessage,
  decodeComplement,
  decodeName,
  decodeReply,
  encodeAcknowledgement,
  encodeChallenge,
  encodeStatus,
  type HandshakeVersion,
  type NameMessage,
  packet,
} from '../../../src/lib/admin/erlang/handshake/messages.js';
import { BrokenTerm } from '../../../src/lib/admin/erlang/term/decode.js';
import type { Term } from '../../../src/lib/admin/erlang/term/types.js';
import { type Peer, startPeer } from '../peers.js';

type Step = 'status' | 'challenge' | 'ack';

export interface FakeNodeOptions {
  readonly name?: string;
  readonly cookie?: string;
  /** Versions of the handshake whose name message it takes; others make it close the connection. Default [6]. */
  readonly accepts?: readonly HandshakeVersion[];
  /** What its challenge has. Default 6. */
  readonly version?: HandshakeVersion;
  readonly flags?: bigint;
  readonly status?: string;
  /** At this step it sends other bytes instead, closes the connection, or does nothing. */
  readonly fault?: { readonly step: Step; readonly instead: Buffer | 'close' | 'hang' };
  /** Sends one byte at a time. */
  readonly isSlow?: boolean;
  /** Called with each message after the handshake. */
  readonly onMessage?: (connection: FakeConnection, message: Terms) => void;
  /** Called at the end of the handshake. */
  readonly onReady?: (connection: FakeConnection) => void;
}

export interface FakeNode extends Peer {
  /** The name messages that came. */
  readonly names: NameMessage[];
  readonly complements: ComplementMessage[];
  /** Status messages of the other side. */
  readonly statuses: string[];
}

/** The fake node's end of a connection. */
export class FakeConnection {
  constructor(
    readonly socket: Socket,
    private readonly isSlow: boolean,
  ) {}

  send(control: Control, payload?: Term): void {
    this.sendFrame({ kind: 'pass_through', control: encodeControl(control), payload });
  }

  sendFrame(frame: Frame): void {
    const bytes = encodeFrame(frame);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    this.write(Buffer.concat([length, bytes]));
  }

  write(bytes: Buffer): void {
    if (!this.isSlow) this.socket.write(bytes);
    else for (const byte of bytes) this.socket.write(Buffer.from([byte]));
  }
}

/** The side of the handshake that is called, with the faults that a test wants. */
export async function startFakeNode(options: FakeNodeOptions = {}): Promise<FakeNode> {
  const heard = {
    names: [] as NameMessage[],
    complements: [] as ComplementMessage[],
    statuses: [] as string[],
  };
  const peer = await startPeer((socket) => {
    socket.setNoDelay(true);
    const run = converse(socket, options, heard);
    let reply = run.next();
    const splitter = new FrameSplitter(2, 65_535);
    socket.on('data', (chunk) => {
      splitter.push(chunk);
      for (let bytes = splitter.next(); bytes; bytes = splitter.next()) {
        reply = run.next(bytes);
        if (reply.value === 'established') splitter.expect(4, 100_000_000);
      }
    });
  });
  return { ...peer, ...heard };
}

/** Takes each message that comes and does what is due. */
function* converse(
  socket: Socket,
  options: FakeNodeOptions,
  heard: Pick<FakeNode, 'names' | 'complements' | 'statuses'>,
): Generator<'handshake' | 'established', void, Buffer> {
  const {
    name = 'fake@127.0.0.1',
    cookie = 'cookie',
    accepts = [6],
    version = 6,
    flags = OFFERED_FLAGS,
  } = options;
  const connection = new FakeConnection(socket, options.isSlow ?? false);
  const say = (step: Step, message: Buffer) => {
    if (options.fault?.step !== step) connection.write(packet(message));
    else if (options.fault.instead === 'close') socket.end();
    else if (options.fault.instead !== 'hang') connection.write(options.fault.instead);
    return options.fault?.step !== step;
  };
  const theirs = decodeName(yield 'handshake');
  heard.names.push(theirs);
  if (!accepts.includes(theirs.version)) return void socket.end();
  if (!say('status', encodeStatus(options.status ?? 'ok'))) return;
  if (options.status === 'alive') heard.statuses.push((yield 'handshake').toString());
  const challenge = {
    version,
    flags,
    challenge: 12_345,
    creation: version === 6 ? 99 : undefined,
    node: name,
  };
  if (!say('challenge', encodeChallenge(challenge))) return;
  if (theirs.version === 5 && version === 6) heard.complements.push(decodeComplement(yield 'handshake'));
  const reply = decodeReply(yield 'handshake');
  if (!reply.digest.equals(challengeDigest(cookie, 12_345))) return void socket.end();
  if (!say('ack', encodeAcknowledgement(challengeDigest(cookie, reply.challenge)))) return;
  options.onReady?.(connection);
  const decoder = new MessageDecoder();
  for (;;) {
    const message = decoder.decode(yield 'established');
    if (message) options.onMessage?.(connection, checked(message));
  }
}

function checked({ control, payload }: Message): Terms {
  if (payload instanceof BrokenTerm) throw payload.error;
  return { control, payload };
}
