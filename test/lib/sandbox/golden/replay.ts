import { isDeepStrictEqual } from 'node:util';
import { bodyText, type HttpRow } from '../../../support/golden.js';
import { type CounterDepth, normalise } from './normalise.js';
import { type Received, send } from './request.js';
import { KEY, type Stage } from './stage.js';

/** A recorded state, and how a sandbox is brought there. */
export interface Scenario {
  readonly name: string;
  /** The rows that it answers, in their recorded order. */
  readonly covers: RegExp;
  /** How deep counters are compared: throughout, or from the rows with these ids on (`all` before the first). */
  readonly counters: CounterDepth | Readonly<Record<string, CounterDepth>>;
  readonly stage: () => Promise<Stage>;
  /** What happens right before a row: things that the recording did by other means. */
  readonly before?: Readonly<Record<string, (stage: Stage) => Promise<void> | void>>;
}

/** Milliseconds after which a request counts as not answered, where the recorded one was not. */
const PATIENCE = 200;

/** Sends every row of a scenario. @returns one text for each row that the sandbox answers differently */
export async function replay(scenario: Scenario, rows: readonly HttpRow[]): Promise<string[]> {
  const { counters, before = {} } = scenario;
  const stage = await scenario.stage();
  const found: string[] = [];
  let depth: CounterDepth = typeof counters === 'string' ? counters : 'all';
  try {
    for (const row of rows) {
      await before[row.id]?.(stage);
      if (typeof counters !== 'string') depth = counters[row.id] ?? depth;
      const received = await (stage.answers.get(row.id) ?? ask(stage, row));
      found.push(...compare(stage, row, received, depth));
    }
  } finally {
    await stage.end();
  }
  return found;
}

async function ask(stage: Stage, row: HttpRow): Promise<Received> {
  const { method, path } = row.request;
  // What was polled during a leave was polled with the key, though the rows do not say so.
  const headers = row.state.endsWith('/during') ? { 'x-api-key': KEY } : row.request.headers;
  const timeout = row.response.error?.startsWith('CLIENT_TIMEOUT') ? PATIENCE : 10_000;
  return await send(stage.node(row.node).httpUrl, { method, path: stage.terms.path(path), headers }, timeout);
}

function compare(stage: Stage, row: HttpRow, received: Received, depth: CounterDepth): string[] {
  learnKey(stage, row, received);
  const recorded = outline(row.response.status, row.response.headers, row.response.error);
  const own = outline(received.status, received.headers, received.error ?? undefined);
  if (!isDeepStrictEqual(own, recorded)) return [difference(row, recorded, own)];
  if (received.status === null) return [];
  if (received.headers.server !== 'vmqctl-sandbox (simulated)') return [`${row.id}: not marked as simulated`];
  const body = normalise(row, stage.terms.answer(received.body), depth);
  const wanted = normalise(row, bodyText(row), depth);
  return isDeepStrictEqual(body, wanted) ? [] : [difference(row, wanted, body)];
}

const outline = (
  status: number | null,
  headers: Readonly<Record<string, string | undefined>>,
  error: string | undefined,
) => ({
  status,
  type: headers['content-type'],
  challenge: headers['www-authenticate'],
  error: error?.startsWith('CLIENT_TIMEOUT') ? 'TIMEOUT' : error,
});

/** A generated key stands for the recorded one from then on. */
function learnKey(stage: Stage, row: HttpRow, received: Received): void {
  if (!/api-key\/create/.test(row.request.path) || received.status !== 200) return;
  const { text } = row.response.body as { text: string };
  stage.terms.addKey(text, (JSON.parse(received.body) as { text: string }).text);
}

/** From where they begin to differ. */
function difference(row: HttpRow, expected: unknown, got: unknown): string {
  const [recorded, own] = [JSON.stringify(expected), JSON.stringify(got)];
  const at = Math.max([...recorded].findIndex((character, index) => character !== own[index]) - 60, 0);
  return `${row.id}\n  recorded …${recorded.slice(at, at + 300)}\n  sandbox  …${own.slice(at, at + 300)}`;
}
