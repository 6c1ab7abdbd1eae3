import { Atom, type Term, Tuple } from '../term/types.js';
import type { Control, Exit } from './control.js';

/** In the place of what was a cookie once. */
const UNUSED = new Atom('');

export function encodeControl(control: Control): Tuple {
  switch (control.type) {
    case 'link':
      return new Tuple([1, control.from, control.to]);
    case 'send':
      return traced(control.token, 2, 12, [control.unused ?? UNUSED, control.to]);
    case 'exit':
      return encodeExit(control, [3, 13, 24, 25]);
    case 'unlink':
      return new Tuple([4, control.from, control.to]);
    case 'reg_send':
      return traced(control.token, 6, 16, [control.from, control.unused ?? UNUSED, control.name]);
    case 'group_leader':
      return new Tuple([7, control.from, control.to]);
    case 'exit2':
      return encodeExit(control, [8, 18, 26, 27]);
    case 'monitor':
      return new Tuple([19, control.from, control.to, control.ref]);
    case 'demonitor':
      return new Tuple([20, control.from, control.to, control.ref]);
    case 'monitor_exit':
      if (control.reason === undefined) return new Tuple([28, control.from, control.to, control.ref]);
      return new Tuple([21, control.from, control.to, control.ref, control.reason]);
    case 'send_sender':
      return traced(control.token, 22, 23, [control.from, control.to]);
    case 'spawn_request': {
      const { id, from, groupLeader, entry, options } = control;
      return traced(control.token, 29, 30, [id, from, groupLeader, entry, options]);
    }
    case 'spawn_reply':
      return traced(control.token, 31, 32, [control.id, control.to, control.flags, control.result]);
    case 'alias_send':
      return traced(control.token, 33, 34, [control.from, control.alias]);
    case 'unlink_id':
      return new Tuple([35, control.id, control.from, control.to]);
    case 'unlink_id_ack':
      return new Tuple([36, control.id, control.from, control.to]);
  }
}

function traced(token: Term | undefined, plain: number, withToken: number, elements: Term[]): Tuple {
  return new Tuple(token === undefined ? [plain, ...elements] : [withToken, ...elements, token]);
}

/** @param operations plain, with token, with payload, with both */
function encodeExit(exit: Exit, operations: readonly [number, number, number, number]): Tuple {
  const [plain, withToken, payload, payloadWithToken] = operations;
  const ends: Term[] = [exit.from, exit.to];
  if (exit.reason === undefined) return traced(exit.token, payload, payloadWithToken, ends);
  if (exit.token === undefined) return new Tuple([plain, ...ends, exit.reason]);
  return new Tuple([withToken, ...ends, exit.token, exit.reason]);
}
