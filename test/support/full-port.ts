import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** A port of 127.0.0.1 from which nothing comes back, as from behind a firewall that drops packets. */
export interface FullPort {
  readonly port: number;
  stop(): Promise<void>;
}

/** It listens, takes nothing, and has its queue full: the kernel drops what comes then. */
const LISTENER = `
  const server = require('node:net').createServer();
  server.listen(0, '127.0.0.1', 0, () => {
    require('node:fs').writeSync(1, server.address().port + '\\n');
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  });`;

export async function startFullPort(): Promise<FullPort> {
  const listener = spawn(process.execPath, ['-e', LISTENER], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [text] = (await once(listener.stdout, 'data')) as [Buffer];
  const port = Number(text.toString());
  const sockets: Socket[] = [];
  for (let isFull = false; !isFull; ) {
    const socket = connect({ host: '127.0.0.1', port }).on('error', () => undefined);
    sockets.push(socket);
    const connected = once(socket, 'connect').then(() => true);
    isFull = !(await Promise.race([
      connected,
      new Promise<false>((wait) => setTimeout(() => wait(false), 300)),
    ]));
  }
  return {
    port,
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      listener.kill('SIGKILL');
      await once(listener, 'exit');
    },
  };
}
