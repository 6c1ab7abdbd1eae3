import { connectNode, type ErlangNode } from '../../src/lib/admin/erlang/index.js';
import { decodeTerm } from '../../src/lib/admin/erlang/term/decode.js';
import { encodeTerm } from '../../src/lib/admin/erlang/term/encode.js';
import { Atom, type Term, Tuple } from '../../src/lib/admin/erlang/term/types.js';

/** Where a node listens. */
export interface Peer {
  readonly name: string;
  readonly port: number;
}

const CALLS = 50_000;
const ELEMENTS = 200_000;

/** Calls per second, all sent before the first answer is awaited; the best of so many rounds. */
export async function callsPerSecond(peer: Peer, cookie: string, rounds: number): Promise<number> {
  const node = await open(peer, cookie);
  const rate = await best(async () => {
    const calls = Array.from({ length: CALLS }, () => node.call('erlang', 'node', []));
    await Promise.all(calls);
  }, rounds);
  node.close();
  return CALLS / (rate / 1000);
}

/** Milliseconds to decode lists of 200 000 elements, by what is in them; the best of so many rounds. */
export async function decodeTimes(rounds: number): Promise<Record<string, number>> {
  const lists: Record<string, (index: number) => Term> = {
    integers: (index) => index,
    atoms: (index) => new Atom(index % 2 === 0 ? 'true' : 'false'),
    'pairs of integer and binary': (index) => new Tuple([index, Buffer.from(`client-${index}`)]),
  };
  const times: Record<string, number> = {};
  for (const [name, element] of Object.entries(lists)) {
    const bytes = encodeTerm(Array.from({ length: ELEMENTS }, (_, index) => element(index)));
    times[name] = await best(async () => void decodeTerm(bytes), rounds);
  }
  return times;
}

/**
 * Milliseconds to connect to nodes and to ask each one question, all at the same time; the best of so many rounds.
 *
 * @param module of the question
 */
export async function askAll(peers: readonly Peer[], cookie: string, rounds: number): Promise<number> {
  return await best(async () => {
    const nodes = await Promise.all(peers.map(async (peer) => await ask(peer, cookie)));
    for (const node of nodes) node.close();
  }, rounds);
}

async function ask(peer: Peer, cookie: string): Promise<ErlangNode> {
  const node = await open(peer, cookie);
  await node.call('vmq_status_http', 'node_status', []);
  return node;
}

const open = ({ name, port }: Peer, cookie: string) => connectNode({ node: name, port, cookie });

async function best(work: () => Promise<void>, rounds: number): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const started = performance.now();
    await work();
    times.push(performance.now() - started);
  }
  return Math.min(...times);
}
