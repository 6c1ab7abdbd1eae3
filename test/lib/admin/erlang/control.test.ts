import { describe, expect, test } from 'vitest';
import { decodeControl } from '../../../../src/lib/admin/erlang/control/decode.js';
import { encodeControl } from '../../../../src/lib/admin/erlang/control/encode.js';
import { Atom, Pid, Reference, type Term, Tuple } from '../../../../src/lib/admin/erlang/term/types.js';

const from = new Pid(new Atom('a@b'), 1, 2, 3);
const to = new Pid(new Atom('c@d'), 4, 5, 6);
const ref = new Reference(new Atom('a@b'), 3, [7, 8, 9]);
const name = new Atom('rex');
const none = new Atom('');
const token = new Tuple([1, 2]);
const reason = new Atom('normal');
const entry = new Tuple([new Atom('m'), new Atom('f'), 1]);

/** All control messages of OTP 28, as the documentation of the protocol has them. */
const MESSAGES: readonly (readonly [string, readonly Term[]])[] = [
  ['LINK', [1, from, to]],
  ['SEND', [2, none, to]],
  ['EXIT', [3, from, to, reason]],
  ['UNLINK', [4, from, to]],
  ['REG_SEND', [6, from, none, name]],
  ['GROUP_LEADER', [7, from, to]],
  ['EXIT2', [8, from, to, reason]],
  ['SEND_TT', [12, none, to, token]],
  ['EXIT_TT', [13, from, to, token, reason]],
  ['REG_SEND_TT', [16, from, none, name, token]],
  ['EXIT2_TT', [18, from, to, token, reason]],
  ['MONITOR_P by pid', [19, from, to, ref]],
  ['MONITOR_P by name', [19, from, name, ref]],
  ['DEMONITOR_P', [20, from, to, ref]],
  ['MONITOR_P_EXIT', [21, name, to, ref, reason]],
  ['SEND_SENDER', [22, from, to]],
  ['SEND_SENDER_TT', [23, from, to, token]],
  ['PAYLOAD_EXIT', [24, from, to]],
  ['PAYLOAD_EXIT_TT', [25, from, to, token]],
  ['PAYLOAD_EXIT2', [26, from, to]],
  ['PAYLOAD_EXIT2_TT', [27, from, to, token]],
  ['PAYLOAD_MONITOR_P_EXIT', [28, from, to, ref]],
  ['SPAWN_REQUEST', [29, ref, from, to, entry, []]],
  ['SPAWN_REQUEST_TT', [30, ref, from, to, entry, [], token]],
  ['SPAWN_REPLY', [31, ref, to, 2, from]],
  ['SPAWN_REPLY_TT', [32, ref, to, 0, new Atom('notsup'), token]],
  ['ALIAS_SEND', [33, from, ref]],
  ['ALIAS_SEND_TT', [34, from, ref, token]],
  ['UNLINK_ID', [35, 2n ** 64n - 1n, from, to]],
  ['UNLINK_ID_ACK', [36, 1, from, to]],
];

describe('control messages', () => {
  test.each(MESSAGES)('%s is decoded, and encoded as it was', (_, elements) => {
    const term = new Tuple(elements);
    expect(encodeControl(decodeControl(term))).toEqual(term);
  });

  test('are told apart', () => {
    const decoded = MESSAGES.map(([, elements]) =>
      JSON.stringify(decodeControl(new Tuple(elements)), bigints),
    );
    expect(new Set(decoded).size).toBe(MESSAGES.length);
  });

  test.each([
    ['no tuple', name],
    ['an empty tuple', new Tuple([])],
    ['an operation that there is not', new Tuple([99, from, to])],
    ['the obsolete NODE_LINK', new Tuple([5])],
    ['an operation that is no number', new Tuple([name, from, to])],
    ['too few elements', new Tuple([1, from])],
    ['too many elements', new Tuple([1, from, to, to])],
    ['a name where a pid must be', new Tuple([1, from, name])],
    ['a pid where a name must be', new Tuple([6, from, none, to])],
    ['a pid where a reference must be', new Tuple([19, from, to, to])],
    ['a spawn without a function', new Tuple([29, ref, from, to, name, []])],
  ])('are not %s', (_, term) => {
    expect(() => decodeControl(term)).toThrow(expect.objectContaining({ code: 'bad_frame' }));
  });
});

const bigints = (_: string, value: unknown) => (typeof value === 'bigint' ? String(value) : value);
