import { EVENT_ID, type Event, getScalarValue, parseEvents, type ScalarEvent } from 'js-yaml';

/** A place in a YAML document, from the top: keys and indices. */
export type YamlPath = readonly PropertyKey[];

/** Tells the line of a place, counted from 1: its own, or that of the nearest thing around it. */
export function lineFinder(text: string): (path: YamlPath) => number {
  const offsets = new Map<string, number>();
  const [, ...events] = parseEvents(text, {});
  record(text, events.values(), [], offsets);
  return (path) => {
    for (let length = path.length; length > 0; length -= 1) {
      const offset = offsets.get(name(path.slice(0, length)));
      if (offset !== undefined) return text.slice(0, offset).split('\n').length;
    }
    return 1;
  };
}

/** Takes the next thing from the events, with all that is in it. @returns whether there was one */
function record(
  text: string,
  events: Iterator<Event>,
  path: YamlPath,
  offsets: Map<string, number>,
): boolean {
  const { value: event, done } = events.next();
  if (done || event.type === EVENT_ID.POP) return false;
  if (!offsets.has(name(path)) && 'start' in event) offsets.set(name(path), event.start);
  if (!offsets.has(name(path)) && 'valueStart' in event) offsets.set(name(path), event.valueStart);
  if (event.type === EVENT_ID.MAPPING) recordMembers(text, events, path, offsets);
  if (event.type === EVENT_ID.SEQUENCE)
    for (let index = 0; record(text, events, [...path, index], offsets); index += 1);
  return true;
}

/** A member is where its key is. */
function recordMembers(
  text: string,
  events: Iterator<Event>,
  path: YamlPath,
  offsets: Map<string, number>,
): void {
  for (;;) {
    const { value: event, done } = events.next();
    if (done || event.type === EVENT_ID.POP) return;
    if (event.type !== EVENT_ID.SCALAR) throw new TypeError('a key of the description is no plain word');
    const member = [...path, getScalarValue(text, event as ScalarEvent)];
    offsets.set(name(member), event.valueStart);
    record(text, events, member, offsets);
  }
}

const name = (path: YamlPath): string => JSON.stringify(path.map(String));
