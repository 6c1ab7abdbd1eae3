import type { Secret } from '../secret.js';

/** A file of a node's configuration, with the files that its `include` lines name. */
export interface SourceFile {
  /** For people. */
  readonly path: string;
  readonly text: string;
  /** By the path as the line has it; nothing under a path that was not looked up. In the order in which they are read. */
  readonly included?: ReadonlyMap<string, readonly SourceFile[]>;
}

/** What one node is, or was, started with. */
export interface NodeConfiguration {
  /** What the operator calls it: a path, or the URL of its host. */
  readonly origin: string;
  readonly vernemqConf: SourceFile;
  /** Those that were taken out of the texts, where `***` stands now, by their keys. */
  readonly secrets?: ReadonlyMap<string, Secret>;
  /** The arguments that the running node was started with. */
  readonly vmArgs?: { readonly path: string; readonly text: string; readonly cookie?: Secret } | null;
}
