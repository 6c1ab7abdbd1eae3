import { DEFAULT_TOPIC_MAX_DEPTH } from '../pattern.js';

/** The versions whose decisions are known, the newest last. */
export const BROKER_VERSIONS = ['2.1.2', '2.2.0'] as const;
export type BrokerVersion = (typeof BROKER_VERSIONS)[number];

/** What of a broker its decisions depend on. */
export interface Broker {
  readonly version: BrokerVersion;
  readonly topicMaxDepth: number;
  /** In bytes. */
  readonly maxClientIdSize: number;
}

/** The newest known version, with the settings that it comes with. */
export const DEFAULT_BROKER: Broker = {
  version: '2.2.0',
  topicMaxDepth: DEFAULT_TOPIC_MAX_DEPTH,
  maxClientIdSize: 100,
};
