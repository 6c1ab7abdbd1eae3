import { printable } from './printable.js';
import { openRecordStream } from './record-stream.js';
import type { Format } from './render.js';
import { painter } from './render.js';
import { type Streams, say } from './streams.js';
import { planItems, planMembers, planNotes, planShape, type ShownPlan } from './views/acl-plan.js';

/** Changes that are described at a time. */
const PAGE = 500;

/** Shows a plan, page by page: it may be too long for one text. What sums it up is told on stderr. */
export async function writePlanView(plan: ShownPlan, format: Format, streams: Streams): Promise<void> {
  const stream = await openRecordStream(planShape, format, streams);
  for (let at = 0; at < plan.changes.length && !stream.abandoned; at += PAGE)
    await stream.write(planItems(plan.changes.slice(at, at + PAGE), stream.isDocument));
  if (stream.isDocument || plan.changes.length > 0) await stream.end(planMembers(plan));
  if (stream.isDocument) return;
  const paint = await painter(streams.colourErr);
  for (const text of planNotes(plan)) await say(streams.err, `${paint(printable(text), 'dim')}\n`);
}

/** The same where somebody is asked about it: on stderr, as the question is. */
export const showPlan = (plan: ShownPlan, streams: Streams): Promise<void> =>
  writePlanView(plan, 'table', { ...streams, out: streams.err, colourOut: streams.colourErr });
