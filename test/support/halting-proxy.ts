import { EventEmitter, once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface HaltingProxy {
  readonly port: number;
  /** Resolves once more than so many bytes have come from clients: no more of them are passed on then. */
  readonly halted: Promise<void>;
  /** Passes on whatever comes from now on, over new connections. */
  letThrough(): void;
  stop(): Promise<void>;
}

/** Stands before a server of the loopback interface, and passes on so many bytes of what its clients send. */
export async function startHaltingProxy(target: number, most: number): Promise<HaltingProxy> {
  const events = new EventEmitter();
  const halted = once(events, 'halted').then(() => undefined);
  const sockets = new Set<Socket>();
  let left = most;
  const server = createServer((client) => {
    const upstream = connect(target, '127.0.0.1');
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => undefined); // it is closed then
      socket.once('close', () => other.destroy());
    }
    upstream.pipe(client);
    client.on('data', (chunk) => {
      left -= chunk.length;
      if (left >= 0) upstream.write(chunk);
      else events.emit('halted');
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    halted,
    letThrough: () => {
      left = Number.POSITIVE_INFINITY;
    },
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      await once(server.close(), 'close');
    },
  };
}
