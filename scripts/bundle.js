// Makes a TypeScript module of the tests usable from a script.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { commonJsNames, pureSsh } from './node-bundle.js';
import { root } from './setup.js';

/**
 * @param path of the module, from the root of the repository
 * @returns what it exports
 */
export async function importTypeScript(path) {
  const folder = mkdtempSync(join(tmpdir(), 'vmqctl-bundle-'));
  const outfile = join(folder, 'module.mjs');
  try {
    await build({
      entryPoints: [join(root, path)],
      outfile,
      bundle: true,
      platform: 'node',
      format: 'esm',
      target: 'node20',
      logLevel: 'error',
      banner: { js: commonJsNames },
      plugins: [pureSsh],
      // Files beside the source are found as from the source.
      define: { 'import.meta.url': JSON.stringify(pathToFileURL(join(root, path)).href) },
    });
    return await import(pathToFileURL(outfile).href);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
