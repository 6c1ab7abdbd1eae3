import { readSecret } from '../../../context/secret-source.js';
import type { Broker } from '../broker.js';
import type { Client, Sources } from '../connect.js';
import { decide } from '../decision.js';
import { why } from '../explain.js';
import { rememberedReading } from '../record.js';
import { givenSources } from '../sources.js';
import type { Expectation, Outcome } from './expectation.js';

export interface Difference {
  readonly id: string;
  readonly expected: Outcome;
  readonly got: Outcome;
  readonly why: string;
}

export interface TestReport {
  readonly total: number;
  readonly agree: number;
  readonly differ: readonly Difference[];
  readonly broker: Broker;
}

/**
 * Compares what is expected with what the broker decides.
 *
 * @param stored the records of expectations that have none of their own
 * @throws Failure: those of the store, and those of a password that cannot be had
 */
export async function runExpectations(
  expectations: readonly Expectation[],
  stored: () => Promise<Sources>,
  verify: Sources['verify'],
  broker: Broker,
): Promise<TestReport> {
  const differ: Difference[] = [];
  const read = rememberedReading();
  for (const expectation of expectations) {
    const { records, action, expected, id } = expectation;
    const sources = records ? givenSources(records, verify, read) : await stored();
    const decision = await decide(await withPassword(expectation), action, sources, broker);
    const got = decision.allowed ? 'allow' : 'deny';
    if (got !== expected) differ.push({ id, expected, got, why: why(decision) });
  }
  return { total: expectations.length, agree: expectations.length - differ.length, differ, broker };
}

async function withPassword({ client, passwordFrom }: Expectation): Promise<Client> {
  if (passwordFrom === undefined) return client;
  const secret = await readSecret(passwordFrom, 'passwordFrom', process.env);
  return { ...client, password: { kind: 'given', bytes: Buffer.from(secret.reveal()) } };
}
