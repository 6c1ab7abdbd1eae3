import { ANY_CLIENT } from '../../key.js';
import type { Lists } from '../lists.js';
import { checkRow, type RowReading } from '../row.js';
import type { Dialect, TopicRules } from './topic-rules.js';

/** Bcrypt, under any of its labels: those that are none of the broker's are told where rows are checked. */
const BCRYPT = /^\$2[abxy]?\$/;
/** Any other hash. */
const HASH = /^\$[a-zA-Z0-9-]{1,16}\$/;

/**
 * Reads the lines of a password file, `username:password`, as mosquitto and VerneMQ have it. A record is for any client of
 * the user. Undefined for a comment and an empty line: VerneMQ knows no comments, and takes what ends like an entry for one.
 *
 * @param rules of the ACL file, where there is one
 */
export const passwordReader =
  (given: Lists, dialect: Dialect, rules: TopicRules | undefined) =>
  (line: string): RowReading | undefined => {
    if (line.trim() === '' || isComment(line, dialect)) return undefined;
    const colon = line.indexOf(':');
    if (colon < 1) return { ok: false, why: 'it is not username:password' };
    const username = line.slice(0, colon);
    const lists = rules?.of(username);
    if (typeof lists === 'string') return { ok: false, why: lists };
    const fields = {
      client_id: ANY_CLIENT,
      username,
      ...(lists && { publish_acl: lists.publish, subscribe_acl: lists.subscribe }),
    };
    return readSecret(line.slice(colon + 1), fields, given);
  };

const isComment = (line: string, dialect: Dialect): boolean =>
  line.startsWith('#') && !(dialect === 'vmq' && VMQ_ENTRY.test(line));

const VMQ_ENTRY = /^[^:]+:\$[^$:]+\$[^$:]+\$[^$:]+$/;

function readSecret(text: string, fields: Readonly<Record<string, unknown>>, given: Lists): RowReading {
  if (BCRYPT.test(text)) return checkRow({ ...fields, passhash: text }, given);
  const label = HASH.exec(text)?.[0];
  if (label === undefined) return checkRow({ ...fields, password: text }, given);
  const reading = checkRow(fields, given);
  if (!reading.ok) return reading;
  const why = `the broker's bcrypt cannot use its hash (${label})`;
  return { ok: true, row: { ...reading.row, credential: { kind: 'kept', why } } };
}
