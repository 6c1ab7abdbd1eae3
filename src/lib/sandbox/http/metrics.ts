import type { SimulatedNode } from '../node/node.js';
import { metricRows } from '../node/report.js';
import { type Answer, plain } from './answer.js';

/** `/metrics`, for Prometheus. */
export function metrics(node: SimulatedNode): Answer {
  const text = metricRows(node).map(
    ([kind, name, value]) =>
      `# TYPE vernemq_${name} ${kind}\nvernemq_${name}{node="${node.name}"} ${value}\n`,
  );
  return plain(text.join(''));
}
