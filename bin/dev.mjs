#!/usr/bin/env node
// The same as run.js, built from src/ first: for working on vmqctl itself.
import { build } from '../scripts/build.js';

await build();
const { main } = await import('../dist/main.js');
await main(process.argv.slice(2), new URL('../dist/main.js', import.meta.url).href);
