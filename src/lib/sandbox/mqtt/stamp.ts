import { randomUUID } from 'node:crypto';

/**
 * Numbers the messages that clients publish on one node, with the two members by which aedes knows a message. Passed on
 * with it, they let every other node see that it is the same message.
 */
export class MessageStamp {
  readonly brokerId = randomUUID();
  private last = 0;

  put(packet: object): void {
    this.last++;
    Object.assign(packet, { brokerId: this.brokerId, brokerCounter: this.last });
  }

  isOn(packet: { readonly brokerId: string }): boolean {
    return packet.brokerId === this.brokerId;
  }
}
