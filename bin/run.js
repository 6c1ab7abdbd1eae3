#!/usr/bin/env node
/* Loaded before any module: the loader of modules starts the thread pool, whose size nobody can change after that. */
const { availableParallelism } = require('node:os');
const { pathToFileURL } = require('node:url');

// Passwords are hashed in the pool, on all cores: four threads are what Node has by default.
process.env.UV_THREADPOOL_SIZE ??= String(Math.max(4, availableParallelism()));
const [word, ...more] = process.argv.slice(2);
if (more.length === 0 && (word === '--version' || word === '-v' || word === 'version')) {
  // The version is asked for by scripts, often: it is answered before anything is loaded.
  const { name, version } = require('../package.json');
  process.stdout.on('error', ({ code }) => {
    if (code === 'EPIPE') return;
    process.exitCode = 75;
    process.stderr.write(`error: cannot write the result: ${code}\n`);
  });
  process.stderr.on('error', () => undefined);
  process.stdout.write(`${name}/${version} ${process.platform}-${process.arch} node-${process.version}\n`);
} else {
  const mainUrl = pathToFileURL(require.resolve('../dist/main.js')).href;
  // What it throws ends the process, as it would at the top of a module.
  import(mainUrl).then(({ main }) => main(process.argv.slice(2), mainUrl));
}
