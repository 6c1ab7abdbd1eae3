import type { ApiMode } from '../options.js';

/** What the background process is told on its standard input: it may hold secrets, so it is never an argument. */
export interface BackgroundConfig {
  readonly stateFolder: string;
  readonly nodes: number;
  readonly joined: boolean;
  readonly apiMode: ApiMode;
  readonly redisUrl?: string | undefined;
  readonly redisPassword?: string | undefined;
  readonly redisCaFile?: string | undefined;
  readonly redisDeadline?: number | undefined;
  readonly basePort?: number | undefined;
  /** On the last node: offline sessions, the messages in the queue of each, and clients that are online. */
  readonly offlineQueues: number;
  readonly messages: number;
  readonly sessions: number;
  /** Milliseconds after which it ends by itself; without it, it runs until it is stopped. */
  readonly lifetime?: number | undefined;
}

/** What it answers on its standard output, once: one line of JSON. */
export type BackgroundReport =
  | { readonly ready: true }
  | {
      readonly ready: false;
      readonly kind: string;
      readonly code: string;
      readonly message: string;
      readonly hint: string | null;
    };
