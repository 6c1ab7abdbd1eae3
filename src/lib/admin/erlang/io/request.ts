import { isList } from '../term/construct.js';
import { Atom, Pid, type Term, Tuple } from '../term/types.js';

/**
 * What an Erlang process can ask of an I/O server.
 * Source: "The Erlang I/O Protocol" (stdlib), also its forms from before OTP R15, which have no encoding.
 */
export type IoRequest =
  | { readonly kind: 'put'; readonly encoding: Encoding; readonly chars: Term }
  /** The characters are what a function returns. */
  | { readonly kind: 'put_result'; readonly encoding: Encoding; readonly apply: Apply }
  /** Characters, a line, a term, a password. */
  | { readonly kind: 'input' }
  | { readonly kind: 'options' }
  | { readonly kind: 'not_supported' }
  /** To be done one after the other, up to the first error; the answer to the last is the answer to all. */
  | { readonly kind: 'several'; readonly requests: readonly IoRequest[] }
  | { readonly kind: 'unknown' };

/** How deep requests may be within requests. */
const DEEPEST = 10;

export type Encoding = 'utf8' | 'latin1';

export interface Apply {
  readonly module: Atom;
  readonly name: Atom;
  readonly args: readonly Term[];
}

/** Whom an I/O server has to answer. */
export interface Asker {
  readonly from: Pid;
  /** To be part of the answer. */
  readonly replyAs: Term;
}

/** A message to an I/O server. */
export interface IoMessage extends Asker {
  readonly request: IoRequest;
}

/** @returns undefined for a message that is no I/O request */
export function parseIoMessage(message: Term): IoMessage | undefined {
  if (!(message instanceof Tuple)) return undefined;
  const asker = parseAsker(message.elements);
  const request = message.elements[3];
  if (!asker || request === undefined || message.elements.length !== 4) return undefined;
  return { ...asker, request: parseIoRequest(request) };
}

/** @param beginning the first elements of a message */
export function parseAsker([tag, from, replyAs]: readonly Term[]): Asker | undefined {
  const isRequest = tag instanceof Atom && tag.name === 'io_request';
  return isRequest && from instanceof Pid && replyAs !== undefined ? { from, replyAs } : undefined;
}

export function ioReply(replyAs: Term, reply: Term): Tuple {
  return new Tuple([new Atom('io_reply'), replyAs, reply]);
}

function parseIoRequest(term: Term, depth = 0): IoRequest {
  const [tag, ...rest] = term instanceof Tuple ? term.elements : [term];
  if (!(tag instanceof Atom)) return UNKNOWN;
  const [first] = rest;
  switch (`${tag.name}/${rest.length}`) {
    case 'put_chars/1':
      return put('latin1', first);
    case 'put_chars/2':
      return put(encodingOf(first), rest[1]);
    case 'put_chars/3':
      return putResult('latin1', rest);
    case 'put_chars/4':
      return putResult(encodingOf(first), rest.slice(1));
    case 'get_chars/2':
    case 'get_chars/3':
    case 'get_line/1':
    case 'get_line/2':
    case 'get_until/4':
    case 'get_until/5':
    case 'get_password/0':
    case 'get_password/1':
      return { kind: 'input' };
    case 'getopts/0':
      return { kind: 'options' };
    case 'setopts/1':
    case 'get_geometry/1':
      return { kind: 'not_supported' };
    case 'requests/1':
      return isList(first) && depth < DEEPEST ? several(first, depth + 1) : UNKNOWN;
    default:
      return UNKNOWN;
  }
}

const UNKNOWN: IoRequest = { kind: 'unknown' };

function several(requests: readonly Term[], depth: number): IoRequest {
  return { kind: 'several', requests: requests.map((request) => parseIoRequest(request, depth)) };
}

function put(encoding: Encoding | undefined, chars: Term | undefined): IoRequest {
  return encoding && chars !== undefined ? { kind: 'put', encoding, chars } : UNKNOWN;
}

function putResult(encoding: Encoding | undefined, apply: readonly Term[]): IoRequest {
  const [module, name, args] = apply;
  const isApply = module instanceof Atom && name instanceof Atom && isList(args);
  return encoding && isApply ? { kind: 'put_result', encoding, apply: { module, name, args } } : UNKNOWN;
}

function encodingOf(term: Term | undefined): Encoding | undefined {
  if (!(term instanceof Atom)) return undefined;
  if (term.name === 'unicode') return 'utf8';
  return term.name === 'latin1' ? 'latin1' : undefined;
}
