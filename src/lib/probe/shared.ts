import type { Run } from './run.js';

/** What became of messages for a shared subscription that has one member on every node. */
export interface SharedDelivery {
  readonly from: string;
  readonly sent: number;
  readonly lost: number;
  /** More than one member got it. */
  readonly duplicated: number;
  /** Node → how many its member got. */
  readonly receivedOn: Readonly<Record<string, number>>;
}

/** Each node publishes; of all members of the group, one shall get each message. */
export async function probeShared(run: Run): Promise<SharedDelivery[]> {
  const { count, interval } = run.context.options;
  const { clock, signal } = run.context;
  const nodes = run.connected;
  /** `publisher-number` → subscribers */
  const arrived = new Map<string, number[]>();
  run.handlers.set('s', (to, from, { payload }) => {
    const name = `${from}-${payload}`;
    arrived.set(name, [...(arrived.get(name) ?? []), to]);
  });
  let sent = 0;
  while (sent < count && !signal.aborted) {
    sent += 1;
    for (const node of nodes)
      void run.publish(node, run.names.sharedOf(node.index), String(sent), { qos: 1 });
    await clock.sleep(interval, signal);
  }
  await run.until(() => arrived.size === nodes.length * sent);
  run.handlers.delete('s');
  if (signal.aborted) return [];
  return nodes.map(({ index, node }) => {
    const receivers = Array.from({ length: sent }, (_, at) => arrived.get(`${index}-${at + 1}`) ?? []);
    const receivedOn = (to: number) => receivers.filter((all) => all.includes(to)).length;
    return {
      from: node,
      sent,
      lost: receivers.filter((all) => all.length === 0).length,
      duplicated: receivers.filter((all) => all.length > 1).length,
      receivedOn: Object.fromEntries(nodes.map((to) => [to.node, receivedOn(to.index)])),
    };
  });
}
