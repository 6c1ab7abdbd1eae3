import { isList } from '../erlang/term/construct.js';
import { Atom, Export, Pid, type Term, Tuple } from '../erlang/term/types.js';

/** Calls a function of the node. */
export type Call = (module: string, name: string, args: readonly Term[]) => Promise<Term>;

/** Processes that are asked about in one call: a busy broker has several for each of its clients. */
const AT_A_TIME = 5000;

/**
 * Whether a process of this node is carrying a `cluster leave` out: on the node that was asked, or on the one that
 * leaves. The broker registers none of them, so the functions that wait in `vmq_server_cli` are looked for on their
 * stacks (vmq_server_cli.erl, `vmq_cluster_leave_cmd/0`, 2.1.2). Which node is leaving cannot be seen there.
 */
export async function hasLeaveProcess(call: Call): Promise<boolean> {
  const pids = onlyPids(await call('erlang', 'processes', []));
  for (let first = 0; first < pids.length; first += AT_A_TIME) {
    const waiting = await thatMayLeave(call, pids.slice(first, first + AT_A_TIME));
    const stacks = await processInfo(call, waiting, 'current_stacktrace');
    if (stacks.some((stack) => isList(stack) && stack.some(isOfLeave))) return true;
  }
  return false;
}

/** Where such a process can be at a given moment, in Erlang's own modules; the stacks of all others are not asked for. */
const WAITS = new Set([
  'vmq_server_cli',
  'vmq_reg',
  'vmq_queue',
  'vmq_peer_service',
  'timer',
  'erpc',
  'rpc',
  'gen',
]);

async function thatMayLeave(call: Call, pids: readonly Pid[]): Promise<Pid[]> {
  const current = await processInfo(call, pids, 'current_function');
  return pids.filter((_, index) => WAITS.has(moduleOf(current[index])));
}

/** What is asked of each process; undefined for one that has ended. */
async function processInfo(
  call: Call,
  pids: readonly Pid[],
  item: string,
): Promise<readonly (Term | undefined)[]> {
  if (pids.length === 0) return [];
  const items = pids.map(() => new Atom(item));
  const answers = await call('lists', 'zipwith', [PROCESS_INFO, [...pids], items]);
  if (!isList(answers)) return [];
  return answers.map((answer) => (answer instanceof Tuple ? answer.elements[1] : undefined));
}

const PROCESS_INFO = new Export(new Atom('erlang'), new Atom('process_info'), 2);

const onlyPids = (term: Term): Pid[] => (isList(term) ? term.filter((pid) => pid instanceof Pid) : []);

const moduleOf = (mfa: Term | undefined): string => atomName(elementsOf(mfa)[0]);

function isOfLeave(frame: Term): boolean {
  const [module, name] = elementsOf(frame);
  return atomName(module) === 'vmq_server_cli' && atomName(name).startsWith('-vmq_cluster_leave_cmd/');
}

const elementsOf = (term: Term | undefined): readonly Term[] => (term instanceof Tuple ? term.elements : []);

const atomName = (term: Term | undefined): string => (term instanceof Atom ? term.name : '');
