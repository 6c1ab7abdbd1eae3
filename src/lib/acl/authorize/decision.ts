import {
  type ActionDecision,
  decidePublish,
  decideSubscribe,
  type PublishAction,
  type SubscribeAction,
} from './action.js';
import type { Broker } from './broker.js';
import { type Client, type ConnectDecision, decideConnect, type Sources } from './connect.js';

/** What a client does; connecting is a part of all of it. */
export type Action = { readonly type: 'connect' } | PublishAction | SubscribeAction;

export interface Decision {
  readonly allowed: boolean;
  readonly client: Client;
  readonly action: Action;
  readonly broker: Broker;
  readonly connect: ConnectDecision;
  /** What follows the login, where there is one. */
  readonly outcome: ActionDecision | undefined;
}

/** Decides what a client does as a broker does that it has just connected to. */
export async function decide(
  client: Client,
  action: Action,
  sources: Sources,
  broker: Broker,
): Promise<Decision> {
  const connect = await decideConnect(client, sources, broker);
  const given = { client, action, broker, connect };
  if (!connect.acl || action.type === 'connect')
    return { ...given, allowed: connect.allowed, outcome: undefined };
  const outcome =
    action.type === 'publish'
      ? decidePublish(connect.acl, action, broker)
      : decideSubscribe(connect.acl, action, client.protocol, broker);
  return { ...given, allowed: outcome.allowed, outcome };
}
