/** A string, one of the characters that JSON is built of, or anything else that is one value. */
const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/gs;

/**
 * Gives a member of a JSON object another value, and leaves every other byte of the text as it is. A member that is not
 * there yet becomes the first one.
 *
 * @param text an object in strict JSON, in which no member is there twice
 */
export function withMember(text: string, name: string, value: string): string {
  const written = JSON.stringify(value);
  const span = spanOf(text, name);
  if (span) return text.slice(0, span.from) + written + text.slice(span.to);
  const start = text.indexOf('{') + 1;
  const isEmpty = text.slice(start).trimStart().startsWith('}');
  return `${text.slice(0, start)}${JSON.stringify(name)}:${written}${isEmpty ? '' : ','}${text.slice(start)}`;
}

/** Where the value of a member of the outermost object stands. */
function spanOf(text: string, name: string): { readonly from: number; readonly to: number } | undefined {
  let depth = 0;
  let latest = '';
  let from: number | undefined;
  for (const { 0: token, index } of text.matchAll(TOKEN)) {
    const isEnd = token === '}' || token === ']';
    if (isEnd) depth -= 1;
    // What ends the object, or stands between its members, ends the value before it.
    if (from !== undefined && ((depth === 1 && token === ',') || depth === 0))
      return { from, to: from + text.slice(from, index).trimEnd().length };
    if (depth === 1 && token === ':' && from === undefined && JSON.parse(latest) === name)
      from = startOfValue(text, index + 1);
    if (token === '{' || token === '[') depth += 1;
    latest = token;
  }
  return undefined;
}

const startOfValue = (text: string, at: number): number => at + text.slice(at).search(/\S/);
