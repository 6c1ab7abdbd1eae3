import { expect, test } from 'vitest';
import { httpRows } from '../../support/golden.js';
import { replay } from './golden/replay.js';
import { SCENARIOS } from './golden/scenarios.js';

/** Requests that the sandbox does not answer as the recorded broker did, and why. */
const NOT_COVERED: readonly { readonly rows: RegExp; readonly why: string }[] = [
  { rows: /\.(alias\.plugins|plugin\.show.*|script\.show)$/, why: 'the sandbox has no plugins' },
  { rows: /\.metrics\.show/, why: 'it has the metrics of queues and connections only' },
  { rows: /\.(config|log)\.show/, why: "the broker's whole configuration" },
  { rows: /\.describe$/, why: 'the texts of its manual' },
  { rows: /^sessions\.v2\.client\.v5\.topics@1$/, why: 'a failure with MQTT 5, which aedes does not speak' },
];

const notCovered = (id: string) => NOT_COVERED.some(({ rows }) => rows.test(id));

test('every recorded request is compared, or listed as not covered', () => {
  const forgotten = httpRows('2.1.2').filter(
    ({ id }) => !notCovered(id) && !SCENARIOS.some(({ covers }) => covers.test(id)),
  );
  expect(forgotten.map(({ id }) => id)).toEqual([]);
});

test.for(SCENARIOS)('$name', { timeout: 30_000 }, async (scenario) => {
  const rows = httpRows('2.1.2').filter(({ id }) => scenario.covers.test(id) && !notCovered(id));
  expect(rows.length).toBeGreaterThan(0);
  expect(await replay(scenario, rows)).toEqual([]);
});
