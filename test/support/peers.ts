import { createServer, type Socket } from 'node:net';

export interface Peer {
  readonly port: number;
  stop(): Promise<void>;
}

/** A TCP server on the loopback interface that does with each connection what it is told; by default, nothing. */
export async function startPeer(greet: (socket: Socket) => void = () => undefined): Promise<Peer> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    greet(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    port: address.port,
    stop: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
