import { describe, expect, test } from 'vitest';
import { describeReason, describeTerm } from '../../../../src/lib/admin/erlang/index.js';
import {
  Atom,
  ErlangMap,
  Export,
  Float,
  ImproperList,
  Pid,
  type Term,
  Tuple,
} from '../../../../src/lib/admin/erlang/term/types.js';

const atom = (name: string) => new Atom(name);
const tuple = (...elements: readonly Term[]) => new Tuple(elements);
const chars = (text: string): Term => [...text].map((character) => character.codePointAt(0) ?? 0);

describe('a term is described as Erlang writes it', () => {
  test.each<[string, Term]>([
    ['1', 1],
    ['123456789012345678901', 123456789012345678901n],
    ['1.0', new Float(1)],
    ['ok', atom('ok')],
    ["'Not plain'", atom('Not plain')],
    ['{error,[1,2]}', tuple(atom('error'), [1, 2])],
    ['"text"', chars('text')],
    ['<<"bytes">>', Buffer.from('bytes')],
    ['#{a => 1}', new ErlangMap([[atom('a'), 1]])],
    ['[1|2]', new ImproperList([1], 2)],
    ['<a@b.5.6>', new Pid(atom('a@b'), 5, 6, 7)],
    ['fun m:f/1', new Export(atom('m'), atom('f'), 1)],
    ['[]', []],
  ])('%s', (text, term) => {
    expect(describeTerm(term)).toBe(text);
  });

  test('in one short line, however large or deep it is', () => {
    expect(describeTerm(Buffer.alloc(1000, 'x'))).toHaveLength(203);
    let deep: Term = 1;
    for (let level = 0; level < 100_000; level++) deep = tuple(deep, deep);
    expect(describeTerm(deep).length).toBeLessThan(210);
  });
});

describe('a reason is described without the arguments of calls', () => {
  const frame = tuple(atom('lists'), atom('nth'), [chars('secret'), 2], []);
  test.each<[string, Term]>([
    ['normal', atom('normal')],
    ['function_clause in lists:nth/2', tuple(atom('function_clause'), [frame])],
    ['undef in m:f/3', tuple(atom('undef'), [tuple(atom('m'), atom('f'), 3, []), frame])],
    [
      'timeout in gen_server:call/2',
      tuple(atom('timeout'), tuple(atom('gen_server'), atom('call'), chars('ab'))),
    ],
    [
      'noproc in gen_server:call/2 in m:f/1',
      tuple(tuple(atom('noproc'), tuple(atom('gen_server'), atom('call'), [1, 2])), [
        tuple(atom('m'), atom('f'), 1, []),
      ]),
    ],
    ['{badmatch,1}', tuple(atom('badmatch'), 1)],
    ['{a,[]}', tuple(atom('a'), [])],
    ['{gone,7}', tuple(atom('gone'), 7)],
    ['noproc', atom('noproc')],
    ['{shutdown,{failed,1.5}}', tuple(atom('shutdown'), tuple(atom('failed'), new Float(1.5)))],
    ['{noproc,<a@b.5.6>}', tuple(atom('noproc'), new Pid(atom('a@b'), 5, 6, 7))],
  ])('%s', (text, reason) => {
    expect(describeReason(reason)).toBe(text);
  });
});

describe('a reason is described without values that may be secret', () => {
  const secret = Buffer.from('secret');
  const stack = [tuple(atom('m'), atom('f'), 1, [])];
  test.each<[string, Term]>([
    ['…', secret],
    ['…', chars('secret')],
    ['{badmatch,…}', tuple(atom('badmatch'), secret)],
    ['{badmatch,…} in m:f/1', tuple(tuple(atom('badmatch'), chars('secret')), stack)],
    ['{…,[]}', tuple(secret, [])],
    ['{case_clause,{error,…,3}}', tuple(atom('case_clause'), tuple(atom('error'), secret, 3))],
    ['{bad_map,…}', tuple(atom('bad_map'), new ErlangMap([[atom('key'), secret]]))],
    ['{badarg,…}', tuple(atom('badarg'), new ImproperList([secret], 1))],
    ['{badarg,…}', tuple(atom('badarg'), [secret, 1])],
  ])('%s', (text, reason) => {
    expect(describeReason(reason)).toBe(text);
  });

  test('however many calls led there', () => {
    let reason: Term = secret;
    for (let level = 0; level < 100_000; level++) reason = tuple(reason, stack);
    expect(describeReason(reason)).toMatch(/^\{+\.\.\.[^a-z]*( in m:f\/1){20}$/);
  });
});
