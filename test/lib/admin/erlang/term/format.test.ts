import { describe, expect, it } from 'vitest';
import { atom, binary, charlist, map, tuple } from '../../../../../src/lib/admin/erlang/term/construct.js';
import { formatTerm } from '../../../../../src/lib/admin/erlang/term/format.js';
import {
  BitString,
  Export,
  Float,
  Fun,
  ImproperList,
  OldFun,
  Pid,
  Port,
  Reference,
  type Term,
} from '../../../../../src/lib/admin/erlang/term/types.js';

const NODE = atom('VerneMQ@127.0.0.1');
const PID = new Pid(NODE, 9, 1, 5);

describe('formatTerm', () => {
  it.each<readonly [text: string, term: Term]>([
    [
      '{error,{noproc,"what",<<"bytes">>}}',
      tuple(atom('error'), tuple(atom('noproc'), charlist('what'), binary('bytes'))),
    ],
    ['-5', -5],
    ['1180591620717411303424', 2n ** 70n],
    ['1.0', new Float(1)],
    ['-0.0', new Float(-0)],
    ['1.5', new Float(1.5)],
    ['1.0e21', new Float(1e21)],
    ['1.5e-7', new Float(1.5e-7)],
    ['no_proc@1', atom('no_proc@1')],
    ["''", atom('')],
    ["'end'", atom('end')],
    ["'Up'", atom('Up')],
    ["'a b'", atom('a b')],
    ["'it\\'s'", atom("it's")],
    ["'\\e[31m'", atom('\x1b[31m')],
    ["'\\x{9b}'", atom('\x9b')],
    ['[]', []],
    ['"a\\"b\\\\\\n"', charlist('a"b\\\n')],
    ['"\\e[2J"', charlist('\x1b[2J')],
    ['"aä"', charlist('aä')],
    ['[8364,97]', charlist('€a')],
    ['[1883,8888]', [1883, 8888]],
    ['[0,97]', [0, 97]],
    ['[8238,97]', [0x202e, 97]],
    ['[55296]', [0xd800]],
    ['[1114112]', [0x110000]],
    ['[97,a]', [97, atom('a')]],
    ['[1,2|3]', new ImproperList([1, 2], 3)],
    ['["a"|b]', new ImproperList([charlist('a')], atom('b'))],
    ['<<>>', binary('')],
    ['<<"a\\"b">>', binary('a"b')],
    ['<<"ä"/utf8>>', binary('ä')],
    ['<<0,255>>', Buffer.from([0, 255])],
    ['<<97,195>>', Buffer.from([97, 0xc3])],
    ['<<239,191,189>>', binary('\ufffd')],
    ['<<1,5:3>>', new BitString(Buffer.from([1, 0xa0]), 3)],
    ['{}', tuple()],
    ['#{a => 1,<<"k">> => #{}}', map([atom('a'), 1], [binary('k'), map()])],
    ['<VerneMQ@127.0.0.1.9.1>', PID],
    ['#Port<VerneMQ@127.0.0.1.6>', new Port(NODE, 6, 5)],
    ['#Ref<VerneMQ@127.0.0.1.3.2.1>', new Reference(NODE, 5, [1, 2, 3])],
    ['<\\ea.0.0>', new Pid(atom('\x1ba'), 0, 0, 0)],
    ["fun erlang:'=:='/2", new Export(atom('erlang'), atom('=:='), 2)],
    ['#Fun<m.3.77>', new Fun(1, Buffer.alloc(16), 3, atom('m'), 0, 77, PID, [])],
    ['#Fun<m.3.77>', new OldFun(PID, atom('m'), 3, 77, [])],
  ])('writes %s', (text, term) => {
    expect(formatTerm(term)).toBe(text);
  });

  it.each<readonly [text: string, term: Term, maxLength: number]>([
    ['[1000,2000]', [1000, 2000], 11],
    ['[1000,2000...', [1000, 2000], 10],
    ['{a,{b...', tuple(atom('a'), tuple(atom('b'), atom('c'))), 5],
    ['"aaaa...', charlist('a'.repeat(1000)), 5],
    ['<<"aa...', binary('a'.repeat(1000)), 5],
    ['<<"€€€€€€€...', binary('€'.repeat(1000)), 10],
    ['<<0,0,...', Buffer.alloc(1000), 6],
    ['<<0,0,...', new BitString(Buffer.alloc(1000), 3), 6],
    ['<<"...', binary('😀😀'), 4],
    ['#{1 => 2...', map([1, 2], [3, 4]), 8],
    ['[1000|20...', new ImproperList([1000], 2000), 8],
    ["'aaaa...", atom(`${'a'.repeat(200)} `), 5],
    ['...', atom('a'), 0],
  ])('shortens to %s', (text, term, maxLength) => {
    expect(formatTerm(term, { maxLength })).toBe(text);
  });

  it('shows no more levels than asked for', () => {
    expect(formatTerm(tuple(1, tuple(2, tuple(3))), { maxDepth: 2 })).toBe('{1,{2,...}}');
  });

  it('shortens a term that is nested deeper than function calls could be', () => {
    let term: Term = 1;
    for (let level = 0; level < 100_000; level += 1) term = tuple(term);
    expect(formatTerm(term)).toBe(`${'{'.repeat(20)}...${'}'.repeat(20)}`);
  });

  it('looks at no more of a long list than it shows', () => {
    const looked: number[] = [];
    const list = new Proxy(new Array(1_000_000).fill(97), {
      get: (target, property) => {
        if (typeof property === 'string' && /^\d+$/.test(property)) looked.push(Number(property));
        return Reflect.get(target, property);
      },
    });
    formatTerm(list, { maxLength: 100 });
    expect(Math.max(...looked)).toBeLessThan(200);
  });
});
