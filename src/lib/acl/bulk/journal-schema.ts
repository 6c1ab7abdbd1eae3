import { z } from 'zod';

const count = z.int().min(0);
const checkpointSchema = z.object({
  settled: z.object({ from: z.object({ bytes: count, line: count }), line: count }),
  totals: z.object({
    written: count,
    unchanged: count,
    skipped: count,
    failed: count,
    relabelled: count,
    repeated: count,
  }),
  /** The file of rejects, where there is one, and its length in bytes. */
  rejectsFile: z.string().optional(),
  rejectsLength: count,
});
const journalSchema = z.object({
  schema: z.literal('vmqctl.import/1'),
  size: count,
  modifiedAt: z.number(),
  checkpoint: checkpointSchema,
});

/** How far an import has come. */
export type Checkpoint = z.infer<typeof checkpointSchema>;

/** What stands in a journal. */
export type JournalText = z.infer<typeof journalSchema>;

/** Undefined for what is no journal. */
export function parseJournal(text: string): JournalText | undefined {
  try {
    return journalSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
