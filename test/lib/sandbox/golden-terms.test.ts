import { expect, test } from 'vitest';
import { Terms } from './golden/terms.js';
import { sandbox } from './support.js';

test('each port of a sandbox has the number that it has in the recording', async () => {
  const { nodes } = await sandbox({ nodes: 1 });
  const terms = new Terms(nodes);
  const port = new URL(nodes[0]?.mqttUrl ?? '').port;
  const listener = (type: string, quote: string, number: string | number | undefined) =>
    `{"type":"${type}","port":${quote}${number}${quote}}`;
  expect(terms.answer(listener('mqtt', '', port))).toBe('{"type":"mqtt","port":1881}');
  expect(terms.answer(listener('mqtt', '"', port))).toBe('{"type":"mqtt","port":"1881"}');
  expect(terms.answer(listener('vmq', '', nodes[0]?.clusteringPort))).toBe('{"type":"vmq","port":44051}');
});
