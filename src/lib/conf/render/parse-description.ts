import { load, YAMLException } from 'js-yaml';
import type { z } from 'zod';
import { Failure } from '../../failure.js';
import { didYouMean } from '../../suggest.js';
import { type Description, descriptionSchema, LISTENER_KINDS } from './description.js';
import { lineFinder, type YamlPath } from './yaml-lines.js';

interface Problem {
  readonly path: string;
  readonly line: number;
  readonly message: string;
}

/**
 * Reads the YAML description of a cluster.
 *
 * @param file what it is called in messages
 * @throws Failure (data): it is no YAML, or does not describe a cluster; with the line of each problem
 */
export function parseDescription(text: string, file: string): Description {
  const { document, lineOf } = readYaml(text, file);
  const result = descriptionSchema.safeParse(document);
  if (result.success) return result.data;
  const problems = result.error.issues.flatMap(flatten).map(({ path, message }) => ({
    path: dotted(path),
    line: lineOf(path),
    message,
  }));
  throw badDescription(file, problems);
}

function readYaml(text: string, file: string): { document: unknown; lineOf: (path: YamlPath) => number } {
  try {
    return { document: load(text), lineOf: lineFinder(text) };
  } catch (thrown) {
    if (!(thrown instanceof YAMLException || thrown instanceof TypeError)) throw thrown;
    const [reason, line] =
      thrown instanceof YAMLException ? [thrown.reason, (thrown.mark?.line ?? 0) + 1] : [thrown.message, 1];
    throw badDescription(file, [{ path: '', line, message: `no YAML: ${reason}` }]);
  }
}

interface Issue {
  readonly path: YamlPath;
  readonly message: string;
}

/** Each unknown member by itself, at its own line. */
function flatten(issue: z.core.$ZodIssue): Issue[] {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({
      path: [...issue.path, key],
      message: `means nothing here${didYouMean(key, membersAt(issue.path))}`,
    }));
  if (issue.code === 'invalid_key')
    return [{ path: issue.path, message: `must be one of ${LISTENER_KINDS.join(', ')}` }];
  if (issue.code === 'invalid_type' && issue.input === undefined)
    return [{ path: issue.path, message: 'is missing' }];
  return [issue];
}

function membersAt([first]: YamlPath): string[] {
  const { nodes, redis } = descriptionSchema.shape;
  if (first === 'nodes') return Object.keys(nodes.element.shape);
  if (first === 'listeners') return [...LISTENER_KINDS];
  if (first === 'redis') return Object.keys(redis.unwrap().shape);
  return Object.keys(descriptionSchema.shape);
}

/** `nodes[0].name` */
const dotted = (path: YamlPath): string =>
  path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .replace(/^\./, '');

function badDescription(file: string, problems: readonly Problem[]): Failure {
  const [first, ...others] = problems.map(
    ({ path, line, message }) => `${file}:${line}: ${path === '' ? '' : `${path}: `}${message}`,
  );
  return new Failure('data', 'bad_description', first ?? file, {
    hint: others.length === 0 ? undefined : `There is more: ${others.join('; ')}`,
    details: { problems },
  });
}
