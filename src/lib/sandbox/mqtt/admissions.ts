import type { Client, PublishPacket, Subscription } from 'aedes';
import { decidePublish, decideSubscribe } from '../../acl/authorize/action.js';
import type { ClientAcl } from '../../acl/authorize/client-acl.js';
import type { SimulatedNode } from '../node/node.js';
import { login, SIMULATED_BROKER } from './login.js';
import type { MessageStamp } from './stamp.js';

interface PendingSubscribe {
  readonly subscription: Subscription;
  readonly done: (granted: Subscription | null) => void;
}

/** Where a message goes that nobody shall get. */
const NOWHERE = '$SYS/ignored';

/** The clients that were let in, each with what its record was then: like the broker, it is not read again. */
export class Admissions {
  private readonly admitted = new WeakMap<Client, ClientAcl | 'anyone'>();
  private readonly usernames = new WeakMap<Client, string>();
  private readonly pending = new Map<Client, PendingSubscribe[]>();

  constructor(
    private readonly node: SimulatedNode,
    private readonly stamp: MessageStamp,
  ) {}

  username(client: Client): string | null {
    return this.usernames.get(client) ?? null;
  }

  /** @returns the code of the CONNACK that refuses the client, or null */
  async login(
    client: Client,
    username: string | undefined,
    password: string | undefined,
  ): Promise<number | null> {
    const { records } = this.node.world;
    if (username !== undefined) this.usernames.set(client, username);
    if (!records) {
      this.admitted.set(client, 'anyone');
      return null;
    }
    const result = await login(records, { clientId: client.id, username, password });
    if (!result.accepted) return result.returnCode;
    this.admitted.set(client, result.acl);
    return null;
  }

  /** @returns null to let it pass, an error to end the connection. What the broker ignores is sent nowhere. */
  publish(client: Client | null, packet: PublishPacket): Error | null {
    if (packet.topic.startsWith('$') || !this.node.isReady) {
      // Without QoS aedes does not acknowledge it either.
      Object.assign(packet, { topic: NOWHERE, qos: 0, retain: false, payload: Buffer.alloc(0) });
      return null;
    }
    if (!this.mayPublish(client, packet)) {
      this.node.counters.mqtt_publish_auth_error++;
      return new Error('not authorised');
    }
    this.stamp.put(packet);
    return null;
  }

  /**
   * Grants a subscription or not. The broker refuses a SUBSCRIBE as a whole when it refuses one of its filters; aedes
   * asks for each of them, all in one turn of the event loop.
   */
  subscribe(client: Client, subscription: Subscription, done: (granted: Subscription | null) => void): void {
    const together = this.pending.get(client);
    if (together) {
      together.push({ subscription, done });
      return;
    }
    this.pending.set(client, [{ subscription, done }]);
    queueMicrotask(() => this.settle(client));
  }

  private settle(client: Client): void {
    const asked = this.pending.get(client) ?? [];
    this.pending.delete(client);
    const granted = asked.every(({ subscription }) => this.maySubscribe(client, subscription));
    if (!granted) this.node.counters.mqtt_subscribe_auth_error++;
    for (const { subscription, done } of asked) done(granted ? subscription : null);
  }

  private mayPublish(client: Client | null, { topic, qos, retain, payload }: PublishPacket): boolean {
    const admission = client ? this.admitted.get(client) : undefined;
    if (admission === undefined || admission === 'anyone') return admission === 'anyone';
    const action = { type: 'publish', topic, qos, retain, payloadBytes: Buffer.byteLength(payload) } as const;
    return decidePublish(admission, action, SIMULATED_BROKER).allowed;
  }

  private maySubscribe(client: Client, { topic, qos }: Subscription): boolean {
    // A session that is restored keeps its subscriptions: they are not asked for again.
    if (client.connecting) return true;
    const admission = this.admitted.get(client);
    if (!this.node.isReady || admission === undefined) return false;
    if (admission === 'anyone') return true;
    const action = { type: 'subscribe', filters: [{ filter: topic, qos }] } as const;
    return decideSubscribe(admission, action, 4, SIMULATED_BROKER).allowed;
  }
}
