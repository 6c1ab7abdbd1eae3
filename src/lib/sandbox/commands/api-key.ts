import { isScope } from '../node/api-keys.js';
import type { ApiScope } from '../node/metadata.js';
import { alert, type Call, type Command, failed, type Reply, table, text } from './command.js';

export const apiKeyCommands: readonly Command[] = [
  { words: ['api-key', 'show'], keys: { scope: 'any' }, run: show },
  { words: ['api-key', 'create'], keys: { scope: 'any', expires: 'any' }, run: create },
  { words: ['api-key', 'add'], keys: { key: 'any', scope: 'any', expires: 'any' }, run: add },
  { words: ['api-key', 'delete'], keys: { key: 'any', scope: 'any' }, run: remove },
];

function show({ node, keys }: Call): Reply {
  const scope = keys.get('scope') ?? 'all';
  if (scope !== 'all' && !isScope(scope)) return failed;
  const wanted = node.apiKeys.list().filter((one) => scope === 'all' || one.scope === scope);
  return table(
    wanted.map((one) => ({
      Key: one.key,
      Scope: one.scope,
      'Expires (UTC)':
        one.expires === null ? 'never' : new Date(one.expires).toISOString().slice(0, 19).replace('T', ' '),
      'has expired': node.apiKeys.hasExpired(one),
    })),
  );
}

/** `expires` counts only after `scope`: elsewhere the broker ignores it, and the key never expires. */
function create({ node, keys }: Call): Reply {
  const [first] = keys.keys();
  const scope = first === 'scope' ? keys.get('scope') : 'mgmt';
  const expires = first === 'scope' ? readDate(keys.get('expires')) : null;
  if (scope === undefined || !isScope(scope) || expires === 'bad') return failed;
  const made = node.apiKeys.create(scope, expires);
  return typeof made === 'string' ? failed : text(made.key);
}

function add({ node, keys }: Call): Reply {
  const key = keys.get('key');
  const scope = keys.get('scope') ?? 'mgmt';
  const expires = readDate(keys.get('expires'));
  if (key === undefined || (keys.has('expires') && !keys.has('scope'))) return usage('add');
  if (!isScope(scope) || expires === 'bad') return failed;
  return result(node.apiKeys.add({ key, scope, expires }));
}

function remove({ node, keys }: Call): Reply {
  const key = keys.get('key');
  const scope = keys.get('scope') ?? 'mgmt';
  if (key === undefined) return usage('delete');
  return isScope(scope) ? result(node.apiKeys.delete(key, scope satisfies ApiScope)) : failed;
}

/** The broker prints the bare Erlang term, also of an error. */
const result = (error: string | null): Reply => text(error === null ? 'ok' : `{error,${error}}`);

const usage = (name: string): Reply => alert(`vmq-admin api-key ${name} key=<API Key> scope=<SCOPE>`);

/** Taken as UTC, which the broker does only where its clock runs on it. */
function readDate(date: string | undefined): number | null | 'bad' {
  if (date === undefined) return null;
  const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/.test(date) ? Date.parse(`${date}Z`) : Number.NaN;
  return Number.isNaN(time) ? 'bad' : time;
}
