import { ErlangError } from '../error.js';
import { chardataToString } from '../term/chardata.js';
import type { Term } from '../term/types.js';
import type { Apply } from './request.js';

const FUNCTIONS = ['format', 'fwrite'];
/** Literal text, and the directives that need nothing but characters. */
const PIECE = /~(?:ts|s|n|~)|[^~]+/y;

/**
 * What `io_lib:format(Format, Arguments)` returns, for formats whose only directives are `~s`, `~ts`, `~n` and `~~`.
 * Most of what commands write is that, and need not go to the other node and back.
 * Source: stdlib, `io_lib:format/2` and `io:fwrite/3`.
 *
 * @returns undefined where the other node has to say what it comes to, or that it is an error
 */
export function formatLocally({ module, name, args }: Apply): string | undefined {
  if (module.name !== 'io_lib' || !FUNCTIONS.includes(name.name)) return undefined;
  const [format, values] = args;
  if (args.length !== 2 || format === undefined || !Array.isArray(values)) return undefined;
  const pieces = piecesOf(format);
  return pieces && joined(pieces, values);
}

/** @returns undefined where something else is in the format */
function piecesOf(format: Term): readonly string[] | undefined {
  // What is a list within a format is not looked at for directives.
  const isFlat = format instanceof Uint8Array || (Array.isArray(format) && format.every(isNumber));
  const text = isFlat ? textOf(format, 'latin1') : undefined;
  if (text === undefined) return undefined;
  const pieces: string[] = [];
  PIECE.lastIndex = 0;
  for (let piece = PIECE.exec(text); piece; piece = PIECE.exec(text)) pieces.push(piece[0]);
  return pieces.join('').length === text.length ? pieces : undefined;
}

const isNumber = (term: Term): boolean => typeof term === 'number';

/** @returns undefined where there is not a value for each directive, or it is not characters */
function joined(pieces: readonly string[], values: readonly Term[]): string | undefined {
  const remaining = [...values];
  const texts = pieces.map((piece) => {
    if (piece === '~n') return '\n';
    if (piece === '~~') return '~';
    if (piece === '~s') return latin1Text(remaining.shift());
    return piece === '~ts' ? textOf(remaining.shift(), 'utf8') : piece;
  });
  return remaining.length > 0 || texts.includes(undefined) ? undefined : texts.join('');
}

/** `~s` takes no characters beyond Latin-1. */
function latin1Text(value: Term | undefined): string | undefined {
  const text = textOf(value, 'latin1');
  return text === undefined || /[^\0-\xff]/.test(text) ? undefined : text;
}

function textOf(value: Term | undefined, encoding: 'utf8' | 'latin1'): string | undefined {
  if (value === undefined) return undefined;
  try {
    const text = chardataToString(value, { encoding });
    // It stands for what is no character here, which Erlang treats otherwise.
    return text.includes('\ufffd') ? undefined : text;
  } catch (error) {
    if (error instanceof ErlangError) return undefined;
    throw error;
  }
}
