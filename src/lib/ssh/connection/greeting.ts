import type { Duplex } from 'node:stream';

/** Bytes. RFC 4253 section 4.2 allows lines before the greeting; more than this is judged as it is. */
const LONGEST = 65_536;

/**
 * Holds what a server says back until its greeting is whole. ssh2 1.17 loses bytes of a greeting that comes in more than
 * two pieces: it keeps the first piece and the last. The bytes cannot be read before ssh2 does, since there are servers
 * that wait for the client's greeting.
 *
 * @param onWhole called when the greeting is there
 */
export function holdGreeting(stream: Duplex, onWhole: () => void): void {
  let held = Buffer.alloc(0);
  const emit = stream.emit;
  const release = () => {
    stream.emit = emit;
    if (held.length > 0) stream.emit('data', held);
  };
  stream.emit = (event: string | symbol, ...values: unknown[]) => {
    if (event === 'data' && Buffer.isBuffer(values[0])) {
      held = Buffer.concat([held, values[0]]);
      const isThere = isWhole(held);
      if (isThere) onWhole();
      if (isThere || held.length > LONGEST) release();
      return true;
    }
    if (event === 'end' || event === 'close') release();
    return emit.call(stream, event, ...values);
  };
}

const isWhole = (bytes: Buffer): boolean => /(^|\n)SSH-[^\n]*\n/.test(bytes.toString('latin1'));
