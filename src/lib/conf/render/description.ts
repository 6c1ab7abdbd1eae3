import { isIP } from 'node:net';
import { z } from 'zod';
import { parseSecretSource } from '../../context/secret-source.js';
import { Failure } from '../../failure.js';
import { didYouMean } from '../../suggest.js';
import { isSecretName } from '../redact.js';
import { findKey, similarKeys } from '../schema.js';
import { accepts, describeType } from '../values.js';

const problem = (text: string) => ({ error: text });

const PLACE =
  'must be the place of a secret (file:PATH, env:NAME, command:LINE or keyring:SERVICE/ACCOUNT), never the secret itself';
const source = z.string(problem(PLACE)).refine(isPlace, problem(PLACE));

/** Standard input could be read for one of them alone. */
function isPlace(text: string): boolean {
  try {
    return parseSecretSource(text, '').kind !== 'stdin';
  } catch (thrown) {
    if (thrown instanceof Failure) return false;
    throw thrown;
  }
}

const port = z
  .int(problem('must be a port'))
  .min(1, problem('must be a port'))
  .max(65535, problem('must be a port'));
const address = z.string().refine((text) => isIP(text) !== 0, problem('must be an IP address'));
/** A port, on the node's own address, or an address and a port. */
const endpoint = z.union(
  [port, z.string().refine((text) => accepts('<address>', text), problem(''))],
  problem('must be a port, or an IP address and a port such as 127.0.0.1:8888'),
);
const value = z.union([z.string(), z.number(), z.boolean()], problem('must be a text, a number, on or off'));

const settings = z
  .record(z.string(), value, problem('must be keys of vernemq.conf with their values'))
  .superRefine((entries, context) => {
    for (const [key, given] of Object.entries(entries)) {
      const message = settingProblem(key, given);
      if (message !== undefined) context.addIssue({ code: 'custom', path: [key], message });
    }
  });

function settingProblem(key: string, given: string | number | boolean): string | undefined {
  const known = findKey(key);
  if (!known) return `is no key of vernemq.conf${didYouMean(key, similarKeys(key))}`;
  if (isSecretName(key)) return source.safeParse(given).error?.issues[0]?.message;
  const text = settingText(key, given);
  return text.includes('$(') || accepts(known.type, text) ? undefined : `must be ${describeType(known.type)}`;
}

/** `true` is `on` for the keys that know `on`. */
export function settingText(key: string, given: string | number | boolean): string {
  if (typeof given !== 'boolean' || !accepts(findKey(key)?.type ?? '', 'on')) return String(given);
  return given ? 'on' : 'off';
}

const node = z.strictObject(
  {
    name: z
      .string(problem('must be NAME@ADDRESS'))
      .regex(/^[\w-]+@[\w.:-]+$/, problem('must be NAME@ADDRESS')),
    address: address.optional(),
    settings: settings.default({}),
  },
  problem('must have a name'),
);

const redis = z.strictObject({
  host: z.string().min(1),
  port: port.default(6379),
  database: z.int().min(0).default(0),
  user: z.string().min(1).optional(),
  password: source.optional(),
});

export const LISTENER_KINDS = ['tcp', 'ssl', 'ws', 'wss', 'http', 'https', 'vmq', 'vmqs'] as const;

export const descriptionSchema = z
  .strictObject(
    {
      cookie: source,
      nodes: z.array(node, problem('must be a list of nodes')).min(1, problem('must have a node')),
      /** By kind: what is listened to on each node. */
      listeners: z.partialRecord(z.enum(LISTENER_KINDS), endpoint).default({}),
      distributionPorts: z
        .string(problem('must be two ports such as 9100-9109'))
        .regex(/^\d{1,5}-\d{1,5}$/, problem('must be two ports such as 9100-9109'))
        .optional(),
      redis: redis.optional(),
      /** Whatever else, for all nodes. */
      settings: settings.default({}),
    },
    problem('must be a mapping with cookie and nodes'),
  )
  .superRefine(({ nodes }, context) => {
    for (const [index, { name, address: given }] of nodes.entries()) {
      if (nodes.findIndex((other) => other.name === name) < index)
        context.addIssue({
          code: 'custom',
          path: ['nodes', index, 'name'],
          message: 'is the name of another node too',
        });
      if (given === undefined && isIP(name.replace(/^.*@/, '')) === 0)
        context.addIssue({
          code: 'custom',
          path: ['nodes', index, 'name'],
          message: 'has no IP address in it: give the address that it listens on as address',
        });
    }
  });

/** A cluster, as briefly as it can be said. Secrets are not in it, but where they come from. */
export type Description = z.infer<typeof descriptionSchema>;
export type DescribedNode = Description['nodes'][number];

/** Where a node listens, and is reached by the others. */
export const addressOf = ({ name, address: given }: DescribedNode): string =>
  given ?? name.replace(/^.*@/, '');
