import { Failure } from '../failure.js';
import type { Secret } from '../secret.js';
import { configFolder, readSelection } from './current.js';
import { splitList, type TextList } from './endpoint.js';
import type { SavedContext } from './schema.js';
import { readSecret } from './secret-source.js';

/*
 * Who wins: a typed flag, then its VMQCTL_* twin, then the saved context. A context whose name is typed counts as
 * typed: `--context staging` must not end up at the nodes of a VMQCTL_NODE that was exported long ago.
 */

/** A setting as the flag parser delivers it: typed, or taken from its twin in the environment. Never both. */
export interface Given<T> {
  readonly typed?: T | undefined;
  readonly twin?: T | undefined;
}

export interface SelectedContext {
  readonly saved: SavedContext;
  /** Named by `--context` or `VMQCTL_CONTEXT`, not merely the current one. */
  readonly named: boolean;
  /** Named by `--context`. */
  readonly typed: boolean;
}

/** The parser does not tell where a value is from; one that equals its twin is taken to come from there. */
export function givenBy<T extends TextList>(value: T | undefined, twin: string | undefined): Given<T> {
  if (value === undefined || value.length === 0) return {};
  const isTwin = twin !== undefined && splitList(value).join() === splitList(twin).join();
  return isTwin ? { twin: value } : { typed: value };
}

export const isGiven = ({ typed, twin }: Given<unknown>): boolean =>
  typed !== undefined || twin !== undefined;

/** The value that wins. */
export function arbitrate<T>(
  given: Given<T>,
  saved: T | undefined,
  context: SelectedContext | undefined,
): T | undefined {
  if (given.typed !== undefined) return given.typed;
  return context?.typed ? (saved ?? given.twin) : (given.twin ?? saved);
}

/**
 * The context that is named, else the current one.
 *
 * @param needed whether there is no going on without one
 * @throws Failure (configuration) when it is unknown or broken
 */
export async function selectContext(
  name: string | undefined,
  environment: NodeJS.ProcessEnv,
  needed: boolean,
): Promise<SelectedContext | undefined> {
  const folder = await configFolder(environment);
  const wanted = name ?? (await readSelection(folder))?.current;
  if (wanted === undefined) return undefined;
  const { loadContext, unknownContext } = await import('./load.js');
  const saved = await loadContext(folder, wanted);
  const typed = givenBy(name, environment.VMQCTL_CONTEXT).typed !== undefined;
  if (saved) return { saved, named: name !== undefined, typed };
  if (name === undefined && !needed) return undefined;
  throw await unknownContext(folder, wanted);
}

/** The places one secret can come from. */
export interface SecretPlaces {
  /** Such as `--api-key-from`. */
  readonly flag: string;
  readonly source: Given<string>;
  /** The secret itself, from the environment. */
  readonly ambient: Secret | undefined;
  readonly saved: string | undefined;
}

/** Fetches a secret from the place that wins, and from no other. Nothing when there is no place. */
export async function arbitrateSecret(
  { flag, source, ambient, saved }: SecretPlaces,
  context: SelectedContext | undefined,
  environment: NodeJS.ProcessEnv,
): Promise<Secret | undefined> {
  const given = source.typed ?? source.twin;
  const beaten = source.typed !== undefined || (!context?.typed && (given ?? ambient) !== undefined);
  if (saved !== undefined && !beaten)
    return await readSecret(saved, `context ${context?.saved.name}`, environment);
  return given === undefined ? ambient : await readSecret(given, flag, environment);
}

export const nothingGiven = (what: string, flag: string, twin: string): Failure =>
  new Failure('configuration', `no_${what.toLowerCase()}`, `no ${what} given`, {
    hint: `Give ${flag} URL, set ${twin}, or save a cluster with "vmqctl context add" and name it with --context.`,
  });
