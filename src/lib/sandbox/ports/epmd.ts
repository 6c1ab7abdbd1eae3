import type { Socket } from 'node:net';
import { Door } from './door.js';

const PORT_PLEASE2_REQ = 122;
const PORT2_RESP = 119;

/** Tells the Erlang ports of the simulated nodes, as the Erlang Port Mapper Daemon of their host would. */
export class SandboxEpmd {
  private readonly door = new Door(0, (socket) => this.serve(socket));

  /** @param portOf the port of a node by the part of its name before the `@`; undefined while it does not run */
  constructor(private readonly portOf: (name: string) => number | undefined) {}

  get port(): number {
    return this.door.port;
  }

  open(): Promise<void> {
    return this.door.open();
  }

  close(): Promise<void> {
    return this.door.close();
  }

  private serve(socket: Socket): void {
    let asked = Buffer.alloc(0);
    socket.on('data', (chunk: Buffer) => {
      asked = Buffer.concat([asked, chunk]);
      if (asked.length < 2 || asked.length < 2 + asked.readUInt16BE(0)) return;
      if (asked[2] === PORT_PLEASE2_REQ) socket.end(this.answer(asked.toString('utf8', 3)));
      else socket.destroy();
    });
  }

  private answer(name: string): Buffer {
    const port = this.portOf(name);
    if (port === undefined) return Buffer.from([PORT2_RESP, 1]);
    const text = Buffer.from(name);
    const head = Buffer.alloc(12);
    head.writeUInt8(PORT2_RESP, 0);
    head.writeUInt16BE(port, 2);
    head.writeUInt8(77, 4); // an ordinary node, over TCP and IPv4
    head.writeUInt16BE(6, 6);
    head.writeUInt16BE(5, 8);
    head.writeUInt16BE(text.length, 10);
    return Buffer.concat([head, text, Buffer.alloc(2)]);
  }
}
