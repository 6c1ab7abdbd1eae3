import { didYouMean } from '../../suggest.js';
import type { Element } from '../parse.js';
import { findKey, similarKeys } from '../schema.js';
import { accepts, describeType } from '../values.js';
import { critical, type Finding, type Place, warn } from './finding.js';
import type { Node, Placed } from './node.js';
import { REMOVED_KEYS } from './removed-keys.js';

const NO_START = 'the broker does not start';

/** Lines that are no settings, keys that are none, values that are refused. */
export function lintFiles(node: Node): Finding[] {
  return [
    ...node.files.flatMap(({ path, elements }) =>
      elements.flatMap((element) =>
        lintElement(element, { node: node.origin, file: path, line: element.line, key: null }),
      ),
    ),
    ...node.all.flatMap((setting) => [...lintKey(node, setting), ...lintWriting(node, setting)]),
  ];
}

function lintElement(element: Element, place: Place): Finding[] {
  if (element.text.includes('\ufffd'))
    return [
      critical(
        'not_utf8',
        place,
        `a character that is not UTF-8: ${NO_START}, even if it is in a comment`,
        'Save the file as UTF-8.',
      ),
    ];
  return element.kind === 'broken' ? [brokenLine(element, place)] : [];
}

/** The line itself is not shown: it may hold a secret. */
function brokenLine({ text }: Element, place: Place): Finding {
  const key = /^[ \t]*([\w.\\-]+)[ \t]*(?:[=:].*)?$/.exec(text.trimEnd())?.[1] ?? null;
  const at = { ...place, key };
  if (text.startsWith('\ufeff'))
    return critical(
      'syntax_error',
      place,
      `a byte order mark, which 2.1 does not know: ${NO_START}`,
      'Save the file without one.',
    );
  if (/^[^=]*=[ \t]*(?:#.*)?$/.test(text.trimEnd()))
    return critical(
      'empty_value',
      at,
      `no value: ${NO_START}`,
      "Give one, write '' for an empty text, or take the line out.",
    );
  return critical(
    'syntax_error',
    at,
    `not understood: ${NO_START}`,
    'A line is KEY = VALUE, include PATH, or a comment after #. Quotes must end the value.',
  );
}

function lintKey(node: Node, setting: Placed): Finding[] {
  const { key, place } = setting;
  const known = findKey(key);
  if (!known) return [unknownKey(setting)];
  if (known.since > node.version)
    return [
      critical(
        'key_too_new',
        place,
        `${node.version} does not know this key: ${NO_START}`,
        `It is there from ${known.since} on.`,
      ),
    ];
  const value = node.resolve(setting.value);
  if (value === undefined || accepts(known.type, value)) return checkPort(known.type, value, place);
  return [
    critical('bad_value', place, `this value is refused: ${NO_START}`, `Give ${describeType(known.type)}.`),
  ];
}

function unknownKey({ key, place }: Placed): Finding {
  const cure = REMOVED_KEYS[key];
  if (cure !== undefined)
    return critical('removed_key', place, `VerneMQ 2 does not have this key any more: ${NO_START}`, cure);
  const meant = didYouMean(key, similarKeys(key)).replace(/^; /, ', ');
  return critical(
    'unknown_key',
    place,
    `${NO_START}: there is no such key${meant}`,
    'Correct it or take it out.',
  );
}

/** cuttlefish lets any number pass; the listener does not start. */
function checkPort(type: string, value: string | undefined, place: Place): Finding[] {
  const port = type.startsWith('<address>') ? Number(/:(\d+)$/.exec(value ?? '')?.[1] ?? 0) : 0;
  if (port <= 65535) return [];
  return [
    critical(
      'bad_port',
      place,
      `there is no port ${port}: this listener does not start`,
      'Give one up to 65535.',
    ),
  ];
}

/** What is read otherwise than it looks. */
function lintWriting(node: Node, setting: Placed): Finding[] {
  const { key, value, quoting, text, span, place } = setting;
  const findings: Finding[] = [];
  const winner = node.setting(key);
  if (winner && winner.place !== place)
    findings.push(
      warn(
        'duplicate_key',
        place,
        `it is set again in ${winner.file}:${winner.line}, and the last one wins`,
        'Keep one of the two.',
      ),
    );
  if (quoting === 'none' && text.charAt(span[1]) === '#')
    findings.push(
      warn(
        'value_cut_short',
        place,
        'the # in it begins a comment: what follows is not part of the value',
        'Put the value in single quotes, or a blank in front of the #.',
      ),
    );
  if (/^".*"$/s.test(value))
    findings.push(
      warn(
        'quotes_kept',
        place,
        'the double quotes are part of the value',
        'Take them out, or write single quotes.',
      ),
    );
  return findings;
}
