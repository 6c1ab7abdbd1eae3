import type { SimulatedNode } from '../node/node.js';
import { metricRows } from '../node/report.js';
import { type Answer, plain } from './answer.js';

/** `/metrics`, for Prometheus. */
export function metrics(node: SimulatedNode): Answer {
  const text = metricRows(node).map(
    ([kind, name, value]) =>
      `# TYPE vernemq_${name} ${kind}\nvernemq_${name}{node="${node.name}"} ${value}\n`,
  );
  return plain(`${text.join('')}${takeovers(node)}`);
}

/** Of MQTT 5 clients: the others are told no reason. */
const takeovers = ({ name, counters }: SimulatedNode): string =>
  `# TYPE vernemq_mqtt_disconnect_sent counter\nvernemq_mqtt_disconnect_sent{node="${name}",mqtt_version="5",reason_code="session_taken_over"} ${counters.takeovers}\n`;
