import { connectAsync, type MqttClient } from 'mqtt';
import { type Sandbox, startSandbox } from '../../../../src/lib/sandbox/cluster.js';
import type { SandboxNode } from '../../../../src/lib/sandbox/handle.js';
import type { SandboxOptions } from '../../../../src/lib/sandbox/options.js';
import { type Received, send } from './request.js';
import { Terms } from './terms.js';

export const KEY = 'goldenkey1234567890';
/** The key that sets the stage, where the recorded one must not be known yet. */
export const STAGE_KEY = 'stage-key';

/** A sandbox with its clients, addressed in the recording's terms. */
export class Stage {
  readonly terms: Terms;
  /** Answers to rows whose requests were sent earlier, because they take long. */
  readonly answers = new Map<string, Promise<Received>>();
  private readonly clients: MqttClient[] = [];

  private constructor(private readonly sandbox: Sandbox) {
    this.terms = new Terms(sandbox.nodes);
  }

  static async start(options: Partial<SandboxOptions>): Promise<Stage> {
    const timings = {
      teardownLag: 50,
      stopAfterLeave: 50,
      leaveGossip: 400,
      deadLeave: 10,
      ...options.timings,
    };
    return new Stage(
      await startSandbox({ nodes: 3, joined: true, apiMode: 'apikey', apiKey: KEY, ...options, timings }),
    );
  }

  /** @param name as recorded, or its number */
  node(name: string | number): SandboxNode {
    const number = typeof name === 'number' ? name : Number(/\d/.exec(name)?.[0]);
    const node = this.sandbox.nodes[number - 1];
    if (!node) throw new Error(`there is no node ${name}`);
    return node;
  }

  /** Calls the management API as a step of the staging. */
  async call(node: number, path: string, key = KEY): Promise<string> {
    const { status, body } = await send(
      this.node(node).httpUrl,
      { method: 'GET', path, headers: { 'x-api-key': key } },
      10_000,
    );
    if (status !== 200) throw new Error(`${path} answered ${status}`);
    return body;
  }

  /** Sends a request whose answer takes its time. */
  send(node: number, path: string): Promise<Received> {
    return send(this.node(node).httpUrl, { method: 'GET', path, headers: { 'x-api-key': KEY } }, 10_000);
  }

  /** The types of a node's listeners. */
  async listenersOf(node: number): Promise<string[]> {
    const response = await send(this.node(node).httpUrl, { method: 'GET', path: '/status.json' }, 10_000);
    const [views] = JSON.parse(response.body) as Record<string, { listeners: { type: string }[] }>[];
    return views?.[this.node(node).name]?.listeners.map(({ type }) => type) ?? [];
  }

  /** Connects a client. Without a topic it subscribes to nothing. */
  async client(
    node: number,
    clientId: string,
    topic?: string,
    options: { clean?: boolean; qos?: 0 | 1 | 2; port?: number } = {},
  ): Promise<MqttClient> {
    const url = options.port === undefined ? this.node(node).mqttUrl : `mqtt://127.0.0.1:${options.port}`;
    const client = await connectAsync(url, {
      clientId,
      clean: options.clean ?? false,
      username: 'u3',
      password: 'x',
      reconnectPeriod: 0,
    });
    this.clients.push(client);
    if (topic !== undefined) await client.subscribeAsync(topic, { qos: options.qos ?? 1 });
    return client;
  }

  /** Leaves an offline session behind, with messages of 100 bytes in its queue. */
  async offline(node: number, clientId: string, topic: string, messages = 0): Promise<void> {
    const client = await this.client(node, clientId, topic);
    await client.endAsync();
    if (messages > 0) await this.publish(node, topic, messages);
  }

  async publish(node: number, topic: string, count: number): Promise<void> {
    const publisher = await connectAsync(this.node(node).mqttUrl, {
      clientId: 'publisher',
      reconnectPeriod: 0,
    });
    for (let sent = 0; sent < count; sent++) await publisher.publishAsync(topic, 'x'.repeat(100), { qos: 1 });
    await publisher.endAsync();
  }

  async until(condition: () => Promise<boolean> | boolean): Promise<void> {
    for (let attempt = 0; attempt < 500; attempt++) {
      if (await condition()) return;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    throw new Error('it did not happen within 5 s');
  }

  /** Whether a node lists so many members. */
  async lists(node: number, members: number): Promise<boolean> {
    const { table } = JSON.parse(await this.call(node, '/api/v1/cluster/show')) as { table: unknown[] };
    return table.length === members;
  }

  async end(): Promise<void> {
    await Promise.all(this.clients.map((client) => client.endAsync(true)));
    await this.sandbox.close();
  }
}
