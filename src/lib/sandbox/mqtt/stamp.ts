import { randomUUID } from 'node:crypto';

/**
 * Numbers the messages that clients publish on one node, with the two members by which aedes knows a message. Passed on
 * with it, they let every other node see that it is the same message.
 */
export class MessageStamp {
  private readonly brokerId = randomUUID();
  private last = 0;

  /**
   * aedes takes a message with a lower number than the last one for a repetition. Those of one QoS stay in order, but one of
   * QoS 1 may overtake one of QoS 2, so each has its own origin.
   */
  put(packet: { readonly qos: number }): void {
    this.last++;
    Object.assign(packet, { brokerId: `${this.brokerId}/${packet.qos}`, brokerCounter: this.last });
  }

  isOn(packet: { readonly brokerId: string }): boolean {
    return packet.brokerId.startsWith(this.brokerId);
  }
}
