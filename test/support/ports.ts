import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * The ports that tests hand out, below those that an operating system takes for connections of its own: on one of
 * those any connection of another test may stand by the time that a server wants it.
 */
const FIRST = 10_000;
const LAST = 15_999;

/** A port of 127.0.0.1 that nobody listened on a moment ago. */
export const freePort = (): Promise<number> => freePorts(1);

/** The first of so many ports in a row of 127.0.0.1 that nobody listened on a moment ago. */
export async function freePorts(count: number): Promise<number> {
  for (;;) {
    const first = FIRST + Math.floor(Math.random() * (LAST - FIRST - count + 2));
    const free = await Promise.all(Array.from({ length: count }, (_, index) => isFree(first + index)));
    if (free.every(Boolean)) return first;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}
