import { open } from 'node:fs/promises';
import { Failure } from '../failure.js';
import { LONGEST, type SecretSource, unavailable } from './secret-kinds.js';

/** Fetches the text that a source holds, unchecked. See `readSecret` for the errors. */
export function fetchSecret(
  source: SecretSource,
  flag: string,
  environment: NodeJS.ProcessEnv,
): Promise<string> {
  switch (source.kind) {
    case 'file':
      return fromFile(source.path, flag);
    case 'env':
      return fromEnvironment(source.name, flag, environment);
    case 'command':
      return fromShell(source.line, flag, environment);
    case 'keyring':
      return fromKeyring(source.service, source.account, flag);
    case 'stdin':
      return fromStandardInput(flag);
  }
}

async function fromFile(path: string, flag: string): Promise<string> {
  const file = await open(path).catch((cause: NodeJS.ErrnoException) => {
    throw unavailable(
      'secret_file_unreadable',
      `the file of ${flag} cannot be read: ${path}: ${cause.code}`,
      { cause },
    );
  });
  try {
    const facts = await file.stat();
    if (facts.isDirectory())
      throw unavailable('secret_file_unreadable', `the file of ${flag} is a directory: ${path}`);
    // Windows has no such bits: it reports every file as readable by all.
    if (facts.isFile() && process.platform !== 'win32' && (facts.mode & 0o077) !== 0)
      throw tooOpen(path, flag);
    return await collect(file.createReadStream({ autoClose: false }), flag);
  } finally {
    await file.close();
  }
}

const tooOpen = (path: string, flag: string) =>
  unavailable('secret_file_too_open', `the file of ${flag} can be read by other users: ${path}`, {
    hint: `chmod 600 ${path}; where its mode cannot be changed (a mounted secret), use command:cat instead of file:.`,
  });

async function fromEnvironment(name: string, flag: string, environment: NodeJS.ProcessEnv): Promise<string> {
  const value = environment[name];
  if (value !== undefined) return value;
  // "env:$KEY" instead of "env:KEY" puts the secret here: only what looks like a variable's name is repeated.
  const shown = /^[A-Z_][A-Z0-9_]*$/.test(name) ? `: ${name}` : '';
  throw unavailable('secret_variable_unset', `the environment variable of ${flag} is not set${shown}`);
}

async function fromShell(line: string, flag: string, environment: NodeJS.ProcessEnv): Promise<string> {
  const { fromCommand } = await import('./secret-command.js');
  return await fromCommand(line, flag, environment);
}

async function fromKeyring(service: string, account: string, flag: string): Promise<string> {
  const hint = 'On a machine without a keyring use file:PATH, env:NAME, command:LINE or stdin.';
  const value = await keyringPassword(service, account).catch((cause: unknown) => {
    throw unavailable('keyring_unavailable', `the keyring of ${flag} cannot be read on this machine`, {
      hint,
      cause,
    });
  });
  if (value !== null) return value;
  throw unavailable(
    'keyring_entry_missing',
    `the keyring has nothing for ${flag} under ${service}/${account}`,
    { hint },
  );
}

async function keyringPassword(service: string, account: string): Promise<string | null> {
  const { AsyncEntry } = await import('@napi-rs/keyring');
  return await new AsyncEntry(service, account).getPassword();
}

let standardInputReader: string | undefined;

/** Standard input ends only once: who asks second would get nothing and take that for the secret. */
async function fromStandardInput(flag: string): Promise<string> {
  if (standardInputReader !== undefined) {
    throw new Failure(
      'usage',
      'stdin_taken',
      `${flag} cannot read standard input too: ${standardInputReader} does`,
      {
        hint: 'Take one of the two from a file, the environment, a command or the keyring.',
      },
    );
  }
  standardInputReader = flag;
  return process.stdin.isTTY ? await promptHidden(flag) : await collect(process.stdin, flag);
}

async function promptHidden(flag: string): Promise<string> {
  const { isCancel, password } = await import('@clack/prompts');
  const answer = await password({ message: `The secret for ${flag} (not shown):`, output: process.stderr });
  if (isCancel(answer))
    throw new Failure('interrupted', 'interrupted', 'stopped at the prompt; nothing was changed');
  return answer ?? '';
}

async function collect(stream: AsyncIterable<Buffer | string>, flag: string): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > LONGEST) throw unavailable('bad_secret', `what ${flag} reads is longer than any secret`);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString('utf8');
}
