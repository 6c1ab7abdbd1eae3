// Runs the built vmqctl in front of the reader, and counts what was checked.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { root } from '../setup.js';

const BINARY = join(root, 'bin/run.js');
const bold = (text) => (process.stdout.isTTY && !process.env.NO_COLOR ? `\u001b[1m${text}\u001b[0m` : text);

export class Stage {
  checks = 0;

  /** @param environment of every command: where state and contexts are kept, and the secrets it may read */
  constructor(environment) {
    this.environment = environment;
  }

  title(text) {
    process.stdout.write(`\n${bold(text)}\n`);
  }

  say(text) {
    process.stdout.write(`${text}\n`);
  }

  /** Shows a command line as one would type it, runs it, shows what it prints, and checks its exit code. */
  async show(args, { exitCode = 0 } = {}) {
    process.stdout.write(`\n$ vmqctl ${args.map(quote).join(' ')}\n`);
    const result = await this.run(args, (text) => process.stdout.write(text));
    this.check(
      result.exitCode === exitCode,
      `vmqctl ${args[0]} ${args[1]} ended with ${result.exitCode}, not ${exitCode}`,
    );
    return result;
  }

  /** The document that the same command gives to a script. */
  async ask(args) {
    const { stdout } = await this.run([...args, '--json']);
    return JSON.parse(stdout);
  }

  run(args, echo = () => undefined) {
    return new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [BINARY, ...args], {
        env: { ...process.env, ...this.environment },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      let stdout = '';
      child.stdout.setEncoding('utf8').on('data', (text) => {
        stdout += text;
        echo(text);
      });
      child.stderr.setEncoding('utf8').on('data', echo);
      child.on('error', reject);
      child.on('close', (exitCode) => resolve({ exitCode, stdout }));
    });
  }

  check(holds, what) {
    if (!holds) throw new Error(`check failed: ${what}`);
    this.checks += 1;
  }

  /** A check whose success is worth a line. */
  prove(holds, what) {
    this.check(holds, what);
    process.stdout.write(`  ok  ${what}\n`);
  }
}

const quote = (word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);
