import { bcryptHashing } from '../../../../src/lib/acl/bulk/hashing.js';
import { checkRow } from '../../../../src/lib/acl/bulk/row.js';
import type { DesiredRecord } from '../../../../src/lib/acl/plan/desired.js';
import { type PlanContext, type Planned, planRecords } from '../../../../src/lib/acl/plan/make.js';
import type { StoredRecord } from '../../../../src/lib/acl/record-json.js';

export const HASH = '$2a$04$5xGvLdO5gqQJ6PAzaogvsuLbe/WS6wFJiXy4TSwRpQ46UFCMO8VmC';

/** Rows as they would be read from a file, each a line of it. */
export const desiredRows = (...rows: readonly StoredRecord[]): DesiredRecord[] =>
  rows.map((fields, index) => {
    const reading = checkRow({ username: 'u', ...fields }, {});
    if (!reading.ok) throw new Error(reading.why);
    return { row: reading.row, file: 'users.ndjson', line: index + 1 };
  });

export async function plan(
  store: PlanContext['store'],
  desired: readonly DesiredRecord[],
  prune = false,
): Promise<Planned> {
  const hashing = bcryptHashing(4, false);
  const steps = planRecords({ store, desired, hashing, prune, signal: new AbortController().signal });
  for (;;) {
    const step = await steps.next();
    if (step.done) return step.value;
  }
}
