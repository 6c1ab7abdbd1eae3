/** The versions of the broker whose keys are known, the newest last. */
export const BROKER_VERSIONS = ['2.1.2', '2.2.0'] as const;
export type BrokerVersion = (typeof BROKER_VERSIONS)[number];
export const NEWEST_VERSION = '2.2.0';
