import { connect, type IClientOptions, type MqttClient } from 'mqtt';
import { onTestFinished } from 'vitest';
import { type Sandbox, startSandbox } from '../../../src/lib/sandbox/cluster.js';
import type { SandboxNode } from '../../../src/lib/sandbox/handle.js';
import type { SandboxOptions } from '../../../src/lib/sandbox/options.js';

/** Fast enough for tests, and in the same order of things as the defaults. */
export const FAST = { gossip: 50, leaveGossip: 20, stopAfterLeave: 150, teardownLag: 20, deadLeave: 10 };

/** A sandbox that ends with the test. Three joined nodes, unless told otherwise. */
export async function sandbox(options: Partial<SandboxOptions> = {}): Promise<Sandbox> {
  const timings = { ...FAST, ...options.timings };
  const started = await startSandbox({ nodes: 3, joined: true, apiMode: 'noauth', ...options, timings });
  onTestFinished(() => started.close());
  return started;
}

/** The first three nodes. */
export function trio({ nodes }: Sandbox): [SandboxNode, SandboxNode, SandboxNode] {
  const [one, two, three] = nodes;
  if (!one || !two || !three) throw new Error('the sandbox has fewer than three nodes');
  return [one, two, three];
}

const inboxes = new WeakMap<MqttClient, string[]>();

/** A client that never reconnects by itself and ends with the test. */
export async function client(
  node: SandboxNode | string,
  clientId: string,
  options: IClientOptions = {},
): Promise<MqttClient> {
  const url = typeof node === 'string' ? node : node.mqttUrl;
  const connecting = connect(url, {
    clientId,
    clean: false,
    reconnectPeriod: 0,
    connectTimeout: 3000,
    ...options,
  });
  const messages: string[] = [];
  inboxes.set(connecting, messages);
  // What was queued may arrive together with the CONNACK.
  connecting.on('message', (_topic, payload) => messages.push(payload.toString()));
  onTestFinished(() => connecting.endAsync(true).catch(() => undefined) as Promise<void>);
  await connected(connecting);
  connecting.on('error', () => undefined);
  return connecting;
}

function connected(connecting: MqttClient): Promise<void> {
  return new Promise((resolve, reject) => {
    connecting.once('connect', () => resolve());
    connecting.once('error', reject);
    connecting.once('close', () => reject(new Error('the connection was closed')));
  });
}

/** Resolves when its connection has ended. */
export const disconnected = (of: MqttClient): Promise<void> =>
  new Promise((resolve) => void of.once('close', () => resolve()));

/** Everything that a client has been sent since it connected. */
export const inbox = (of: MqttClient): string[] => inboxes.get(of) ?? [];

/** A persistent session with a subscription and nobody connected. */
export async function offlineSession(node: SandboxNode, clientId: string, topic: string): Promise<void> {
  const subscriber = await client(node, clientId);
  await subscriber.subscribeAsync(topic, { qos: 1 });
  await subscriber.endAsync();
}

export async function get(node: SandboxNode, path: string): Promise<{ status: number; body: string }> {
  const response = await fetch(node.httpUrl + path);
  return { status: response.status, body: await response.text() };
}

/** What a command answers: its text, or its rows. */
export async function command(node: SandboxNode, path: string): Promise<unknown> {
  const { status, body } = await get(node, `/api/v1/${path}`);
  if (status !== 200) return status;
  const { text, table, alert } = JSON.parse(body) as { text?: string; table?: unknown; alert?: unknown };
  return text ?? table ?? alert;
}

/** Member → running, as a node shows it. */
export async function view(node: SandboxNode): Promise<Record<string, boolean>> {
  const rows = (await command(node, 'cluster/show')) as { Node: string; Running: boolean }[];
  return Object.fromEntries(rows.map((row) => [row.Node, row.Running]));
}

export interface NodeStatus {
  readonly num_online: number;
  readonly num_offline: number;
  readonly queue_in: number;
  readonly queue_out: number;
  readonly queue_drop: number;
  readonly num_subscriptions: number;
  readonly msg_in: number;
  readonly msg_out: number;
  readonly matches_local: number;
  readonly matches_remote: number;
  readonly listeners: readonly { readonly type: string; readonly status: string }[];
}

/** `/status.json`, asked of one node: the status of all that it is connected with. */
export async function statuses(node: SandboxNode): Promise<Record<string, NodeStatus>> {
  const { body } = await get(node, '/status.json');
  return (JSON.parse(body) as Record<string, NodeStatus>[])[0] ?? {};
}

export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 400; attempt++) {
    if (await condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('it did not happen within 4 s');
}

export const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** What an attempt to connect failed with: the code of a CONNACK or of the socket. */
export async function refusal(attempt: Promise<unknown>): Promise<number | string> {
  try {
    await attempt;
  } catch (error) {
    return (error as { code?: number | string }).code ?? String(error);
  }
  return 'accepted';
}

/** `cluster leave`, asked of `server`. */
export const leave = (server: SandboxNode, target: SandboxNode | string, flags = '') =>
  command(server, `cluster/leave?node=${typeof target === 'string' ? target : target.name}${flags}`);

/** The second stage, with little patience. */
export const KILL = '&--kill_sessions&--timeout=10&--summary-interval=1';

/** Offline sessions `s0`, `s1`, … on a node, each with so many messages `0`, `1`, … from another one. */
export async function queues(
  on: SandboxNode,
  from: SandboxNode,
  count: number,
  messages: number,
): Promise<void> {
  for (let index = 0; index < count; index++) await offlineSession(on, `s${index}`, `t/${index}`);
  const publisher = await client(from, 'publisher');
  for (let index = 0; index < count; index++) {
    for (let number = 0; number < messages; number++)
      await publisher.publishAsync(`t/${index}`, `${number}`, { qos: 1 });
  }
}
