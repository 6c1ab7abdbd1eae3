// The MQTT clients of the demo.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { root } from '../setup.js';

// Loaded late: the packages are installed by the set-up that runs before.
const mqtt = () => createRequire(join(root, 'package.json'))('mqtt');

/** Connects once; what arrives is kept in `received`, in order. */
export async function connect(url, { clientId, username, password, clean = true }) {
  const client = mqtt().connect(url, {
    clientId,
    username,
    password,
    clean,
    protocolVersion: 4,
    reconnectPeriod: 0,
    connectTimeout: 5000,
  });
  const received = [];
  client.on('message', (topic, payload) => received.push(`${topic} ${payload}`));
  client.on('error', () => undefined); // a refusal comes as an error and a close; the close is what is waited for
  const connected = await new Promise((resolve) => {
    client.once('connect', () => resolve(true));
    client.once('close', () => resolve(false));
  });
  return {
    connected,
    received,
    subscribe: (topic, qos = 1) => client.subscribeAsync(topic, { qos }),
    publish: (topic, payload, qos = 1) => client.publishAsync(topic, payload, { qos }),
    /** A publish that the broker answers by closing the connection. */
    publishAndLose: (topic, payload) =>
      new Promise((resolve) => {
        client.once('close', () => resolve(true));
        client.publish(topic, payload, { qos: 1 }, (error) => error ?? resolve(false));
      }),
    end: () => client.endAsync(),
  };
}

export async function until(condition, milliseconds = 10_000) {
  const end = Date.now() + milliseconds;
  while (!condition() && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 20));
  return condition();
}
