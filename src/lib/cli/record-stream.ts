import type { Failure } from '../failure.js';
import { errorDocument } from './errors.js';
import type { Drawer, RecordShape } from './record-shape.js';
import { tableDrawer } from './record-table.js';
import { type Format, painter, renderCsv } from './render.js';
import { type Streams, write } from './streams.js';

/** Writes any number of items to stdout as they come, in memory for one page. Every format stays well-formed. */
export interface RecordStream<T> {
  write(items: readonly T[]): Promise<void>;
  /** Ends the document, with these members after the list. */
  end(members?: Readonly<Record<string, unknown>>): Promise<void>;
  /**
   * Ends what was begun when there will be no more because of a failure, which then becomes part of the document.
   *
   * @returns whether the failure has been told in full
   */
  fail(failure: Failure): Promise<boolean>;
  /** Whether nobody reads on, as after `| head`. */
  readonly abandoned: boolean;
  /** Whether the format has a place for what `end` is given. */
  readonly isDocument: boolean;
}

export async function openRecordStream<T>(
  shape: RecordShape<T>,
  format: Format,
  streams: Streams,
): Promise<RecordStream<T>> {
  const drawer = await drawerOf(shape, format, streams);
  return new WrittenStream(drawer, streams.out);
}

class WrittenStream<T> implements RecordStream<T> {
  abandoned = false;
  private begun = false;

  constructor(
    private readonly drawer: Drawer<T>,
    private readonly out: NodeJS.WritableStream,
  ) {
    // The error itself comes out of the writing; here it only tells that more is in vain.
    out.once('error', () => {
      this.abandoned = true;
    });
  }

  async write(items: readonly T[]): Promise<void> {
    if (items.length === 0) return;
    await write(this.out, this.beginning(items) + this.drawer.items(items));
  }

  async end(members: Readonly<Record<string, unknown>> = {}): Promise<void> {
    await write(this.out, this.beginning([]) + this.drawer.end(members));
  }

  async fail(failure: Failure): Promise<boolean> {
    if (!this.begun) return false;
    await this.end({ ...errorDocument(failure) });
    return this.drawer.tellsFailures;
  }

  get isDocument(): boolean {
    return this.drawer.isDocument;
  }

  private beginning(items: readonly T[]): string {
    if (this.begun) return '';
    this.begun = true;
    return this.drawer.begin(items);
  }
}

async function drawerOf<T>(
  shape: RecordShape<T>,
  format: Format,
  { colourOut, outWidth }: Streams,
): Promise<Drawer<T>> {
  switch (format) {
    case 'json':
      return jsonDrawer(shape);
    case 'yaml':
      return yamlDrawer(shape, (await import('js-yaml')).dump);
    case 'csv':
      return csvDrawer(shape);
    case 'table':
      return tableDrawer(shape, await painter(colourOut), outWidth);
  }
}

function jsonDrawer<T>(shape: RecordShape<T>): Drawer<T> {
  const { schema, member, entryJson = (item) => JSON.stringify(shape.entry(item)) } = shape;
  let separator = '\n';
  const draw = (item: T) => {
    const text = `${separator}    ${entryJson(item)}`;
    separator = ',\n';
    return text;
  };
  return {
    begin: () => `{\n  "schema": ${JSON.stringify(schema)},\n  ${JSON.stringify(member)}: [`,
    items: (items) => items.reduce((text, item) => text + draw(item), ''),
    end: (members) => {
      const more = Object.entries(members).map(
        ([name, value]) => `,\n  ${JSON.stringify(name)}: ${JSON.stringify(value)}`,
      );
      return `${separator === '\n' ? '' : '\n  '}]${more.join('')}\n}\n`;
    },
    isDocument: true,
    tellsFailures: true,
  };
}

function yamlDrawer<T>(
  { schema, member, entry }: RecordShape<T>,
  dump: typeof import('js-yaml').dump,
): Drawer<T> {
  const text = (value: unknown) => dump(value, { noRefs: true, lineWidth: 110 });
  return {
    begin: (first) => `${text({ schema })}${member}:${first.length === 0 ? ' []' : ''}\n`,
    items: (items) => text(items.map(entry)).replace(/^(?=.)/gm, '  '),
    end: (members) => (Object.keys(members).length === 0 ? '' : text(members)),
    isDocument: true,
    tellsFailures: false,
  };
}

function csvDrawer<T>({ csvColumns, csvRow }: RecordShape<T>): Drawer<T> {
  return {
    begin: () => renderCsv({ columns: csvColumns, rows: [] }),
    items: (items) => {
      const [columns = [], ...rows] = items.map(csvRow);
      return renderCsv({ columns, rows });
    },
    end: () => '',
    isDocument: false,
    tellsFailures: false,
  };
}
