import { connectAsync } from 'mqtt';

/** Persistent sessions that are offline, with messages waiting in each. */
export async function fill(
  node: { readonly mqttUrl: string },
  queues: number,
  messages: number,
): Promise<void> {
  for (let index = 0; index < queues; index += 1) {
    const client = await connectAsync(node.mqttUrl, {
      clientId: `q${index}`,
      clean: false,
      protocolVersion: 4,
    });
    await client.subscribeAsync('all', { qos: 1 });
    await client.endAsync();
  }
  const sender = await connectAsync(node.mqttUrl, { clientId: 'sender', clean: true });
  for (let index = 0; index < messages; index += 1)
    await sender.publishAsync('all', String(index), { qos: 1 });
  await sender.endAsync();
}
