import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ssh2, { type AuthContext, type Connection, type KeyboardAuthContext, type ServerChannel } from 'ssh2';

export interface SshServerOptions {
  /** The only one that is let in. Default: whoever says `none`. */
  readonly password?: string;
  /** Asks for the password as servers with PAM do. */
  readonly isKeyboard?: boolean;
  /** Says nothing to any login. */
  readonly isLoginSilent?: boolean;
  /** Does this with each login instead. */
  readonly onLogin?: (context: AuthContext, client: Connection) => void;
  /** What a command does; silence if it does nothing. Default: ends with 0. */
  readonly onExec?: (channel: ServerChannel, line: string, socket: Connection) => void;
  /** Says nothing when a session is asked for. */
  readonly isSessionSilent?: boolean;
  /** Runs no command. */
  readonly refusesExec?: boolean;
  /** Default: refused. */
  readonly onForward?: (accept: () => ServerChannel, host: string, port: number) => void;
  /** How its bytes reach the client. Default: as they are. */
  readonly wire?: Wire;
  readonly algorithms?: ConstructorParameters<typeof ssh2.Server>[0]['algorithms'];
}

export interface Wire {
  /** Bytes at a time, one millisecond apart. */
  readonly drip?: number;
  /** After so many bytes from the server nothing more comes, or the connection ends. */
  readonly after?: { readonly bytes: number; readonly comes: 'silence' | 'end' };
  /** Comes in front of all else. */
  readonly greeting?: string;
}

export interface SshServer {
  readonly port: number;
  readonly url: string;
  /** Has a known_hosts with its key. */
  readonly home: string;
  /** Logins so far, such as `password`. */
  readonly logins: readonly string[];
  /** How many stand. */
  connections(): number;
  /** Nothing passes from here on, and nothing ends. */
  freeze(): void;
  cut(): void;
  stop(): Promise<void>;
}

/** Starts an SSH server with faults, which takes passwords too, on the loopback interface. */
export async function startSshServer(options: SshServerOptions = {}): Promise<SshServer> {
  const home = await mkdtemp(join(tmpdir(), 'ssh-server-'));
  const key = generateHostKey();
  const logins: string[] = [];
  const server = new ssh2.Server(
    { hostKeys: [key.private], ...(options.algorithms ? { algorithms: options.algorithms } : {}) },
    (client) => serve(client, options, logins),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const front = new Front((server.address() as AddressInfo).port, options.wire ?? {});
  const port = await front.listen();
  await mkdir(join(home, '.ssh'));
  await writeFile(join(home, '.ssh/known_hosts'), `[127.0.0.1]:${port} ${key.public}\n`);
  return {
    port,
    url: `ssh://operator@127.0.0.1:${port}`,
    home,
    logins,
    connections: () => front.connections,
    freeze: () => front.freeze(),
    cut: () => front.cut(),
    stop: async () => {
      front.cut();
      await Promise.all([front.close(), new Promise((resolve) => server.close(resolve))]);
      await rm(home, { recursive: true, force: true });
    },
  };
}

/** Of some hundred keys that ssh2 makes, it cannot read one itself. */
function generateHostKey() {
  for (;;) {
    const key = ssh2.utils.generateKeyPairSync('ed25519');
    if (!(ssh2.utils.parseKey(key.private) instanceof Error)) return key;
  }
}

function serve(client: Connection, options: SshServerOptions, logins: string[]): void {
  // A client that hangs up in the middle is what these tests are about.
  client.on('error', () => undefined);
  client.on('authentication', (context) => {
    logins.push(context.method);
    if (options.onLogin) options.onLogin(context, client);
    else authenticate(context, options);
  });
  client.on('session', (accept) => {
    if (options.isSessionSilent) return;
    accept().on('exec', (acceptExec, refuse, { command }) => {
      if (options.refusesExec) return refuse();
      const channel = acceptExec();
      if (options.onExec) options.onExec(channel, command, client);
      else {
        channel.exit(0);
        channel.end();
      }
    });
  });
  client.on('tcpip', (accept, refuse, { destIP, destPort }) => {
    if (options.onForward) options.onForward(accept, destIP, destPort);
    else refuse();
  });
}

function authenticate(context: AuthContext, { password, isKeyboard, isLoginSilent }: SshServerOptions): void {
  if (isLoginSilent) return;
  if (password === undefined) context.accept();
  else if (context.method === 'password' && !isKeyboard && context.password === password) context.accept();
  else if (context.method === 'keyboard-interactive' && isKeyboard) askFor(password, context);
  else context.reject([isKeyboard ? 'keyboard-interactive' : 'password']);
}

function askFor(password: string, context: KeyboardAuthContext): void {
  context.prompt([{ prompt: 'Password: ', echo: false }], (answers) => {
    if (answers[0] === password) context.accept();
    else context.reject(['keyboard-interactive']);
  });
}

/** Stands between client and server, and does to their bytes what networks do. */
class Front {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #isFrozen = false;

  constructor(
    readonly target: number,
    readonly wire: Wire,
  ) {
    this.#server = createServer((client) => this.join(client));
  }

  async listen(): Promise<number> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return (this.#server.address() as AddressInfo).port;
  }

  /** Each has two sockets. */
  get connections(): number {
    return this.#sockets.size / 2;
  }

  freeze(): void {
    this.#isFrozen = true;
  }

  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  close(): Promise<unknown> {
    return new Promise((resolve) => this.#server.close(resolve));
  }

  private join(client: Socket): void {
    const server = connect(this.target, '127.0.0.1');
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        this.#sockets.delete(socket);
        if (!this.#isFrozen) other.destroy();
      });
    }
    client.on('data', (chunk) => {
      if (!this.#isFrozen) server.write(chunk);
    });
    if (this.wire.greeting !== undefined) client.write(this.wire.greeting);
    this.deliver(server, client);
  }

  private deliver(server: Socket, client: Socket): void {
    const { drip, after } = this.wire;
    let sent = 0;
    let last = Promise.resolve();
    const send = async (chunk: Buffer) => {
      const size = drip ?? chunk.length;
      for (let start = 0; start < chunk.length; start += size) {
        if (drip !== undefined) await new Promise((resolve) => setTimeout(resolve, 1));
        if (this.#isFrozen) return;
        client.write(chunk.subarray(start, start + size));
      }
    };
    server.on('data', (chunk: Buffer) => {
      const rest = after === undefined ? chunk : chunk.subarray(0, Math.max(0, after.bytes - sent));
      sent += chunk.length;
      last = last.then(() => send(rest));
      if (after?.comes === 'end' && sent >= after.bytes) last = last.then(() => void client.destroy());
    });
  }
}
