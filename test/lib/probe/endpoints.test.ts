import { describe, expect, it } from 'vitest';
import type { Listener } from '../../../src/lib/admin/rpc.js';
import type { ClusterView, Member } from '../../../src/lib/cluster/view.js';
import { endpointsOf, parseGivenEndpoints } from '../../../src/lib/probe/endpoints.js';
import { failure as failureOf } from '../../support/failure.js';

const listener = (type: string, address: string, port: number, status = 'running'): Listener => ({
  ...{ type, address, port, status },
});
const NO_COUNTERS = { online: 0, offline: 0, queueIn: 0, queueOut: 0, queueDrop: 0, queueUnhandled: 0 };

function member(address: string | null, ...listeners: Listener[]): Member {
  const counters = { ...NO_COUNTERS, subscriptions: 0, retained: 0 };
  const own = { node: 'VerneMQ@10.0.0.1', version: null, members: new Map(), listeners, counters };
  return { name: 'VerneMQ@10.0.0.1', running: 'yes', seenBy: {}, own, address };
}

const viewOf = (one: Member): ClusterView => ({
  members: [one],
  observers: [],
  unreachable: [],
  partial: [],
});
const urlOf = (one: Member, transport?: 'mqtt' | 'mqtts' | 'ws' | 'wss') =>
  endpointsOf(viewOf(one), new Map(), transport)[0]?.url;
const codeOf = (one: Member, transport?: 'mqtts') =>
  endpointsOf(viewOf(one), new Map(), transport)[0]?.failure?.code;

describe('endpointsOf', () => {
  const HTTP = 'http://10.9.9.9:8888';

  it.each([
    ['the address of the listener', HTTP, [listener('mqtt', '10.0.0.7', 1883)], 'mqtt://10.0.0.7:1883'],
    [
      'any address: the host of the admin API',
      HTTP,
      [listener('mqtt', '0.0.0.0', 1883)],
      'mqtt://10.9.9.9:1883',
    ],
    ['any address, IPv6', 'http://[::1]:8888', [listener('mqtt', '::', 1883)], 'mqtt://[::1]:1883'],
    [
      'any address, reached as an Erlang node',
      'erl://VerneMQ@10.0.0.1',
      [listener('mqtt', '0.0.0.0', 1)],
      'mqtt://10.0.0.1:1',
    ],
    [
      'any address, reached over SSH',
      'ssh://root@alias',
      [listener('mqtt', '0.0.0.0', 1)],
      'mqtt://10.0.0.1:1',
    ],
    [
      'any address, reached through a tunnel',
      'http://127.0.0.1:8888?via=ssh://root@b',
      [listener('mqtt', '0.0.0.0', 1)],
      'mqtt://10.0.0.1:1',
    ],
    ['any address, known from others', null, [listener('mqtt', '0.0.0.0', 1)], 'mqtt://10.0.0.1:1'],
    [
      'plain before TLS',
      HTTP,
      [listener('mqtts', '10.0.0.7', 8883), listener('mqtt', '10.0.0.7', 1883)],
      'mqtt://10.0.0.7:1883',
    ],
    ['TLS', HTTP, [listener('mqtts', '10.0.0.7', 8883)], 'mqtts://10.0.0.7:8883'],
    ['websockets', HTTP, [listener('mqttws', '10.0.0.7', 8080)], 'ws://10.0.0.7:8080/mqtt'],
    ['websockets over TLS', HTTP, [listener('mqttwss', '10.0.0.7', 8443)], 'wss://10.0.0.7:8443/mqtt'],
    [
      'one that runs',
      HTTP,
      [listener('mqtt', '10.0.0.7', 1, 'suspended'), listener('mqtt', '10.0.0.7', 2)],
      'mqtt://10.0.0.7:2',
    ],
    [
      'one that is reached',
      HTTP,
      [listener('mqtt', '127.0.0.1', 1), listener('mqtts', '10.0.0.7', 2)],
      'mqtts://10.0.0.7:2',
    ],
  ])('takes %s', (_, address, listeners, url) => {
    expect(urlOf(member(address, ...listeners))).toBe(url);
  });

  it('takes the listeners of the transport that is wanted', () => {
    const both = member(HTTP, listener('mqtt', '10.0.0.7', 1883), listener('mqttwss', '10.0.0.7', 8443));
    expect(urlOf(both, 'wss')).toBe('wss://10.0.0.7:8443/mqtt');
    expect(codeOf(both, 'mqtts')).toBe('no_listener');
  });

  it('says why there is none', () => {
    expect(codeOf(member(HTTP, listener('http', '10.0.0.7', 8888)))).toBe('no_listener');
    expect(codeOf(member(HTTP, listener('mqtt', '10.0.0.7', 1883, 'suspended')))).toBe('listener_suspended');
    expect(codeOf(member(HTTP, listener('mqtt', '127.0.0.1', 1883)))).toBe('listener_on_loopback');
    expect(codeOf({ ...member(null), own: null })).toBe('listeners_unknown');
  });

  it('believes what is given, and only for members', async () => {
    const one = member(HTTP, listener('mqtt', '10.0.0.7', 1883));
    const given = new Map([[one.name, 'wss://lb.example/mqtt']]);
    expect(endpointsOf(viewOf(one), given)[0]?.url).toBe('wss://lb.example/mqtt');
    const stranger = async () => endpointsOf(viewOf(one), new Map([['x@y', 'mqtt://h']]));
    expect(await failureOf(stranger())).toMatchObject({ kind: 'usage', code: 'unknown_node' });
  });
});

describe('parseGivenEndpoints', () => {
  it('reads NODE=URL', () => {
    expect([...parseGivenEndpoints(['a@h=mqtts://h:8883', 'b@h=ws://h/mqtt?x=1'])]).toEqual([
      ['a@h', 'mqtts://h:8883'],
      ['b@h', 'ws://h/mqtt?x=1'],
    ]);
  });

  it.each(['mqtt://h:1883', '=mqtt://h', 'a@h=', 'a@h=http://h', 'a@h=h:1883', 'a@h=mqtt://user:geheim@h'])(
    'refuses %s, without repeating it',
    async (text) => {
      const refused = await failureOf((async () => parseGivenEndpoints([text]))());
      expect(refused.kind).toBe('usage');
      expect(`${refused.message} ${refused.hint}`).not.toContain('geheim');
    },
  );
});
