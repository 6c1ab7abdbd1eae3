/** Keys that 1.x or 2.0 had and 2.1.2 does not know any more, with what to do. */
export const REMOVED_KEYS: Readonly<Record<string, string>> = {
  allow_multiple_sessions: 'Take it out: since 2.0 a client id has one session.',
  generic_message_store_engine: 'Write vmq_generic_msg_store.db_backend = leveldb, rocksdb or leveled.',
  'leveldb_message_store.directory': 'Write vmq_generic_msg_store.store_dir.',
  message_size_limit: 'Write max_message_size.',
  'log.crash.maximum_message_size': 'Take it out.',
  'log.crash.rotation': 'Take it out; log.crash.rotation.size and .keep are what there is.',
  'log.crash.size': 'Write log.crash.rotation.size.',
  'log.error.messages_per_second': 'Take it out.',
  'log.error.redirect': 'Take it out.',
  'vmq_diversity.mongodb.r_mode': 'Write vmq_diversity.mongodb.read_preference.',
  'vmq_pulse.api_key': 'Take it out: vmq_pulse is gone.',
  'vmq_pulse.connect_timeout': 'Take it out: vmq_pulse is gone.',
  'vmq_pulse.push_interval': 'Take it out: vmq_pulse is gone.',
  'vmq_pulse.url': 'Take it out: vmq_pulse is gone.',
};
