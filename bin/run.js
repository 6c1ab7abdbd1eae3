#!/usr/bin/env node
const [word, ...more] = process.argv.slice(2);
if (more.length === 0 && (word === '--version' || word === '-v' || word === 'version')) {
  // The version is asked for by scripts, often: it is answered before anything is loaded.
  const { readFileSync } = process.getBuiltinModule('node:fs');
  const { name, version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  process.stdout.on('error', ({ code }) => {
    if (code === 'EPIPE') return;
    process.exitCode = 75;
    process.stderr.write(`error: cannot write the result: ${code}\n`);
  });
  process.stderr.on('error', () => undefined);
  process.stdout.write(`${name}/${version} ${process.platform}-${process.arch} node-${process.version}\n`);
} else {
  const { main } = await import('../dist/main.js');
  await main(process.argv.slice(2), import.meta.url);
}
