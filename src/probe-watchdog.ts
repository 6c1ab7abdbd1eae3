import { runWatchdog } from './lib/probe/watchdog.js';

await runWatchdog(process.stdin, () => process.stdout.write('ready\n'));
