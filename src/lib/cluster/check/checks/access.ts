import type { Row } from '../../../admin/rpc.js';
import type { Check } from '../check.js';
import { type Finding, judged, ok } from '../finding.js';
import type { Thresholds } from '../options.js';
import { isNear, placeOf } from '../place.js';
import { NotKnown, reached } from '../survey.js';
import { rowsOf } from './software.js';

/** An API key as far as it may be told: never the key itself. */
export interface KeyEntry {
  readonly scope: string;
  /** Milliseconds since the epoch; null for never. */
  readonly expires: number | null;
  readonly expired: boolean;
}

interface Keys {
  readonly entries: readonly KeyEntry[];
  /** The same for the same set of keys. */
  readonly fingerprint: string;
}

/** What lets operators and clients in, and when it ends. */
export const accessChecks: readonly Check[] = [
  {
    name: 'api-keys',
    about: 'All nodes know the same API keys, and none of them ends soon',
    run: async (survey, thresholds) => {
      const now = survey.fleet.clock.now();
      const answers = await survey.each(async (member) => {
        const reply = await survey.ask(member, { words: ['api-key', 'show'], arguments: [['scope', 'all']] });
        return readKeys(rowsOf(reply));
      });
      return judged(answers, (known) => judgeKeys(known, now, thresholds));
    },
  },
  {
    name: 'certificates',
    about: 'No certificate of a listener ends soon',
    run: async (survey, thresholds) => {
      const now = survey.fleet.clock.now();
      const answers = await survey.each(async (member) => {
        if (member.own === null || member.own.listeners.length === 0)
          throw new NotKnown('its listeners are not known');
        const listeners = member.own.listeners.filter(
          ({ type, status }) => TLS.test(type) && status === 'running',
        );
        const found = await Promise.all(
          listeners.map(async (listener) => {
            const place = isNear(reached(member)) ? placeOf(member.name, listener) : undefined;
            const end = place && (await survey.probes.certificateEnd(place.host, place.port, survey.options));
            const shown = `${listener.type} ${place?.host ?? listener.address}:${listener.port}`;
            if (end === undefined) throw new NotKnown(`${shown} shows no certificate here`);
            return { listener: shown, ends: end };
          }),
        );
        return found;
      });
      return judged(answers, (known) => judgeCertificates(known, now, thresholds));
    },
  },
];

const TLS = /^(mqtts|mqttwss|wss|https|vmqs|ssl)$/;

/** Compared by its hash, so that no key is kept. */
async function readKeys(rows: readonly Row[]): Promise<Keys> {
  const { createHash } = await import('node:crypto');
  const keys = rows.map(({ Key, Scope }) => `${Scope} ${Key}`).sort();
  return {
    entries: rows.map((row) => {
      const ends = Date.parse(`${String(row['Expires (UTC)']).replace(' ', 'T')}Z`);
      return {
        scope: String(row.Scope),
        expires: Number.isNaN(ends) ? null : ends,
        expired: row['has expired'] === true,
      };
    }),
    fingerprint: createHash('sha256').update(keys.join('\n')).digest('hex'),
  };
}

export function judgeKeys(
  known: ReadonlyMap<string, Keys>,
  now: number,
  { validity }: Pick<Thresholds, 'validity'>,
): Finding {
  const [first] = known.values();
  const evidence = [...known].map(([node, { entries }]) => `${node}: ${scopes(entries)}`);
  if ([...known.values()].some(({ fingerprint }) => fingerprint !== first?.fingerprint))
    return {
      status: 'warn',
      summary: 'the nodes do not know the same API keys',
      evidence,
      cause: 'keys were added on different nodes, or a key was tried on a node that it had not reached yet',
      cure: 'Add the missing key on the node that lacks it, or restart that node; add keys on one node only.',
      nodes: [...known.keys()],
    };
  const entries = first?.entries ?? [];
  const expired = entries.filter(({ expired, expires }) => expired || (expires !== null && expires <= now));
  const soon = entries.filter(
    (key) => !expired.includes(key) && key.expires !== null && key.expires - now < validity,
  );
  if (expired.length === 0 && soon.length === 0)
    return ok(entries.length === 0 ? 'there are none' : `${scopes(entries)}, none ends soon`, evidence);
  const dated = [...expired, ...soon].map(
    ({ scope, expires }) =>
      `${scope}: ${expires !== null && expires > now ? 'ends' : 'ended'} ${expires === null ? '' : new Date(expires).toISOString()}`,
  );
  return {
    status: 'warn',
    summary: `${expired.length} API keys have ended, ${soon.length} end soon`,
    evidence: dated,
    cause: 'they were made with an end',
    cure: 'Make new ones (vmqctl api-key create scope=… expires=…), hand them out, and delete the old ones.',
    nodes: [],
  };
}

const scopes = (entries: readonly KeyEntry[]): string => {
  const counts = new Map<string, number>();
  for (const { scope } of entries) counts.set(scope, 1 + (counts.get(scope) ?? 0));
  return counts.size === 0 ? 'no keys' : [...counts].map(([scope, count]) => `${count} ${scope}`).join(', ');
};

export function judgeCertificates(
  known: ReadonlyMap<string, readonly { readonly listener: string; readonly ends: number }[]>,
  now: number,
  { validity }: Pick<Thresholds, 'validity'>,
): Finding {
  const all = [...known].flatMap(([node, found]) => found.map((one) => ({ node, ...one })));
  if (all.length === 0) return ok('no listener has one');
  const evidence = all.map(
    ({ node, listener, ends }) => `${node} ${listener}: until ${new Date(ends).toISOString()}`,
  );
  const over = all.filter(({ ends }) => ends <= now);
  const soon = all.filter(({ ends }) => ends > now && ends - now < validity);
  if (over.length === 0 && soon.length === 0)
    return ok(`${all.length} certificates, none ends soon`, evidence);
  const bad = over.length > 0 ? over : soon;
  return {
    status: over.length > 0 ? 'critical' : 'warn',
    summary: `${bad.map(({ listener }) => listener).join(', ')}: the certificate ${over.length > 0 ? 'has ended' : 'ends soon'}`,
    evidence,
    cause: 'it was not renewed, or the node still has the old one in its cache',
    cure: 'Put the new file in its place, then vmqctl tls clear-pem-cache on that node.',
    nodes: bad.map(({ node }) => node),
  };
}
