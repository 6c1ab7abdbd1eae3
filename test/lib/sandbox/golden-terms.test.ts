import { expect, test } from 'vitest';
import { Terms } from './golden/terms.js';
import { sandbox } from './support.js';

test('a port between nodes stays as it is, also where a sandbox has got its number for MQTT', async () => {
  const { nodes } = await sandbox({ nodes: 1 });
  const terms = new Terms(nodes);
  const port = new URL(nodes[0]?.mqttUrl ?? '').port;
  const listener = (type: string, quote: string) => `{"type":"${type}","port":${quote}${port}${quote}}`;
  expect(terms.answer(listener('mqtt', ''))).toBe('{"type":"mqtt","port":1881}');
  expect(terms.answer(listener('mqtt', '"'))).toBe('{"type":"mqtt","port":"1881"}');
  expect(terms.answer(listener('vmq', ''))).toBe(listener('vmq', ''));
});
