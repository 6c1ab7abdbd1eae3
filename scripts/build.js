// Bundles src/ into dist/: one small file per command, shared code in chunks, nothing loaded that is not needed.
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire, isBuiltin } from 'node:module';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { commonJsNames, pureSsh } from './node-bundle.js';
import { slimRedis } from './slim-redis.js';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Where it is built: what stands in dist/ is replaced only by something whole. */
const FRESH = `dist.new.${process.pid}`;

export async function build() {
  const esbuild = await import('esbuild');
  const commands = sourceFiles(join(root, 'src/commands'));
  const result = await esbuild.build({
    absWorkingDir: root,
    inject: ['src/lib/cli/common.ts'],
    entryPoints: [
      'src/main.ts',
      ...(existsSync(join(root, 'src/sandbox-daemon.ts')) ? ['src/sandbox-daemon.ts'] : []),
      'src/probe-watchdog.ts',
      ...commands,
    ],
    outbase: 'src',
    outdir: FRESH,
    bundle: true,
    splitting: true,
    minifySyntax: true,
    minifyWhitespace: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    charset: 'utf8',
    metafile: true,
    legalComments: 'none',
    logLevel: 'warning',
    // Native packages and the TypeScript compiler, which oclif looks for only while developing.
    external: ['typescript', '@node-rs/bcrypt', '@napi-rs/keyring'],
    banner: { js: commonJsNames },
    plugins: [directBuiltins, plainWidth, slimOclif, slimRedis, pureSsh],
  });
  writeLicences(result.metafile);
  rmSync(join(root, 'dist'), { recursive: true, force: true });
  renameSync(join(root, FRESH), join(root, 'dist'));
  await writeManifest();
}

/**
 * What oclif's Command, Flags and Errors require and our commands never touch: they are run with a Config that is made
 * already, and print and report by themselves. Left out, half of the code that each command would load is gone.
 */
const ABSENT = [
  ['command.js', './config'],
  ['command.js', './ux'],
  ['errors/index.js', './handle'],
  ['flags.js', './help'],
];

/** What is seldom needed, for a rare message: it is bundled behind a stand-in that loads it when it is touched. */
const SELDOM = [
  /^node:(child_process|fs\/promises|perf_hooks|readline)$/,
  /^(clean-stack|debug|wordwrap|wrap-ansi)$/,
  /^\.{1,2}\/(ux\/)?(help|ux|list|theme|colorize-json)(\/index)?$/,
];

const slimOclif = {
  name: 'slim-oclif',
  setup(build) {
    build.onResolve({ filter: /./ }, async ({ path, importer, kind, resolveDir, pluginData }) => {
      const from = importer.split(sep).join('/').split('@oclif/core/lib/')[1];
      if (kind !== 'require-call' || pluginData === 'inside' || from === undefined) return undefined;
      if (ABSENT.some(([file, name]) => file === from && name === path))
        return { path: `${from}:${path}`, namespace: 'absent' };
      if (!SELDOM.some((pattern) => pattern.test(path))) return undefined;
      const resolved = await build.resolve(path, { kind, importer, resolveDir, pluginData: 'inside' });
      return { path: resolved.path, namespace: 'seldom', pluginData: { resolveDir } };
    });
    build.onLoad({ filter: /./, namespace: 'absent' }, ({ path }) => ({
      contents: `
        module.exports = new Proxy({ __esModule: true }, {
          get: (target, key) => {
            if (key in target || typeof key === 'symbol') return target[key];
            throw new Error('not in this build: ' + ${JSON.stringify(path)} + ' ' + key);
          },
        });`,
    }));
    build.onLoad({ filter: /./, namespace: 'seldom' }, ({ path, pluginData }) => ({
      resolveDir: pluginData.resolveDir,
      contents: `
        let real;
        const load = () => (real ??= require(${JSON.stringify(path)}));
        // Asked for at the start by compiled default imports: only oclif's own modules were ES modules.
        const isCompiled = ${path.includes('@oclif/core/lib')};
        module.exports = new Proxy(function () {}, {
          get: (target, key) => (key === '__esModule' ? isCompiled : load()[key]),
          apply: (target, self, args) => Reflect.apply(load(), self, args),
          construct: (target, args) => Reflect.construct(load(), args),
        });`,
    }));
  },
};

/**
 * An `import` of a built-in module makes Node read everything that the module has, which for `fs` loads all streams.
 * Asked for directly, nothing of that happens.
 */
const directBuiltins = {
  name: 'direct-builtins',
  setup(build) {
    build.onResolve({ filter: /^(node:)?[a-z_/]+$/ }, ({ path, kind }) => {
      if (kind !== 'import-statement' || !isBuiltin(path)) return undefined;
      return { path, namespace: 'builtin', sideEffects: false };
    });
    build.onLoad({ filter: /./, namespace: 'builtin' }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule(${JSON.stringify(path)});`,
    }));
  },
};

/** The table library measures every cell with a regular expression of all emoji; plain ASCII needs none. */
const plainWidth = {
  name: 'plain-width',
  setup(build) {
    build.onResolve(
      { filter: /^string-width$/ },
      async ({ path, importer, kind, resolveDir, pluginData }) => {
        if (pluginData === 'inside' || !importer.includes('cli-table3')) return undefined;
        const resolved = await build.resolve(path, { kind, importer, resolveDir, pluginData: 'inside' });
        return { path: resolved.path, namespace: 'plain-width', pluginData: { resolveDir } };
      },
    );
    build.onLoad({ filter: /./, namespace: 'plain-width' }, ({ path, pluginData }) => ({
      resolveDir: pluginData.resolveDir,
      contents: `module.exports = (text) => (/^[ -~]*$/.test(text) ? text.length : require(${JSON.stringify(path)})(text));`,
    }));
  },
};

function sourceFiles(folder) {
  return readdirSync(folder, { recursive: true })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => relative(root, join(folder, name)))
    .sort();
}

/** What is bundled is passed on, so its licences are too. */
function writeLicences(metafile) {
  const folders = new Set();
  for (const input of Object.keys(metafile.inputs)) {
    const match = /^(?:seldom:|plain-width:)?(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(
      input.split(sep).join('/'),
    );
    if (match) folders.add(match[1]);
  }
  const texts = [...folders].sort().map((folder) => {
    const { name, version, license } = JSON.parse(
      readFileSync(resolve(root, folder, 'package.json'), 'utf8'),
    );
    const file = readdirSync(resolve(root, folder)).find((entry) => /^(licen[cs]e|copying)/i.test(entry));
    const text = file
      ? readFileSync(resolve(root, folder, file), 'utf8').trim()
      : 'The package ships no licence file.';
    return `${name} ${version} (${license ?? 'see text'})\n\n${text}\n`;
  });
  writeFileSync(join(root, FRESH, 'THIRD-PARTY-LICENSES.txt'), texts.join(`\n${'-'.repeat(80)}\n\n`));
}

/** With a manifest, oclif loads the one command that is run and no other. */
async function writeManifest() {
  const manifestFile = join(root, 'oclif.manifest.json');
  rmSync(manifestFile, { force: true });
  const { Plugin } = await import('@oclif/core');
  const plugin = new Plugin({
    root,
    ignoreManifest: true,
    errorOnManifestCreate: true,
    respectNoCacheDefault: true,
  });
  await plugin.load();
  const { manifest } = plugin;
  Object.assign(manifest.commands, await forwardedCommands(manifest));
  writeFileSync(manifestFile, `${JSON.stringify(manifest, null, 2)}\n`);
}

/** Commands that have no file: those of `vmq-admin` that are handed on. Help is told of them by the manifest alone. */
async function forwardedCommands({ commands }) {
  const { forwardManifest } = await importSource('src/lib/cli/forward/manifest.ts');
  const shared = Object.entries(commands['cluster:show'].flags).filter(
    ([, flag]) => flag.helpGroup === 'SHARED',
  );
  return forwardManifest(Object.fromEntries(shared));
}

/** Loads a module of ours that needs nothing but what it imports of our own. */
async function importSource(path) {
  const esbuild = await import('esbuild');
  const { outputFiles } = await esbuild.build({
    absWorkingDir: root,
    entryPoints: [path],
    bundle: true,
    write: false,
    platform: 'node',
    format: 'esm',
  });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].text).toString('base64')}`);
}

const require = createRequire(import.meta.url);
if (process.argv[1] && pathToFileURL(require.resolve(process.argv[1])).href === import.meta.url)
  await build();
