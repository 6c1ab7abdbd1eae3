/** RFC 3339 as Erlang's logger writes it; a blank for the T, and no offset, as older releases have it. */
const STAMP =
  /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?(Z|[+-]\d\d:?\d\d)?(?:\s+|(?=\[)|$)/;

export interface Stamp {
  /** Microseconds since the epoch. */
  readonly time: number;
  /** How many characters of the line it takes, with the blank after it. */
  readonly length: number;
}

/**
 * Reads the time stamp that a line begins with.
 *
 * @param zone minutes east of UTC, for a stamp without an offset
 */
export function readStamp(line: string, zone: number): Stamp | undefined {
  const match = STAMP.exec(line);
  if (!match) return undefined;
  const [whole, year, month, day, hour, minute, second, fraction = '', offset] = match;
  const [monthNumber, dayNumber] = [Number(month), Number(day)];
  if (monthNumber < 1 || monthNumber > 12 || dayNumber < 1 || dayNumber > 31) return undefined;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 60) return undefined;
  const wall = Date.UTC(
    Number(year),
    monthNumber - 1,
    dayNumber,
    Number(hour),
    Number(minute),
    Number(second),
  );
  const minutesEast = offset === undefined ? zone : readOffset(offset);
  const time = (wall - minutesEast * 60_000) * 1000 + Number(fraction.slice(0, 6).padEnd(6, '0'));
  return { time, length: whole.length };
}

/** `Z`, `+01:00` or `+0100`, in minutes east of UTC; 0 for anything else. */
export function readOffset(text: string): number {
  const match = /^([+-])(\d\d):?(\d\d)$/.exec(text);
  if (!match) return 0;
  return (match[1] === '-' ? -1 : 1) * (Number(match[2]) * 60 + Number(match[3]));
}

/** ISO 8601 in UTC with microseconds: `2026-11-22T14:03:35.836616Z`. */
export function formatStamp(microseconds: number): string {
  const milliseconds = Math.floor(microseconds / 1000);
  const rest = String(microseconds - milliseconds * 1000).padStart(3, '0');
  return new Date(milliseconds).toISOString().replace('Z', `${rest}Z`);
}
