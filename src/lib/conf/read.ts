import { Failure } from '../failure.js';
import { runScript, type ShellOptions } from '../shell-script.js';
import type { SshHost } from '../ssh/host.js';
import { LONGEST_FILE, MARK, READ_CONFIGURATION_SCRIPT } from './read-script.js';
import { type Redacted, redactVernemqConf, redactVmArgs } from './redact.js';

/** A file of the broker's configuration. Its text can be shown: the secrets have been taken out of it. */
export interface ConfigurationFile extends Redacted {
  readonly path: string;
}

export interface Configuration {
  readonly vernemqConf: ConfigurationFile;
  /** What there is in conf.d beside it, by name: the broker reads it where vernemq.conf includes it. */
  readonly included: readonly ConfigurationFile[];
  /** What the running node was started with; nothing where none was generated yet, or none may be read. */
  readonly vmArgs: ConfigurationFile | null;
}

export interface ReadConfigurationOptions extends ShellOptions {
  /** Path of vernemq.conf; without it, it is looked for where packages, the image and releases have it. */
  readonly path?: string | undefined;
}

const CONFIGURATIONS = [
  '/etc/vernemq/vernemq.conf',
  '/opt/vernemq/etc/vernemq.conf',
  '/vernemq/etc/vernemq.conf',
];
const GENERATED = [
  '/var/lib/vernemq/generated.configs',
  '/opt/vernemq/generated.configs',
  '/vernemq/generated.configs',
];

/**
 * Fetches a node's vernemq.conf with its conf.d, and the newest vm.args that was generated from it.
 *
 * @throws Failure: those of the host; usage (the path is not absolute); configuration (not found, may not be read, too
 *   long); credentials (sudo asks for a password). None of them has a secret in it.
 */
export async function readConfiguration(
  host: SshHost,
  options: ReadConfigurationOptions,
): Promise<Configuration> {
  const files = splitAnswer(await fetchFiles(host, options));
  const conf = files.find(({ kind }) => kind !== 'args');
  if (conf?.kind !== 'conf') throw refusal(host, conf, options.path);
  const closed = files.find(({ kind, path }) => ['denied', 'long'].includes(kind) && IN_CONF_D.test(path));
  if (closed) throw refusal(host, closed, options.path);
  const args = files.find(({ kind }) => kind === 'args');
  const redacted = ({ path, text }: Part) => ({ path, ...redactVernemqConf(text) });
  return {
    vernemqConf: redacted(conf),
    included: files
      .filter(({ kind }) => kind === 'included')
      .sort(byPath)
      .map(redacted),
    vmArgs: args ? { path: args.path, ...redactVmArgs(args.text) } : null,
  };
}

const IN_CONF_D = /\/conf\.d\/[^/]*$/;

/** As Erlang sorts what it finds. */
const byPath = (one: Part, other: Part): number => (one.path < other.path ? -1 : 1);

const fetchFiles = (host: SshHost, { path = '', ...options }: ReadConfigurationOptions): Promise<Buffer> =>
  runScript(
    host,
    {
      text: READ_CONFIGURATION_SCRIPT,
      variables: {
        CONFIGURATION: checkedPath(path),
        CONFIGURATIONS: CONFIGURATIONS.join(' '),
        GENERATED: GENERATED.join(' '),
      },
      mark: MARK,
    },
    options,
  );

function checkedPath(path: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  if (path === '' || (path.startsWith('/') && !/[\u0000-\u001f\u007f]/.test(path))) return path;
  throw new Failure('usage', 'bad_path', 'the path of vernemq.conf is no absolute path', {
    hint: 'Give one such as /etc/vernemq/vernemq.conf.',
  });
}

interface Part {
  readonly kind: string;
  readonly path: string;
  readonly text: string;
}

/** `MARK KIND SIZE PATH`, a line each, with SIZE bytes after it. */
function splitAnswer(answer: Buffer): Part[] {
  const parts: Part[] = [];
  const mark = Buffer.from(`${MARK} `);
  for (let at = answer.indexOf(mark); at !== -1; ) {
    const end = answer.indexOf(0x0a, at);
    if (end === -1) break;
    const [kind = '', size = '0', ...path] = answer.toString('utf8', at + mark.length, end).split(' ');
    const length = ['conf', 'included', 'args'].includes(kind) ? Number(size) : 0;
    const text = answer.toString('utf8', end + 1, end + 1 + length);
    parts.push({ kind, path: path.join(' '), text });
    at = answer.indexOf(mark, end + 1 + length);
  }
  return parts;
}

function refusal({ address }: SshHost, part: Part | undefined, given: string | undefined): Failure {
  if (part?.kind === 'denied')
    return new Failure('configuration', 'conf_not_readable', `${address}: ${part.path} may not be read`, {
      hint: 'Give --sudo, or put the user into the group of the file.',
    });
  if (part?.kind === 'long')
    return new Failure(
      'configuration',
      'conf_too_long',
      `${address}: ${part.path} has more than ${LONGEST_FILE / 1024} kB`,
      { hint: 'Is that the configuration of VerneMQ?' },
    );
  const places = given ?? CONFIGURATIONS.join(', ');
  return new Failure('configuration', 'conf_not_found', `${address}: no vernemq.conf at ${places}`, {
    hint: 'Give its path; where its folder is closed to the user, give --sudo.',
  });
}
