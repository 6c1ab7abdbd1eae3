// What every bundle of this project needs to run in Node.

/** CommonJS packages expect these names, which an ES module does not have. */
export const commonJsNames = [
  "const require = globalThis.process.getBuiltinModule('node:module').createRequire(import.meta.url);",
  "const __filename = globalThis.process.getBuiltinModule('node:url').fileURLToPath(import.meta.url);",
  "const __dirname = globalThis.process.getBuiltinModule('node:path').dirname(__filename);",
].join('');

/** ssh2 tries compiled accelerators first and does without them: what we ship is the same on every machine. */
export const pureSsh = {
  name: 'pure-ssh',
  setup(build) {
    build.onResolve({ filter: /^cpu-features$|sshcrypto\.node$/ }, ({ path }) => ({
      path,
      namespace: 'accelerator',
    }));
    build.onLoad({ filter: /./, namespace: 'accelerator' }, () => ({
      contents: "throw new Error('not in this build');",
    }));
  },
};
