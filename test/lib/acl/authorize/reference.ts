/**
 * A second reading of the rules, made on its own: patterns become regular expressions, fields become intervals, and
 * what cannot be read denies. It is slow and has no reasons. Modifiers are not in it.
 */
export interface ReferenceEntry {
  readonly pattern?: unknown;
  readonly max_qos?: unknown;
  readonly max_payload_size?: unknown;
  readonly allowed_retain?: unknown;
}

export interface ReferenceClient {
  readonly mountpoint: string;
  readonly clientId: string;
  readonly username: string;
}

export interface ReferenceMessage {
  readonly topic: string;
  readonly qos: number;
  readonly retain: boolean;
  readonly payloadBytes: number;
}

export const mayPublish = (list: unknown, who: ReferenceClient, message: ReferenceMessage): boolean =>
  isTopic(message.topic) &&
  !/[+#]/.test(message.topic) &&
  !message.topic.startsWith('$') &&
  entriesOf(list).some(
    (entry) =>
      patternOf(entry, who)?.test(message.topic) === true &&
      message.qos <= highest(entry.max_qos, 2) &&
      message.payloadBytes <= highest(entry.max_payload_size, 2 ** 28) &&
      !(message.retain && entry.allowed_retain === false),
  );

export const maySubscribe = (list: unknown, who: ReferenceClient, filter: string, qos: number): boolean =>
  isTopic(filter) &&
  isFilter(filter) &&
  entriesOf(list).some(
    (entry) => patternOf(entry, who)?.test(filter) === true && qos <= highest(entry.max_qos, 2),
  );

/** A list that the script fails on has no entries, because nobody is let in. */
function entriesOf(list: unknown): ReferenceEntry[] {
  if (!Array.isArray(list)) return [];
  const areEntries = list.every(
    (item) =>
      typeof item === 'object' &&
      item !== null &&
      (!Array.isArray(item) || item.length === 0) &&
      Object.entries(item).every(([name, value]) =>
        name === 'pattern'
          ? value === null || typeof value === 'string'
          : name !== 'modifiers' && (value === null || typeof value !== 'object'),
      ),
  );
  return areEntries ? (list as ReferenceEntry[]) : [];
}

const highest = (value: unknown, otherwise: number): number =>
  typeof value === 'number' && !(value < 0) && !(value > otherwise) ? Math.floor(value) : otherwise;

const isTopic = (text: string): boolean =>
  text !== '' && !text.includes('\0') && text.split('/').length <= 10 && Buffer.byteLength(text) <= 65_535;

const isFilter = (text: string): boolean =>
  /^(?:(?:\+|[^+#/]*)\/)*(?:\+|#|[^+#/]*)$/.test(text) && !/^\$share(?:\/[^/]*)?$/.test(text);

/** The regular expression of a pattern for one client, or nothing when the pattern is none. */
function patternOf({ pattern }: ReferenceEntry, who: ReferenceClient): RegExp | undefined {
  const text = pattern === null ? 'null' : pattern;
  if (typeof text !== 'string' || !isTopic(text) || !isFilter(text)) return undefined;
  const names = new Map([
    ['%m', who.mountpoint],
    ['%c', who.clientId],
    ['%u', who.username],
  ]);
  const levels = text.split('/').map((level) => names.get(level) ?? level);
  const any = levels.at(-1) === '#';
  const fixed = (any ? levels.slice(0, -1) : levels).map((level) => (level === '+' ? '[^/]*' : quote(level)));
  if (any && fixed.length === 0) return /^/s;
  return new RegExp(`^${fixed.join('/')}${any ? '(?:/.*)?' : ''}$`, 's');
}

/** A level with a slash in it is compared with one level, and so never met. */
const quote = (level: string): string =>
  level.includes('/') ? '(?!)' : level.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
