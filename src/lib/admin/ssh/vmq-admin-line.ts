import { shellLine } from './quote.js';

/** How a host's own `vmq-admin` is run. */
export interface VmqAdminOptions {
  /** Where it is; looked for where packages put it, if not given. */
  readonly path?: string | undefined;
  /** Through `sudo -n`. */
  readonly sudo?: boolean | undefined;
  /** Words in front of it, such as `docker exec -i vernemq`. */
  readonly prefix?: readonly string[] | undefined;
}

/** Where the packages, the archive and the container image have it. */
const PLACES = '/usr/sbin:/usr/bin:/opt/vernemq/bin:/vernemq/bin';

/** What the shell there says where it is in none of the places. */
export const NO_VMQ_ADMIN = 'vmqctl: there is no vmq-admin';

/** The words after it are handed on as they are. It is found and run in one go: to ask first would take as long again. */
const findAndRun = (how: string) =>
  `p=$(PATH=$PATH:${PLACES}; command -v vmq-admin) || { echo "${NO_VMQ_ADMIN}" >&2; exit 127; }; exec ${how}"$p" "$@"`;

const SUDO = ['sudo', '-n'];

/**
 * A trace runs for as long as its input is open (vmq_tracer_cli), and the input of what is run over SSH is empty. This
 * one ends with the command, or with the connection, whichever is first: also under `sudo`, whom we cannot kill.
 */
const WITH_OPEN_INPUT = [
  // What the shell itself says of the end of its helper is none of the command's errors.
  'exec 3>&2 2>/dev/null',
  'sh -c \'echo $$; exec sleep 1000000000\' | { read -r h; "$@" 2>&3 3>&-; s=$?; kill "$h"; exit "$s"; }',
].join('; ');

/**
 * The command line that runs `vmq-admin` with these arguments, for whatever login shell there is. `sudo` comes first:
 * it is `docker` that needs it then, and `vmq-admin` is looked for inside of the container.
 */
export function vmqAdminCommandLine(
  options: VmqAdminOptions,
  argv: readonly string[],
  { openInput = false } = {},
): string {
  const words = [...wordsBefore(options), ...argv];
  return shellLine(openInput ? ['sh', '-c', WITH_OPEN_INPUT, 'sh', ...words] : words);
}

function wordsBefore({ path, sudo = false, prefix = [] }: VmqAdminOptions): string[] {
  const before = sudo ? SUDO : [];
  if (path !== undefined) return [...before, ...prefix, path];
  if (prefix.length > 0) return [...before, ...prefix, 'sh', '-c', findAndRun(''), 'sh'];
  return ['sh', '-c', findAndRun(sudo ? `${SUDO.join(' ')} ` : ''), 'sh'];
}
