/** Since the node's start. The names are those of `/status.json`. */
export class Counters {
  msg_in = 0;
  msg_out = 0;
  queue_in = 0;
  queue_out = 0;
  queue_drop = 0;
  queue_unhandled = 0;
  matches_local = 0;
  matches_remote = 0;
  /** Shown by the metrics only. */
  queue_setup = 0;
  queue_teardown = 0;
  cluster_bytes_dropped = 0;
  /** MQTT 5 clients that were thrown out for another connection with their id. */
  takeovers = 0;
  mqtt_publish_auth_error = 0;
  mqtt_subscribe_auth_error = 0;
}
