import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SOURCE = fileURLToPath(new URL('term_peer.erl', import.meta.url));

/** An Erlang node that answers about terms: see term_peer.erl. It is part of no network. */
export class TermPeer {
  private received = Buffer.alloc(0);
  private readonly waiting: { resolve(reply: Buffer): void; reject(error: Error): void }[] = [];

  private constructor(
    private readonly erlang: ChildProcessWithoutNullStreams,
    private readonly folder: string,
  ) {
    const output: string[] = [];
    erlang.stderr.on('data', (text) => output.push(String(text)));
    erlang.stdout.on('data', (bytes: Buffer) => this.receive(bytes));
    erlang.stdin.on('error', (error) => output.push(String(error)));
    erlang.on('exit', (code) => {
      const error = new Error(`erl ended with code ${code}: ${output.join('')}`);
      for (const { reject } of this.waiting.splice(0)) reject(error);
    });
  }

  static async start(): Promise<TermPeer> {
    const folder = mkdtempSync(join(tmpdir(), 'vmqctl-erlang-'));
    try {
      compile(folder);
      return new TermPeer(await startErlang(folder), folder);
    } catch (error) {
      rmSync(folder, { recursive: true, force: true });
      throw error;
    }
  }

  /** The term that Erlang makes of these bytes, as Erlang writes it. */
  async echo(bytes: Uint8Array): Promise<Buffer> {
    return payload('t', await this.ask('e', bytes));
  }

  /** A random term, as Erlang writes it in one of several ways that the seed tells. */
  async generate(seed: number): Promise<Buffer> {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(seed);
    return payload('t', await this.ask('g', bytes));
  }

  /** Fails unless these bytes are, to Erlang, the very term that was generated last. */
  async checkIsLast(bytes: Uint8Array): Promise<void> {
    payload('y', await this.ask('c', bytes));
  }

  async stop(): Promise<void> {
    if (this.erlang.exitCode === null && this.erlang.signalCode === null) {
      const exited = once(this.erlang, 'exit');
      this.erlang.stdin.end();
      const timer = setTimeout(() => this.erlang.kill('SIGKILL'), 5000);
      await exited;
      clearTimeout(timer);
    }
    rmSync(this.folder, { recursive: true, force: true });
  }

  private ask(kind: string, bytes: Uint8Array): Promise<Buffer> {
    const header = Buffer.alloc(5, kind);
    header.writeUInt32BE(bytes.length + 1);
    return new Promise((resolve, reject) => {
      this.waiting.push({ resolve, reject });
      this.erlang.stdin.write(Buffer.concat([header, bytes]));
    });
  }

  private receive(bytes: Buffer): void {
    this.received = Buffer.concat([this.received, bytes]);
    while (this.received.length >= 4) {
      const end = 4 + this.received.readUInt32BE(0);
      if (this.received.length < end) return;
      this.waiting.shift()?.resolve(this.received.subarray(4, end));
      this.received = this.received.subarray(end);
    }
  }
}

function compile(folder: string): void {
  const { error, status, stdout, stderr } = spawnSync('erlc', ['-o', folder, SOURCE], { encoding: 'utf8' });
  if (error) throw missing('erlc', error);
  if (status !== 0) throw new Error(`term_peer.erl: ${stdout}${stderr}`);
}

async function startErlang(folder: string): Promise<ChildProcessWithoutNullStreams> {
  const erlang = spawn('erl', ['-noinput', '-pa', folder, '-s', 'term_peer'], { cwd: folder });
  try {
    await once(erlang, 'spawn');
  } catch (error) {
    throw missing('erl', error);
  }
  return erlang;
}

function payload(expected: string, reply: Buffer): Buffer {
  const kind = String.fromCharCode(reply.readUInt8(0));
  if (kind !== expected) throw new Error(`Erlang: ${reply.toString('utf8', 1, 2000)}`);
  return reply.subarray(1);
}

function missing(program: string, cause: unknown): Error {
  const how = 'it comes with Erlang (apt-get install erlang-base), which `npm test` installs';
  return new Error(`${program} could not be started: ${how}`, { cause });
}
