import { shellQuoted } from '../../admin/ssh/quote.js';
import type { Evidence } from './evidence.js';

/** The change of the record, and what brings it into effect. */
export function grant(evidence: Evidence, topics: readonly string[], flag = '--add-publish'): string {
  const { name, rights, user } = evidence;
  const id = rights?.source === 'any' ? '*' : name.clientId;
  const mountpoint = name.mountpoint ? [`mountpoint=${name.mountpoint}`] : [];
  const words = [`client-id=${id}`, `username=${user ?? 'USER'}`, ...mountpoint];
  const grants = topics.slice(0, 5).flatMap((topic) => [flag, topic]);
  const line = ['vmqctl', 'acl', 'set', ...words, ...grants].map(shellQuoted).join(' ');
  return `If it is to have that right: ${line}; then ${reconnect(evidence)}`;
}

/** What makes it read its record again. */
export function reconnect({ name }: Evidence): string {
  const mountpoint = name.mountpoint ? ['--mountpoint', name.mountpoint] : [];
  return ['vmqctl', 'session', 'disconnect', `client-id=${name.clientId}`, ...mountpoint]
    .map(shellQuoted)
    .join(' ');
}
