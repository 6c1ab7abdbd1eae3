import { randomBytes } from 'node:crypto';
import { Failure } from '../failure.js';

export type QoS = 0 | 1 | 2;

/** Brokers reject topics of more levels (`topic_max_depth`), and five follow the prefix. */
const DEEPEST_PREFIX = 5;

/** What a probe calls its own. Everything contains its id, so nothing of anybody else's is ever touched. */
export interface ProbeNames {
  readonly username: string;
  /** Under which all its topics are. */
  readonly base: string;
  /** The filter of all messages of the matrix. */
  readonly messages: string;
  readonly retained: string;
  readonly shared: string;
  /** The client that publishes and subscribes on the node with this number. */
  client(index: number): string;
  /** The client whose session moves from the node with this number to the others. */
  traveller(index: number): string;
  message(index: number, qos: QoS): string;
  retainedOf(index: number): string;
  sharedOf(index: number): string;
  takeoverOf(index: number): string;
}

export const newProbeId = (): string => randomBytes(6).toString('hex');

export function probeNames(id: string, prefix: string): ProbeNames {
  const own = `vmqctl-probe-${id}`;
  const base = `${prefix}/${id}`;
  return {
    username: own,
    base,
    messages: `${base}/m/#`,
    retained: `${base}/r/+`,
    shared: `$share/${id}/${base}/s/+`,
    client: (index) => `${own}-${index}`,
    traveller: (index) => `${own}-t${index}`,
    message: (index, qos) => `${base}/m/${index}/${qos}`,
    retainedOf: (index) => `${base}/r/${index}`,
    sharedOf: (index) => `${base}/s/${index}`,
    takeoverOf: (index) => `${base}/t/${index}`,
  };
}

/** @throws Failure (usage) when no topic could begin with it */
export function checkPrefix(prefix: string): string {
  const levels = prefix.split('/');
  const isUsable =
    levels.length <= DEEPEST_PREFIX &&
    levels.every((level) => /^[^+#\s\0]+$/.test(level)) &&
    prefix[0] !== '$';
  if (isUsable) return prefix;
  throw new Failure('usage', 'bad_topic_prefix', `--topic-prefix cannot begin a topic: ${prefix}`, {
    hint: `Give 1 to ${DEEPEST_PREFIX} levels without +, # and blanks, such as vmqctl-probe; the broker ignores what begins with $.`,
  });
}
