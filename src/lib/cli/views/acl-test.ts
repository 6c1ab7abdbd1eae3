import type { TestReport } from '../../acl/authorize/expect/run.js';
import { cell, note, type View } from '../view.js';

/** The document `vmqctl.acl-test/1`, and the differences as a table. */
export function testView({ total, agree, differ, broker }: TestReport): View {
  const summary = `${agree} of ${total} as expected of VerneMQ ${broker.version}`;
  return {
    document: { schema: 'vmqctl.acl-test/1', brokerVersion: broker.version, total, agree, differ },
    table: {
      columns: differ.length > 0 ? ['Expectation', 'Expected', 'Got', 'Why'] : [],
      rows: differ.map(({ id, expected, got, why }) => [id, expected, cell(got, 'bad'), why]),
    },
    below: [note(summary, differ.length === 0 ? 'good' : 'bad')],
  };
}
