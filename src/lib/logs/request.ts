import { parseDuration } from '../duration.js';
import { Failure } from '../failure.js';
import { LOG_LEVELS, type LogLevel } from '../log-levels.js';
import type { SourceOptions } from './source.js';

/** The values of the flags of `logs`. */
export interface LogFlags {
  readonly since?: string | undefined;
  readonly lines?: number | undefined;
  readonly level?: string | undefined;
  readonly grep?: string | undefined;
  readonly file?: string | undefined;
  readonly follow: boolean;
}

export type LogRequest = Pick<SourceOptions, 'since' | 'lines' | 'level' | 'pattern' | 'file' | 'follow'>;

/** When neither `--since` nor `--lines` is given. */
const LINES = { read: 100, follow: 10 };
/** They are kept in memory until the last one is known. */
const MOST_LINES = 100_000;

/** @throws Failure (usage) */
export function logRequest({ since, lines, level, grep, file, follow }: LogFlags): LogRequest {
  if (since !== undefined && lines !== undefined)
    throw new Failure('usage', 'since_and_lines', 'give either --since or --lines', {
      hint: '--since counts by time, --lines by entries.',
    });
  if (lines !== undefined && !(Number.isInteger(lines) && lines >= 0 && lines <= MOST_LINES))
    throw new Failure('usage', 'bad_lines', `--lines is no number from 0 to ${MOST_LINES}`, {
      hint: 'For more, give --since.',
    });
  return {
    since: since === undefined ? undefined : parseSince(since),
    lines: since === undefined ? (lines ?? (follow ? LINES.follow : LINES.read)) : undefined,
    level: LOG_LEVELS.find((one): one is LogLevel => one === level),
    pattern: grep === undefined ? undefined : parsePattern(grep),
    file: file === undefined ? undefined : logPath(file, '--file'),
    follow,
  };
}

/** Days too, which other durations have no use for. */
function parseSince(text: string): number {
  const days = /^(\d+(?:\.\d+)?)d$/.exec(text.trim());
  return days ? Number(days[1]) * 86_400_000 : parseDuration(text, '--since');
}

function parsePattern(text: string): RegExp {
  try {
    return new RegExp(text, 'u');
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.replace(/^Invalid regular expression: /, '') : '';
    throw new Failure('usage', 'bad_pattern', `--grep is no regular expression: ${reason}`, {
      hint: 'It is one of JavaScript; characters such as ( [ . * stand for themselves behind a backslash.',
      cause,
    });
  }
}

/** @throws Failure (usage) for what the answers of the host, which are lines, could not carry */
export function logPath(text: string, flag: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  if (text.startsWith('/') && !/[\u0000-\u001f\u007f]/.test(text)) return text;
  throw new Failure('usage', 'bad_path', `${flag} is no absolute path`, {
    hint: 'Give the path of the log on the hosts, such as /var/log/vernemq/console.log.',
  });
}
