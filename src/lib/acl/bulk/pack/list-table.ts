import { type Action, LIST_OF } from '../../action.js';
import { readStoredRecord } from '../../record-json.js';
import { type Lists, listTexts } from '../lists.js';
import { type Source, sourceOf } from './bytes.js';

/** Lists that are remembered, for each action. */
const MOST_KNOWN = 4096;

/** The JSON of lists as it is written, by how they stand in an input. Most inputs have few that are not usual. */
export class ListTable {
  private readonly known = { publish: new Map<string, Source>(), subscribe: new Map<string, Source>() };

  constructor(private readonly given: Pick<Lists, 'topicMaxDepth'>) {}

  /** @returns undefined where it is no good list */
  find(text: string, action: Action): Source | undefined {
    const found = this.known[action].get(text);
    if (found) return found;
    const reading = readStoredRecord(`{"${LIST_OF[action]}":${text}}`);
    const lists = reading.ok ? listTexts(reading.record, { topicMaxDepth: this.given.topicMaxDepth }) : '';
    if (typeof lists === 'string') return undefined;
    const written = sourceOf(Buffer.from(lists[action]));
    // A part of a text holds all of it in memory.
    if (this.known[action].size < MOST_KNOWN) this.known[action].set(Buffer.from(text).toString(), written);
    return written;
  }
}
