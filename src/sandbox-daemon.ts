import { runDaemon } from './lib/sandbox/background/daemon.js';

await runDaemon(process.stdin, (line) => process.stdout.write(`${JSON.stringify(line)}\n`));
