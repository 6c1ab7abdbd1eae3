import { describe, expect, it } from 'vitest';
import {
  Atom,
  ErlangMap,
  Float,
  Pid,
  type Term,
  Tuple,
} from '../../../../src/lib/admin/erlang/term/types.js';
import { toPlain } from '../../../../src/lib/admin/native/plain.js';
import {
  readMembers,
  readNames,
  readQueueSummary,
  readStatus,
} from '../../../../src/lib/admin/native/readings.js';

const atom = (name: string) => new Atom(name);
const tuple = (...elements: Term[]) => new Tuple(elements);
const binary = (text: string) => Buffer.from(text);

/** As a broker says it (2.1.2). */
const STATUS = tuple(atom('ok'), [
  tuple(binary('num_online'), 2),
  tuple(binary('num_offline'), 5),
  tuple(binary('queue_out'), 7),
  tuple(binary('version'), binary('2.1.2')),
  tuple(binary('mystatus'), [[tuple(binary('a@h'), atom('true')), tuple(binary('b@h'), atom('false'))]]),
  tuple(binary('listeners'), [
    [
      tuple(atom('type'), atom('mqtt')),
      tuple(atom('status'), atom('running')),
      tuple(atom('ip'), binary('127.0.0.1')),
      tuple(atom('port'), 1883),
      tuple(atom('mountpoint'), []),
      tuple(atom('max_conns'), 10000),
    ],
  ]),
]);

describe("a node's status", () => {
  it('is what /status.json says of the node', () => {
    expect(readStatus('a@h', STATUS)).toEqual({
      node: 'a@h',
      version: '2.1.2',
      members: new Map([
        ['a@h', true],
        ['b@h', false],
      ]),
      listeners: [{ type: 'mqtt', status: 'running', address: '127.0.0.1', port: 1883 }],
      counters: expect.objectContaining({ online: 2, offline: 5, queueOut: 7, retained: 0 }),
    });
  });

  it.each<[string, Term]>([
    ['a node that could not be asked', tuple(atom('badrpc'), atom('nodedown'))],
    ['an error', tuple(atom('error'), [])],
    ['no members', tuple(atom('ok'), [tuple(binary('mystatus'), [[]])])],
    ['nothing', tuple(atom('ok'))],
    ['something else', 7],
  ])('is unknown from %s', (_what, term) => {
    expect(readStatus('a@h', term)).toBeUndefined();
  });
});

describe('members', () => {
  it('are read in the order of the node', () => {
    const term = [tuple(atom('b@h'), atom('true')), tuple(atom('a@h'), atom('false'))];
    expect([...(readMembers(term) ?? [])]).toEqual([
      ['b@h', true],
      ['a@h', false],
    ]);
  });

  it.each<[string, Term]>([
    ['an empty list', []],
    ['an atom', atom('not_ready')],
    ['numbers', [1, 2]],
  ])('are unknown from %s', (_what, term) => {
    expect(readMembers(term)).toBeUndefined();
  });
});

describe('queues by state', () => {
  it('are five counts', () => {
    expect(readQueueSummary(tuple(1, 2, 3, 4, 50))).toEqual({
      online: 1,
      waitingForOffline: 2,
      draining: 3,
      offline: 4,
      storedMessages: 50,
    });
  });

  it.each<[string, Term]>([
    ['four', tuple(1, 2, 3, 4)],
    ['a badrpc', tuple(atom('badrpc'), atom('timeout'))],
    ['a list', [1, 2, 3, 4, 5]],
  ])('are unknown from %s', (_what, term) => {
    expect(readQueueSummary(term)).toBeUndefined();
  });
});

it('names that are none are left out of a list of nodes', () => {
  expect(readNames([atom('a@h'), 7, atom('b@h')])).toEqual(['a@h', 'b@h']);
  expect(readNames(atom('a@h'))).toEqual([]);
});

describe('a term as JSON', () => {
  it.each<[string, Term, unknown]>([
    ['an atom', atom('running'), 'running'],
    ['true', atom('true'), true],
    ['undefined', atom('undefined'), null],
    ['a float', new Float(1.5), 1.5],
    ['a big integer', 2n ** 64n, 2 ** 64],
    ['an empty list', [], []],
    ['a string, which is a list', [104, 105], [104, 105]],
    ['a map', new ErlangMap([[atom('a'), 1]]), { a: 1 }],
    ['pairs', [tuple(atom('a'), [tuple(binary('b'), binary('ü'))])], { a: { b: 'ü' } }],
    ['a pid, which has no such form', new Pid(atom('a@h'), 1, 2, 3), null],
    ['a tuple that is no pair', [tuple(atom('a'), 1, 2)], [null]],
  ])('%s', (_what, term, plain) => {
    expect(toPlain(term)).toEqual(plain);
  });

  it('cannot be given members that objects have by themselves', () => {
    const plain = toPlain([tuple(binary('__proto__'), [tuple(binary('x'), 1)])]);
    expect(Object.keys(plain as object)).toEqual(['__proto__']);
    expect(({} as { x?: number }).x).toBeUndefined();
  });
});

it('a term that is deeper than any status ends in null instead of an overflow', () => {
  let deep: Term = 1;
  for (let level = 0; level < 50_000; level++) deep = [deep];
  expect(JSON.stringify(toPlain(deep))).toMatch(/^\[{99,}null\]{99,}$/);
});
