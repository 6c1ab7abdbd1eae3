import { LOG_LEVELS, type LogLevel } from '../log-levels.js';
import { readStamp } from './stamp.js';

/** What one line says, in any of the formats that VerneMQ writes. */
export interface LineParts {
  /** Microseconds since the epoch. */
  readonly time: number;
  readonly level?: LogLevel;
  /** Such as `<0.404.0>`. */
  readonly pid?: string;
  readonly module?: string;
  /** With its arity, such as `handle_info/2`. */
  readonly function?: string;
  /** Of the module's source. */
  readonly line?: number;
  readonly message: string;
}

/** One entry of a node's log, with the lines that belong to it. */
export interface LogRecord extends Omit<LineParts, 'time'> {
  readonly node: string;
  /** Microseconds since the epoch; that of the entry before where the line itself has none. */
  readonly time: number | undefined;
  /** As it stands in the file, without the last line's end. */
  readonly text: string;
}

const LEVEL = LOG_LEVELS.join('|');
const PID = '<[\\d.]+>';
const ATOM = "(?:[a-z][\\w@]*|'(?:[^'\\\\]|\\\\.)*')";
const PLACE = `(${ATOM}):(${ATOM}\\/\\d+):(\\d+)`;

/** `log.template = extended`, the default: `[info] <0.404.0> vmq_cluster_mon:handle_info/2:131: message`. */
const EXTENDED = new RegExp(`^\\[(${LEVEL})\\](?: (${PID}))?(?: ${PLACE})?:? ?(.*)$`, 's');
/** `log.template = simple`: `info: message`. */
const SIMPLE = new RegExp(`^(${LEVEL}): ?(.*)$`, 's');
/** Releases before 2.0: `[info] <0.404.0>@vmq_cluster_mon:handle_info:131 message`. */
const OF_LAGER = /^\[\w+\] <[\d.]+>@/;
const LAGER = new RegExp(`^\\[(${LEVEL})\\] (${PID})@(${ATOM}):(${ATOM}):(\\d+) (.*)$`, 's');

/**
 * Reads the line that an entry begins with: VerneMQ's text formats (`files/vmq.schema`, `log.template`), its JSON format
 * (`vmq_log_json_format.erl`), and that of releases before 2.0.
 *
 * @param zone minutes east of UTC, for stamps without an offset
 * @returns nothing when the line does not begin an entry
 */
export function parseLine(line: string, zone: number): LineParts | undefined {
  if (line.startsWith('{')) return parseJsonLine(line);
  const stamp = readStamp(line, zone);
  if (!stamp) return undefined;
  return { time: stamp.time, ...parseRest(line.slice(stamp.length)) };
}

function parseRest(rest: string): Omit<LineParts, 'time'> {
  const found = (OF_LAGER.test(rest) ? LAGER : EXTENDED).exec(rest);
  if (found) {
    const [, level, pid, module, fn, line, message = ''] = found;
    return { ...leveled(level), ...(pid ? { pid } : {}), ...place(module, fn, line), message };
  }
  const simple = SIMPLE.exec(rest);
  return simple ? { ...leveled(simple[1]), message: simple[2] ?? '' } : { message: rest };
}

function place(module: string | undefined, fn: string | undefined, line: string | undefined) {
  return module === undefined || fn === undefined ? {} : { module, function: fn, line: Number(line) };
}

const leveled = (name: unknown): { level?: LogLevel } => {
  const level = LOG_LEVELS.find((one) => one === name);
  return level ? { level } : {};
};

/** `time` is in microseconds; `mfa` is a list of module, function and arity. */
function parseJsonLine(line: string): LineParts | undefined {
  const entry = parseObject(line);
  const time = timeOf(entry?.time);
  if (!entry || time === undefined) return undefined;
  const [module, name, arity] = Array.isArray(entry.mfa) ? entry.mfa : [];
  return {
    time,
    ...leveled(entry.level),
    ...(typeof entry.pid === 'string' ? { pid: entry.pid } : {}),
    ...(typeof module === 'string' ? place(module, `${name}/${arity}`, String(entry.line)) : {}),
    message: typeof entry.msg === 'string' ? entry.msg : line,
  };
}

function parseObject(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    // Half a line, or something else in braces: it belongs to the entry before.
    return undefined;
  }
}

function timeOf(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  return typeof value === 'string' ? readStamp(`${value} `, 0)?.time : undefined;
}
