/** An HTTP answer before it is sent; an empty body has no content type. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export const json = (value: unknown, status = 200): Answer => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(value),
});

export const plain = (body: string, type = 'text/plain'): Answer => ({
  status: 200,
  headers: { 'content-type': type },
  body,
});

export const empty = (status: number, headers: Readonly<Record<string, string>> = {}): Answer => ({
  status,
  headers,
  body: '',
});

export const unauthorized = (): Answer => empty(401, { 'www-authenticate': 'Authorization realm="VerneMQ"' });

/** Whether an `Accept` header lets us answer with this type; the broker answers 406 where it does not. */
export function accepts(type: string, header: string | undefined): boolean {
  const ranges = header?.split(',').map((range) => range.split(';')[0]?.trim()) ?? ['*/*'];
  return ['*/*', `${type.split('/')[0]}/*`, type].some((range) => ranges.includes(range));
}
