import type { ApiKeyHeader } from '../admin/http/key-header.js';
import { splitWords } from '../admin/ssh/quote.js';
import { Failure } from '../failure.js';
import { nodeUrl } from './endpoint.js';
import { redisUrl } from './redis-url.js';
import { parseSecretSource } from './secret-source.js';

/*
 * Plain code where a schema library would do, because it runs before every command: loading the library would take
 * longer than everything else that is done with a context.
 */

export const CONTEXT_SCHEMA = 'vmqctl.context/1';

/** A saved cluster: where it is and where its secrets are, never a secret. */
export interface SavedContext {
  readonly name: string;
  /** URLs in the spelling of `nodeUrl`; at least one. */
  readonly nodes: readonly string[];
  readonly redis?: string | undefined;
  /** A secret source, never `stdin`. */
  readonly apiKeyFrom?: string | undefined;
  readonly apiKeyHeader?: ApiKeyHeader | undefined;
  /** A secret source, never `stdin`. */
  readonly cookieFrom?: string | undefined;
  /** A secret source, never `stdin`. */
  readonly redisPasswordFrom?: string | undefined;
  /** Absolute path. */
  readonly caFile?: string | undefined;
  /** Absolute path of an OpenSSH configuration. */
  readonly sshConfig?: string | undefined;
  /** A secret source, never `stdin`. */
  readonly sshPasswordFrom?: string | undefined;
  /** What stands in front of `vmq-admin` on an SSH host, as a shell reads it. */
  readonly sshPrefix?: string | undefined;
  /** Where `vmq-admin` is on an SSH host. */
  readonly vmqAdmin?: string | undefined;
  /** Whether `vmq-admin` is run under `sudo`. */
  readonly sudo?: true | undefined;
}

/** Members of a later version, which a rewrite keeps. */
export type UnknownMembers = Readonly<Record<string, unknown>>;

export interface ParsedContext {
  readonly saved: SavedContext;
  readonly unknown: UnknownMembers;
}

/**
 * Reads a context file's text.
 *
 * @param path of the file, for messages
 * @param name the name that it is saved under
 * @throws Failure (configuration) naming the file and the member that is wrong, never its value
 */
export function parseContext(text: string, path: string, name: string): ParsedContext {
  try {
    return readDocument(parseJson(text), name);
  } catch (thrown) {
    if (!(thrown instanceof Wrong)) throw thrown;
    throw new Failure('configuration', 'broken_context', `context file ${path}: ${thrown.message}`, {
      hint: `Correct the file, or replace it with "vmqctl context add ${name} --replace", or remove it with "vmqctl context remove ${name}".`,
    });
  }
}

/** Its message says which member is wrong and why. */
class Wrong extends Error {}

/** The parser's own message quotes the text around the mistake, which may hold what nobody should see. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Wrong('it is no JSON');
  }
}

function readDocument(json: unknown, name: string): ParsedContext {
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw new Wrong('it is no JSON object');
  const {
    schema,
    name: ownName,
    nodes,
    redis,
    apiKeyFrom,
    apiKeyHeader,
    cookieFrom,
    redisPasswordFrom,
    caFile,
    sshConfig,
    sshPasswordFrom,
    sshPrefix,
    vmqAdmin,
    sudo,
    ...unknown
  } = json as Record<string, unknown>;
  member('schema', schema, (text) => demand(text === CONTEXT_SCHEMA, `it is not ${CONTEXT_SCHEMA}`));
  member('name', ownName, (text) => demand(text === name, `it is not ${name}`));
  const saved = {
    name,
    nodes: readNodes(nodes),
    redis: optional('redis', redis, (text) => redisUrl(text, 'it')),
    apiKeyFrom: optional('apiKeyFrom', apiKeyFrom, readSource),
    apiKeyHeader: optional('apiKeyHeader', apiKeyHeader, readHeader),
    cookieFrom: optional('cookieFrom', cookieFrom, readSource),
    redisPasswordFrom: optional('redisPasswordFrom', redisPasswordFrom, readSource),
    caFile: optional('caFile', caFile, readPath),
    sshConfig: optional('sshConfig', sshConfig, readPath),
    sshPasswordFrom: optional('sshPasswordFrom', sshPasswordFrom, readSource),
    sshPrefix: optional('sshPrefix', sshPrefix, readPrefix),
    vmqAdmin: optional('vmqAdmin', vmqAdmin, readPath),
    sudo: readFlag('sudo', sudo),
  };
  return { saved, unknown };
}

function readNodes(nodes: unknown): string[] {
  if (!Array.isArray(nodes) || nodes.length === 0) throw new Wrong('nodes: it is no list of URLs');
  return [
    ...new Set(nodes.map((node, index) => member(`nodes[${index}]`, node, (text) => nodeUrl(text, 'it')))),
  ];
}

function readSource(text: string): string {
  demand(parseSecretSource(text, 'it').kind !== 'stdin', 'it cannot be stdin');
  return text;
}

function readHeader(text: string): ApiKeyHeader {
  if (text === 'basic' || text === 'x-api-key') return text;
  throw new Wrong('it is neither basic nor x-api-key');
}

function readPath(text: string): string {
  demand(text !== '', 'it is empty');
  return text;
}

function readPrefix(text: string): string {
  splitWords(text, 'it');
  return text;
}

/** Left out is what the absence of a flag means. */
function readFlag(key: string, value: unknown): true | undefined {
  if (value !== undefined && typeof value !== 'boolean')
    throw new Wrong(`${key}: it is neither true nor false`);
  return value === true ? true : undefined;
}

function demand(holds: boolean, otherwise: string): void {
  if (!holds) throw new Wrong(otherwise);
}

const optional = <T>(key: string, value: unknown, read: (text: string) => T): T | undefined =>
  value === undefined ? undefined : member(key, value, read);

/** Reads a member; what is wrong with it is said with its name in front. The messages never repeat a secret. */
function member<T>(key: string, value: unknown, read: (text: string) => T): T {
  try {
    if (typeof value !== 'string') throw new Wrong('it is no text');
    return read(value);
  } catch (thrown) {
    if (thrown instanceof Wrong || thrown instanceof Failure) throw new Wrong(`${key}: ${thrown.message}`);
    throw thrown;
  }
}

export const formatContext = (saved: SavedContext, unknown: UnknownMembers): string =>
  `${JSON.stringify({ schema: CONTEXT_SCHEMA, ...saved, ...unknown }, null, 2)}\n`;
