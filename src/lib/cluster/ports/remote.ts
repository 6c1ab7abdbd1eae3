import { runScript, type ShellOptions } from '../../shell-script.js';
import type { SshHost } from '../../ssh/host.js';
import { AT_ONCE, MARK, PORTS_SCRIPT } from './script.js';
import { FILTERED, OPEN, unknown, type Verdict, verdictOf } from './verdict.js';

/** What the tools of a host can connect with. */
export type Method = 'bash' | 'python3' | 'python' | 'perl' | 'nc';

export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

export interface RemoteAttempts {
  /** `none` where the host has nothing to connect with. */
  readonly method: string;
  /** In the order of the endpoints. */
  readonly verdicts: readonly Verdict[];
}

export interface RemoteOptions extends Pick<ShellOptions, 'sudo' | 'prefix' | 'signal'> {
  /** Milliseconds for one connect. */
  readonly deadline: number;
  /** Instead of the first that is there. */
  readonly method?: Method | undefined;
}

/** What may stand for a host: it comes from brokers, and becomes an argument over there. */
const HOST = /^[A-Za-z0-9][\w.:-]*$|^::[\w.:]*$/;

/**
 * Connects by TCP from an SSH host to each endpoint.
 *
 * @throws Failure: those of `runScript`
 */
export async function tryFromHost(
  ssh: SshHost,
  endpoints: readonly Endpoint[],
  { deadline, method, ...shell }: RemoteOptions,
): Promise<RemoteAttempts> {
  const usable = endpoints.map(({ host, port }) => HOST.test(host) && port > 0);
  const targets = endpoints.flatMap(({ host, port }, number) =>
    usable[number] ? [`${number},${host},${port}`] : [],
  );
  const wait = Math.max(1, Math.ceil(deadline / 1000));
  const rounds = Math.ceil(targets.length / AT_ONCE);
  const answer = await runScript(
    ssh,
    {
      text: PORTS_SCRIPT,
      variables: { TARGETS: targets.join(' '), WAIT: wait, METHOD: method ?? '' },
      mark: MARK,
    },
    { ...shell, deadline: deadline + (rounds * wait + 5) * 1000 },
  );
  const results = readResults(answer.toString('utf8'));
  const verdicts = endpoints.map((_, number) =>
    usable[number] ? (results.get(number) ?? NOT_TRIED) : unknown('that is no host'),
  );
  return { method: methodOf(answer.toString('utf8')), verdicts };
}

const NOT_TRIED = unknown('the host has neither bash, python, perl nor nc to try it with');

const methodOf = (answer: string) => new RegExp(`^${MARK} method (\\w+)$`, 'm').exec(answer)?.[1] ?? 'none';

function readResults(answer: string): ReadonlyMap<number, Verdict> {
  const results = answer.matchAll(new RegExp(`^${MARK} result (\\d+) (\\d+) (.*)$`, 'gm'));
  return new Map(
    [...results].map(([, number, code, said = '']) => [Number(number), verdict(Number(code), said)]),
  );
}

/** BusyBox's `timeout` tells of the signal with which it ended the program. */
function verdict(code: number, said: string): Verdict {
  if (code === 0) return OPEN;
  return code === 124 || code === 143 ? FILTERED : verdictOf(said);
}
