import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { decodeControl } from '../../../../src/lib/admin/erlang/control/decode.js';
import { encodeControl } from '../../../../src/lib/admin/erlang/control/encode.js';
import {
  decodePortAnswer,
  encodePortRequest,
  type NodeRegistration,
} from '../../../../src/lib/admin/erlang/epmd.js';
import {
  decodeFrame,
  encodeFrame,
  type Frame,
  type ReceivedFrame,
} from '../../../../src/lib/admin/erlang/frame/frame.js';
import type { AtomCache } from '../../../../src/lib/admin/erlang/frame/header.js';
import { FrameSplitter } from '../../../../src/lib/admin/erlang/frame/splitter.js';
import { challengeDigest } from '../../../../src/lib/admin/erlang/handshake/digest.js';
import * as messages from '../../../../src/lib/admin/erlang/handshake/messages.js';
import { BrokenTerm } from '../../../../src/lib/admin/erlang/term/decode.js';
import {
  decodeAliveAnswer,
  decodeEpmdRequest,
  encodeAlive,
  encodeAliveAnswer,
  encodePortAnswer,
} from '../../../support/erlang/epmd-messages.js';

/** What `vmq-admin` and real nodes said to each other. */
interface Recording {
  readonly cookie: string;
  readonly scenarios: readonly { readonly id: string; readonly connections: readonly Connection[] }[];
}

interface Connection {
  readonly kind: 'epmd' | 'dist';
  readonly client: string;
  readonly segments: readonly { readonly dir: 'client' | 'server'; readonly hex: string }[];
}

const bytesOf = (connection: Connection, dir: 'client' | 'server') =>
  Buffer.concat(connection.segments.filter((s) => s.dir === dir).map((s) => Buffer.from(s.hex, 'hex')));

const readRecording = (version: string): Recording =>
  JSON.parse(readFileSync(new URL(`../../../golden/dist-${version}.json`, import.meta.url), 'utf8'));

describe.each(['2.1.2', '2.2.0'])('conversations recorded from VerneMQ %s', (version) => {
  const recording = readRecording(version);
  const connections = recording.scenarios.flatMap(({ id, connections }) =>
    connections.map((connection) => [`${id} ${connection.kind} ${connection.client}`, connection] as const),
  );

  test.each(connections.filter(([, { kind }]) => kind === 'epmd'))('%s', (_, connection) => {
    const question = bytesOf(connection, 'client');
    const answer = bytesOf(connection, 'server');
    const request = decodeEpmdRequest(question);
    if (request.kind === 'alive') {
      expect(encodeAlive(request)).toEqual(question);
      expect(encodeAliveAnswer(decodeAliveAnswer(answer))).toEqual(answer);
    } else {
      expect(encodePortRequest(request.name)).toEqual(question);
      const registration: NodeRegistration | undefined = decodePortAnswer(answer);
      expect(registration?.name).toBe(request.name);
      expect(encodePortAnswer(registration)).toEqual(answer);
    }
  });

  test.each(connections.filter(([, { kind }]) => kind === 'dist'))('%s', (_, connection) => {
    const client = new Side(bytesOf(connection, 'client'));
    const server = new Side(bytesOf(connection, 'server'));
    const isAccepted = shakeHands(client, server, recording.cookie);
    const frames = client.checkFrames() + server.checkFrames();
    expect(frames > 0).toBe(isAccepted);
  });
});

/** The bytes of one direction of a connection. */
class Side {
  readonly #splitter = new FrameSplitter(2, 65_535);
  readonly #cache: AtomCache = [];

  constructor(bytes: Buffer) {
    this.#splitter.push(bytes);
  }

  /** The next message of the handshake, which must be encoded as it was decoded. */
  message<T>(decode: (bytes: Buffer) => T, encode: (message: T) => Buffer): T {
    const bytes = this.#splitter.next();
    if (!bytes) throw new RangeError('the handshake breaks off');
    const message = decode(bytes);
    expect(encode(message)).toEqual(bytes);
    return message;
  }

  get ended(): boolean {
    return this.#splitter.available === 0;
  }

  /** All frames after the handshake: each decodes completely and is encoded to the same bytes. */
  checkFrames(): number {
    this.#splitter.expect(4, 1_000_000);
    let count = 0;
    for (let bytes = this.#splitter.next(); bytes; bytes = this.#splitter.next()) {
      const frame = whole(decodeFrame(bytes, this.#cache));
      expect(encodeFrame(frame).toString('hex')).toBe(bytes.toString('hex'));
      if ('control' in frame) expect(encodeControl(decodeControl(frame.control))).toEqual(frame.control);
      count++;
    }
    expect(this.#splitter.available).toBe(0);
    return count;
  }
}

/** @returns whether the cookie was the right one */
function shakeHands(client: Side, server: Side, cookie: string): boolean {
  client.message(messages.decodeName, messages.encodeName);
  server.message(messages.decodeStatus, messages.encodeStatus);
  const challenge = server.message(messages.decodeChallenge, messages.encodeChallenge);
  const reply = client.message(messages.decodeReply, messages.encodeReply);
  if (server.ended) {
    // The cookie was wrong on purpose: the node closed the connection.
    expect(reply.digest).not.toEqual(challengeDigest(cookie, challenge.challenge));
    return false;
  }
  expect(reply.digest).toEqual(challengeDigest(cookie, challenge.challenge));
  const digest = server.message(messages.decodeAcknowledgement, messages.encodeAcknowledgement);
  expect(digest).toEqual(challengeDigest(cookie, reply.challenge));
  return true;
}

function whole(frame: ReceivedFrame): Frame {
  if (!('control' in frame)) return frame;
  const { payload } = frame;
  if (payload instanceof BrokenTerm) throw payload.error;
  return { ...frame, payload };
}
