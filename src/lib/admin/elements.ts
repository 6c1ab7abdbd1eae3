import { isObject, parseJson } from './json.js';
import type { ReplyElement, Row } from './rpc.js';

/** The typed elements of a JSON reply, one or a list; undefined when it is not what a broker writes. */
export function parseElements(body: string): ReplyElement[] | undefined {
  const parsed = parseJson(body);
  const list = (Array.isArray(parsed) ? parsed : [parsed]).map(toElement);
  return list.length > 0 && list.every((element) => element !== undefined) ? list : undefined;
}

function toElement(value: unknown): ReplyElement | undefined {
  if (!isObject(value)) return undefined;
  if (value.type === 'text' && typeof value.text === 'string') return { type: 'text', text: value.text };
  if (value.type === 'table' && Array.isArray(value.table) && value.table.every(isObject)) {
    return { type: 'table', rows: value.table as Row[] };
  }
  if (value.type === 'alert' && Array.isArray(value.alert)) {
    const elements = value.alert.map(toElement);
    if (elements.every((element) => element !== undefined)) return { type: 'alert', elements };
  }
  return undefined;
}
