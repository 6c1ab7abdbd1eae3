import { shellLine, shellQuoted } from './admin/ssh/quote.js';
import { Failure } from './failure.js';
import type { SshHost } from './ssh/host.js';

export interface ShellOptions {
  /** Whether the shell there runs under `sudo`. */
  readonly sudo?: boolean | undefined;
  /** Words in front of it, such as `docker exec -i vernemq`. */
  readonly prefix?: readonly string[] | undefined;
  /** Milliseconds. */
  readonly deadline: number;
  readonly signal?: AbortSignal | undefined;
}

/** A script for a POSIX shell, of POSIX tools only, as BusyBox has them. */
export interface ShellScript {
  readonly text: string;
  /** Set before it runs. */
  readonly variables: Readonly<Record<string, string | number>>;
  /** What its answer begins with: what a login shell prints by itself stands in front of it. */
  readonly mark: string;
}

/**
 * Runs a script in a shell of the host. It travels on standard input: nothing of it is quoted for the login shell, or seen
 * in a list of processes.
 *
 * @returns its standard output, from the mark on
 * @throws Failure: those of the host; credentials when sudo refuses; configuration when the prefix does not get
 *   to a shell; failed when no shell runs there
 */
export async function runScript(
  host: SshHost,
  { text, variables, mark }: ShellScript,
  { sudo = false, prefix = [], deadline, signal }: ShellOptions,
): Promise<Buffer> {
  const assignments = Object.entries(variables).map(
    ([name, value]) => `${name}=${shellQuoted(String(value))}\n`,
  );
  const output: Buffer[] = [];
  let complaint = '';
  const { exitCode } = await host.run(shellLine([...(sudo ? ['sudo', '-n'] : []), ...prefix, 'sh', '-s']), {
    input: assignments.join('') + text,
    deadline,
    signal,
    onOutput: (chunk, stream) => {
      if (stream === 'out') output.push(chunk);
      else if (complaint.length < 1000) complaint += chunk.toString();
    },
  });
  const answer = Buffer.concat(output);
  const begin = answer.indexOf(`${mark} `);
  if (begin !== -1) return answer.subarray(begin);
  throw noAnswer(host.address, exitCode, { sudo, prefix }, complaint);
}

function noAnswer(
  address: string,
  exitCode: number,
  { sudo, prefix }: { readonly sudo: boolean; readonly prefix: readonly string[] },
  complaint: string,
): Failure {
  const said = complaint.trim().split('\n', 1)[0]?.slice(0, 200) || `exit code ${exitCode}`;
  if (sudo && /^sudo:/m.test(complaint))
    return new Failure('credentials', 'sudo_denied', `${address}: ${said}`, {
      hint: 'sudo must not ask for a password: allow sh with NOPASSWD, or let the user read the files.',
    });
  if (prefix.length > 0)
    return new Failure(
      'configuration',
      'prefix_failed',
      `${address}: what --ssh-prefix names could not run sh: ${said}`,
      { hint: 'Try the same command in a shell on that host; where docker wants root, give --sudo.' },
    );
  return new Failure('failed', 'no_shell', `${address}: sh does not run there: ${said}`, {
    hint: 'The user needs a POSIX shell on that host.',
  });
}
