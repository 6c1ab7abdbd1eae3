import { randomInt } from 'node:crypto';
import type { Socket } from 'node:net';
import { ErlangError } from '../../admin/erlang/error.js';
import { FrameSplitter } from '../../admin/erlang/frame/splitter.js';
import { challengeDigest, sameDigest } from '../../admin/erlang/handshake/digest.js';
import { OFFERED_FLAGS } from '../../admin/erlang/handshake/flags.js';
import {
  decodeName,
  decodeReply,
  encodeAcknowledgement,
  encodeChallenge,
  encodeStatus,
  packet,
} from '../../admin/erlang/handshake/messages.js';

const LARGEST_PACKET = 65_535;

/** Who the node is when somebody connects. */
export interface ErlangIdentity {
  readonly name: string;
  readonly cookie: string;
}

/**
 * The called side of the handshake of Erlang nodes, and no more: whoever has the cookie is let in, and then nothing is
 * answered.
 */
export function shakeHands(socket: Socket, identity: ErlangIdentity): void {
  const splitter = new FrameSplitter(2, LARGEST_PACKET);
  const steps = converse(socket, identity);
  steps.next();
  socket.on('data', (chunk) => {
    splitter.push(chunk);
    try {
      for (let bytes = splitter.next(); bytes; bytes = splitter.next())
        if (steps.next(bytes).done) return void socket.removeAllListeners('data').resume();
    } catch (thrown) {
      if (!(thrown instanceof ErlangError)) throw thrown;
      socket.destroy(); // it speaks something else
    }
  });
}

function* converse(socket: Socket, { name, cookie }: ErlangIdentity): Generator<void, void, Buffer> {
  const send = (message: Buffer) => socket.write(packet(message));
  decodeName(yield);
  send(encodeStatus('ok'));
  const challenge = randomInt(2 ** 32);
  send(encodeChallenge({ version: 6, flags: OFFERED_FLAGS, creation: 1, node: name, challenge }));
  const reply = decodeReply(yield);
  if (sameDigest(reply.digest, challengeDigest(cookie, challenge)))
    send(encodeAcknowledgement(challengeDigest(cookie, reply.challenge)));
  else socket.end();
}
