import { readFileSync } from 'node:fs';

/** A recorded exchange with a real broker's HTTP listener. */
export interface HttpRow {
  readonly id: string;
  readonly state: string;
  readonly node: string;
  readonly request: {
    readonly method: string;
    readonly path: string;
    readonly headers?: Record<string, string>;
  };
  readonly response: {
    readonly status: number | null;
    readonly error?: string;
    readonly headers: Record<string, string>;
    readonly body: unknown;
  };
  readonly note?: string;
}

export type BrokerVersion = '2.1.2' | '2.2.0';
export const BROKER_VERSIONS: readonly BrokerVersion[] = ['2.1.2', '2.2.0'];

export function goldenFile(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`../golden/${name}`, import.meta.url), 'utf8'));
}

export const httpRows = (version: BrokerVersion) => goldenFile(`http-${version}.json`) as HttpRow[];

/** The body as it came over the wire. Some long ones were cut when they were recorded: those are closed again. */
export function bodyText(row: HttpRow): string {
  const { body } = row.response;
  if (typeof body !== 'string') return body === null ? '' : JSON.stringify(body);
  return row.note?.startsWith('body cut') ? `${body.replace(/\\+$/, '')}","type":"text"}` : body;
}
