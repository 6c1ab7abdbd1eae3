import { decideSubscribe } from '../../acl/authorize/action.js';
import { DEFAULT_BROKER } from '../../acl/authorize/broker.js';
import type { ClientAcl, Entry } from '../../acl/authorize/client-acl.js';
import { decideConnect } from '../../acl/authorize/connect.js';
import { redisSources } from '../../acl/authorize/sources.js';
import type { RecordName } from '../../acl/key.js';
import { patternProblem } from '../../acl/pattern.js';
import type { AclStore } from '../../acl/store.js';
import { Failure } from '../../failure.js';
import type { Connect, ProbeClient } from '../../probe/client.js';
import type { Secret } from '../../secret.js';

/** `not-provable`: nothing was found out, or nothing may be tried. */
export interface Proof {
  readonly outcome: 'proven' | 'refuted' | 'not-provable';
  readonly why: string;
}

export interface TrialContext {
  readonly store: AclStore;
  readonly connect: Connect;
  /** Where the broker takes clients. */
  readonly url: string;
  readonly caFile: string | null;
  /** Milliseconds for the connection, and for each answer on it. */
  readonly deadline: number;
  readonly signal: AbortSignal;
}

/** MQTT 3.1.1. */
const PROTOCOL = 4;

/**
 * Logs in as a client that is nowhere connected, and subscribes to what its record grants. The session is a clean one,
 * each subscription is ended at once, and nothing is published: others would get it.
 *
 * @throws Failure: those of the store, interrupted
 */
export async function tryClient(context: TrialContext, name: RecordName, password: Secret): Promise<Proof> {
  const acl = await rightsOf(context.store, name);
  try {
    const { url, caFile, deadline, signal } = context;
    const credentials = { username: name.username, password };
    const request = { url, caFile, deadline, signal, credentials, protocol: '3.1.1' } as const;
    const client = await context.connect({ ...request, clientId: name.clientId });
    try {
      return await tryFilters(client, acl);
    } finally {
      await client.end();
    }
  } catch (thrown) {
    if (!(thrown instanceof Failure) || thrown.kind === 'interrupted') throw thrown;
    if (thrown.kind === 'credentials') return { outcome: 'refuted', why: thrown.message };
    return { outcome: 'not-provable', why: thrown.message };
  }
}

async function rightsOf(store: AclStore, name: RecordName): Promise<ClientAcl> {
  const client = {
    ...name,
    password: { kind: 'assumed-right' },
    protocol: PROTOCOL,
    cleanSession: true,
  } as const;
  const { acl } = await decideConnect(client, redisSources(store), DEFAULT_BROKER);
  return acl ?? { publish: [], subscribe: [] };
}

async function tryFilters(client: ProbeClient, acl: ClientAcl): Promise<Proof> {
  let granted = 0;
  for (const entry of acl.subscribe) {
    const filter = filterToTry(entry);
    if (filter === undefined) continue;
    const expected = decideSubscribe(
      acl,
      { type: 'subscribe', filters: [{ filter, qos: 0 }] },
      PROTOCOL,
      DEFAULT_BROKER,
    ).allowed;
    if ((await isGranted(client, filter)) !== expected)
      return { outcome: 'refuted', why: `${entry.field} should ${expected ? '' : 'not '}grant ${filter}` };
    granted += expected ? 1 : 0;
  }
  const left = acl.subscribe.length - granted;
  const rest = `${left > 0 ? `, ${left} more left alone` : ''}; publishing as can-i says, not tried`;
  return { outcome: 'proven', why: `logged in, ${granted} filters granted${rest}` };
}

/** Undefined for what must not be subscribed to: of a shared subscription we would take messages from others. */
function filterToTry({ levels, rewrites }: Entry): string | undefined {
  const filter = levels?.join('/');
  if (filter === undefined || rewrites || filter.startsWith('$share/')) return undefined;
  return patternProblem(filter) === undefined ? filter : undefined;
}

async function isGranted(client: ProbeClient, filter: string): Promise<boolean> {
  try {
    await client.subscribe(filter, 0);
  } catch (thrown) {
    if (thrown instanceof Failure && thrown.code === 'subscribe_refused') return false;
    throw thrown;
  }
  await client.unsubscribe(filter);
  return true;
}
