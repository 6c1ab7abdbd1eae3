import * as Flags from '@oclif/core/flags';
import { BROKER_VERSIONS, DEFAULT_BROKER } from '../acl/authorize/broker.js';

/** Which broker decides. */
export const brokerFlags = {
  'broker-version': Flags.option({
    options: BROKER_VERSIONS,
    default: DEFAULT_BROKER.version,
    summary: 'The version of the broker that decides.',
  })(),
  'topic-max-depth': Flags.integer({
    min: 1,
    helpValue: 'N',
    summary: 'topic_max_depth of the brokers, where it is not 10.',
  }),
  'max-client-id-size': Flags.integer({
    min: 1,
    helpValue: 'BYTES',
    summary: 'max_client_id_size of the brokers, where it is not 100.',
  }),
};
