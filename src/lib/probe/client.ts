import type { Secret } from '../secret.js';
import type { QoS } from './names.js';

export type Protocol = '3.1.1' | '5';

export interface Credentials {
  readonly username: string;
  readonly password: Secret | undefined;
}

export interface Message {
  readonly topic: string;
  readonly payload: string;
  readonly retain: boolean;
}

export interface ConnectRequest {
  readonly url: string;
  readonly clientId: string;
  readonly protocol: Protocol;
  readonly credentials: Credentials | undefined;
  /** PEM file of the authorities that TLS is checked against. */
  readonly caFile: string | null;
  /** Its session outlives the connection: for ever with 3.1.1, with 5 for `SESSION_EXPIRY`. */
  readonly persistent?: boolean;
  /** When the connection breaks, the broker itself removes the retained message of this topic. */
  readonly retained?: string | undefined;
  /** Milliseconds for the connection, and for each answer on it. */
  readonly deadline: number;
  readonly signal?: AbortSignal | undefined;
  readonly onMessage?: ((message: Message) => void) | undefined;
}

export interface PublishOptions {
  readonly qos: QoS;
  readonly retain?: boolean;
}

/** Seconds that a session or a retained message of MQTT 5 outlives what should have removed it. */
export const EXPIRY = 60;

/** One connection. It is not made again by itself. All its methods throw Failures: unreachable, credentials, failed. */
export interface ProbeClient {
  /** The broker had a session of this client id. */
  readonly sessionPresent: boolean;
  /** Milliseconds until the broker had let it in. */
  readonly took: number;
  readonly isConnected: boolean;
  subscribe(filter: string, qos: QoS): Promise<void>;
  unsubscribe(filter: string): Promise<void>;
  /** Resolves when the broker has answered, as far as the QoS has an answer. An empty payload removes what is retained. */
  publish(topic: string, payload: string, options: PublishOptions): Promise<void>;
  /** Ends it in good order. It never fails. */
  end(): Promise<void>;
}

/** @throws Failure: unreachable, credentials, interrupted; configuration when the file of authorities cannot be read */
export type Connect = (request: ConnectRequest) => Promise<ProbeClient>;
