import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseStatus } from '../../../../src/lib/admin/http/status.js';

const status = (fields: object) => JSON.stringify([{ 'a@h': { mystatus: [{ 'a@h': true }], ...fields } }]);
const listeners = (...list: unknown[]) => parseStatus(status({ listeners: list }))?.views[0]?.listeners;
const MQTT = { type: 'mqtt', status: 'running', ip: '127.0.0.1', port: 1883 };

describe('/status.json', () => {
  it.each<[unknown]>([[0], [-1], [65_536], [18.5], ['x y'], [null], [{}], [{ valueOf: 1, toString: 1 }]])(
    'has a listener without a port for %j, and loses nothing else',
    (port) => {
      expect(listeners({ ...MQTT, port }, MQTT)?.map((listener) => listener.port)).toEqual([0, 1883]);
    },
  );

  it('takes a port that came as a text', () => {
    expect(listeners({ ...MQTT, port: '1883' })?.[0]?.port).toBe(1883);
  });

  it('survives fields that are no texts', () => {
    const odd = { toString: 1, valueOf: 1 };
    expect(listeners({ type: odd, status: odd, ip: odd, port: odd })).toEqual([
      { type: '', status: '', address: '', port: 0 },
    ]);
  });

  it('is garbled when a node lists nobody', () => {
    expect(parseStatus('[{"a@h":{"mystatus":[]}}]')).toBeUndefined();
    expect(parseStatus('[{"a@h":{"mystatus":[{}]}}]')).toBeUndefined();
  });

  it('is read or given up, whatever it is', () => {
    const listener = fc.record({
      type: fc.jsonValue(),
      status: fc.jsonValue(),
      ip: fc.jsonValue(),
      port: fc.jsonValue(),
    });
    const node = fc.record({
      mystatus: fc.array(fc.dictionary(fc.string(), fc.jsonValue())),
      version: fc.jsonValue(),
      listeners: fc.oneof(fc.array(listener), fc.jsonValue()),
      num_online: fc.jsonValue(),
    });
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), fc.array(fc.dictionary(fc.string(), node))), (body) => {
        for (const view of parseStatus(JSON.stringify(body))?.views ?? []) {
          expect(view.members.size).toBeGreaterThan(0);
          for (const { port } of view.listeners) expect(port >= 0 && port <= 65_535).toBe(true);
        }
      }),
    );
  });
});
