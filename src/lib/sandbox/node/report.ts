import type { SimulatedNode } from './node.js';

/** As the real broker's version, marked. */
const VERSION = '2.1.2+simulated';

/** The rows of `node status`, in its order. */
export function statusRows(
  node: SimulatedNode,
): readonly (readonly [name: string, value: number | string])[] {
  const { counters, metadata, sessions } = node;
  const online = sessions.online().length;
  return [
    ['num_online', online],
    ['num_offline', sessions.all().length - online],
    ['msg_in', counters.msg_in],
    ['msg_out', counters.msg_out],
    ['queue_in', counters.queue_in],
    ['queue_out', counters.queue_out],
    ['queue_drop', counters.queue_drop],
    ['queue_unhandled', counters.queue_unhandled],
    ['num_subscriptions', metadata.subscriptionCount],
    ['num_retained', metadata.retained.size],
    ['matches_local', counters.matches_local],
    ['matches_remote', counters.matches_remote],
    ['version', VERSION],
  ];
}

/** Member → whether this node sees it running, itself first. */
export function clusterRows(node: SimulatedNode): readonly (readonly [name: string, running: boolean])[] {
  return node.members.map((name) => [name, node.world.sees(node, node.world.find(name))]);
}

/** The part of the broker's metrics that is about queues, routing and connections, in its order. */
export function metricRows(
  node: SimulatedNode,
): readonly (readonly [kind: 'counter' | 'gauge', name: string, value: number])[] {
  const { counters, sessions, metadata } = node;
  const online = sessions.online().length;
  return [
    ['counter', 'queue_setup', counters.queue_setup],
    ['counter', 'queue_initialized_from_storage', 0],
    ['counter', 'queue_teardown', counters.queue_teardown],
    ['counter', 'queue_message_drop', counters.queue_drop],
    ['counter', 'queue_message_expired', 0],
    ['counter', 'queue_message_unhandled', counters.queue_unhandled],
    ['counter', 'queue_message_in', counters.queue_in],
    ['counter', 'queue_message_out', counters.queue_out],
    ['counter', 'cluster_bytes_received', 0],
    ['counter', 'cluster_bytes_sent', 0],
    ['counter', 'cluster_bytes_dropped', counters.cluster_bytes_dropped],
    ['counter', 'router_matches_local', counters.matches_local],
    ['counter', 'router_matches_remote', counters.matches_remote],
    ['gauge', 'total_active_connections', online],
    ['gauge', 'active_mqtt_connections', online],
    ['gauge', 'active_mqttws_connections', 0],
    ['gauge', 'queue_processes', sessions.all().length],
    ['gauge', 'router_memory', 0],
    ['gauge', 'router_subscriptions', metadata.subscriptionCount],
    ['counter', 'netsplit_resolved', 0],
    ['counter', 'netsplit_detected', 0],
  ];
}

/** What was refused, summed up over the versions of MQTT, as `metrics show` has it. */
export const refusalRows = ({
  counters,
}: SimulatedNode): readonly (readonly [name: string, value: number])[] => [
  ['mqtt_publish_auth_error', counters.mqtt_publish_auth_error],
  ['mqtt_subscribe_auth_error', counters.mqtt_subscribe_auth_error],
];
