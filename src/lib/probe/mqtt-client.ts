import { Socket } from 'node:net';
import type { IClientOptions, MqttClient } from 'mqtt';
import { readAuthorities } from '../ca-file.js';
import { Failure } from '../failure.js';
import {
  type Connect,
  type ConnectRequest,
  EXPIRY,
  type ProbeClient,
  type Protocol,
  type PublishOptions,
} from './client.js';
import type { QoS } from './names.js';
import {
  closedEarly,
  connectFailure,
  connectionLost,
  connectTimeout,
  publishRefused,
  subscribeRefused,
  unanswered,
} from './refusals.js';

/** Seconds. A machine that dies says no goodbye: after one and a half of these the broker ends the connection. */
const KEEPALIVE = 15;

/** A return code that refuses begins here. */
const REFUSED = 128;

/** Connections over mqtt.js, which is loaded when the first one is made. */
export const connectMqtt: Connect = async (request) => {
  const { caFile } = request;
  const authorities = caFile === null ? undefined : await readAuthorities(caFile, Date.now());
  const { default: mqtt } = await import('mqtt');
  const started = performance.now();
  const connection = mqtt.connect(request.url, optionsOf(request, authorities?.pem));
  connection.on('message', (topic, payload, { retain }) =>
    request.onMessage?.({ topic, payload: payload.toString(), retain }),
  );
  const sessionPresent = await established(connection, request);
  const took = performance.now() - started;
  // Else small packets wait for each other, up to 40 ms, and that would be measured.
  if (connection.stream instanceof Socket) connection.stream.setNoDelay(true);
  return new MqttJsClient(connection, sessionPresent, took, request);
};

function optionsOf(request: ConnectRequest, ca: string | undefined): IClientOptions {
  const { clientId, protocol, credentials, persistent = false, retained, deadline } = request;
  const isFive = protocol === '5';
  const password = credentials?.password?.reveal();
  return {
    clientId,
    protocolVersion: isFive ? 5 : 4,
    clean: !persistent,
    keepalive: KEEPALIVE,
    // Later than our own, so that it is ours that is told.
    connectTimeout: 2 * deadline,
    reconnectPeriod: 0,
    resubscribe: false,
    ...(credentials ? { username: credentials.username } : {}),
    ...(password === undefined ? {} : { password }),
    ...(isFive && persistent ? { properties: { sessionExpiryInterval: EXPIRY } } : {}),
    ...(retained === undefined
      ? {}
      : { will: { topic: retained, payload: Buffer.alloc(0), qos: 1, retain: true } }),
    ...(ca === undefined ? {} : { ca }),
  };
}

/** @returns whether the broker had a session of it */
function established(connection: MqttClient, request: ConnectRequest): Promise<boolean> {
  const { deadline, protocol, signal } = request;
  return new Promise((resolve, reject) => {
    const settle = (failure: Failure | undefined, sessionPresent = false) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', interrupt);
      if (!failure) return resolve(sessionPresent);
      // Whatever it still says concerns nobody.
      connection.on('error', () => undefined);
      connection.end(true);
      reject(failure);
    };
    const interrupt = () => settle(new Failure('interrupted', 'interrupted', 'interrupted'));
    const timer = setTimeout(() => settle(connectTimeout(deadline)), deadline);
    connection.once('connect', (connack) => settle(undefined, connack.sessionPresent));
    connection.once('error', (error) => settle(connectFailure(error, protocol)));
    connection.once('close', () => settle(closedEarly()));
    if (signal?.aborted) interrupt();
    else signal?.addEventListener('abort', interrupt);
  });
}

class MqttJsClient implements ProbeClient {
  private readonly protocol: Protocol;
  private readonly deadline: number;

  constructor(
    private readonly connection: MqttClient,
    readonly sessionPresent: boolean,
    readonly took: number,
    { protocol, deadline }: ConnectRequest,
  ) {
    this.protocol = protocol;
    this.deadline = deadline;
    // A connection that breaks later shows in what is asked of it.
    connection.on('error', () => undefined);
    // Each answer that is waited for listens for the end of the connection.
    connection.setMaxListeners(0);
  }

  get isConnected(): boolean {
    return this.connection.connected;
  }

  async subscribe(filter: string, qos: QoS): Promise<void> {
    const granted = await this.answered(this.connection.subscribeAsync(filter, { qos }), (cause) =>
      subscribeRefused(filter, cause),
    );
    if (granted.some((one) => one.qos >= REFUSED)) throw subscribeRefused(filter);
  }

  async unsubscribe(filter: string): Promise<void> {
    await this.answered(this.connection.unsubscribeAsync(filter), () => connectionLost());
  }

  async publish(topic: string, payload: string, { qos, retain = false }: PublishOptions): Promise<void> {
    const properties =
      this.protocol === '5' && retain && payload !== '' ? { messageExpiryInterval: EXPIRY } : undefined;
    const options = { qos, retain, ...(properties ? { properties } : {}) };
    await this.answered(this.connection.publishAsync(topic, payload, options), (cause) =>
      publishRefused(topic, cause),
    );
  }

  async end(): Promise<void> {
    if (!this.connection.connected) return void this.connection.end(true);
    await new Promise<void>((resolve) => {
      // mqtt.js waits for what is unanswered, for ever, and a second `end` of it does nothing.
      const timer = setTimeout(() => this.connection.stream.destroy(), this.deadline);
      this.connection.once('close', () => {
        clearTimeout(timer);
        resolve();
      });
      this.connection.end(false);
    });
  }

  /** mqtt.js keeps what was asked for a connection that may come back; this one does not. */
  private answered<T>(asked: Promise<T>, refused: (cause: unknown) => Failure): Promise<T> {
    return new Promise((resolve, reject) => {
      const lost = () => settle(() => reject(connectionLost()));
      const timer = setTimeout(() => settle(() => reject(unanswered(this.deadline))), this.deadline);
      const settle = (then: () => void) => {
        clearTimeout(timer);
        this.connection.removeListener('close', lost);
        then();
      };
      this.connection.once('close', lost);
      if (!this.connection.connected) lost();
      asked.then(
        (value) => settle(() => resolve(value)),
        (cause) => settle(() => reject(this.connection.connected ? refused(cause) : connectionLost())),
      );
    });
  }
}
