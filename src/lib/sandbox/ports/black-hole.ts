import { connect, type Socket } from 'node:net';
import { Worker } from 'node:worker_threads';
import { LOOPBACK } from '../node/tcp-listener.js';

/** Listens, and then never takes a connection: its thread stands still. */
const LISTENER = `
  const { createServer } = require('node:net');
  const { parentPort, workerData } = require('node:worker_threads');
  const server = createServer();
  server.once('error', ({ code }) => parentPort.postMessage(code));
  server.listen({ host: '${LOOPBACK}', port: workerData, backlog: 1 }, () => {
    parentPort.postMessage('listening');
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  });
`;

/** More than the backlog has room for. */
const MOST = 16;
/** Milliseconds after which a connection to this machine is not taken any more. */
const PATIENCE = 200;

/**
 * A port that does not answer, as behind a packet filter that drops: the queue of a listener that takes nothing is full, so
 * the kernel drops what comes.
 */
export class BlackHole {
  private constructor(
    private readonly worker: Worker,
    private readonly waiting: readonly Socket[],
  ) {}

  /** @throws when the port is taken, or still answers */
  static async open(port: number): Promise<BlackHole> {
    const worker = new Worker(LISTENER, { eval: true, workerData: port });
    const waiting: Socket[] = [];
    const hole = new BlackHole(worker, waiting);
    const said = await new Promise((resolve) => worker.once('message', resolve));
    for (let count = 0; said === 'listening' && count < MOST; count++) {
      const socket = connect({ host: LOOPBACK, port });
      socket.on('error', () => undefined);
      waiting.push(socket);
      if (!(await isTaken(socket))) return hole;
    }
    await hole.close();
    throw new Error(
      `port ${port} cannot be made silent: ${said === 'listening' ? 'it still answers' : said}`,
    );
  }

  async close(): Promise<void> {
    for (const socket of this.waiting) socket.destroy();
    await this.worker.terminate();
  }
}

const isTaken = (socket: Socket): Promise<boolean> =>
  new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), PATIENCE);
    socket.once('connect', () => {
      clearTimeout(timer);
      resolve(true);
    });
  });
