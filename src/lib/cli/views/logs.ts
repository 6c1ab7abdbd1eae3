import type { LogRecord } from '../../logs/record.js';
import { formatStamp } from '../../logs/stamp.js';
import { displayWidth, printable } from '../printable.js';

export interface LogStyle {
  /** All nodes that lines will come from, as the records name them. */
  readonly nodes: readonly string[];
  readonly colour: boolean;
  /** For eyes: names as wide as the widest of them. */
  readonly aligned: boolean;
}

/** In the order in which nodes get them; red and yellow stand for levels. */
const COLOURS = [
  'cyan',
  'green',
  'magenta',
  'blue',
  'cyanBright',
  'greenBright',
  'magentaBright',
  'blueBright',
] as const;

/** Turns entries into lines for people: `node | line`, each node in a colour of its own. */
export async function logDrawer({
  nodes,
  colour,
  aligned,
}: LogStyle): Promise<(records: readonly LogRecord[]) => string> {
  const { Chalk } = await import('chalk');
  const chalk = new Chalk({ level: colour ? 1 : 0 });
  const width = aligned ? Math.max(0, ...nodes.map((node) => displayWidth(printable(node)))) : 0;
  const fronts = new Map(
    nodes.map((node, index) => {
      const name = printable(node);
      const padding = ' '.repeat(Math.max(0, width - displayWidth(name)));
      const paint = chalk[COLOURS[index % COLOURS.length] ?? 'cyan'];
      return [node, `${paint(`${name}${padding} ${aligned ? '│' : '|'}`)} `];
    }),
  );
  const draw = (record: LogRecord) => {
    const front = fronts.get(record.node) ?? '';
    const paint = paintOf(record.level);
    return record.text.split('\n').map((line) => `${front}${paint(printable(line))}\n`);
  };
  const paintOf = (level: LogRecord['level']) => {
    if (level === 'warning') return chalk.yellow;
    return level === undefined || CALM.has(level) ? (text: string) => text : chalk.red;
  };
  return (records) => records.flatMap(draw).join('');
}

const CALM: ReadonlySet<string> = new Set(['debug', 'info', 'notice']);

/** One entry as one line of JSON. */
export function logJson(record: LogRecord): string {
  const { node, time, level, pid, module, function: name, line, message } = record;
  const stamp = time === undefined ? null : formatStamp(time);
  return `${JSON.stringify({
    schema: 'vmqctl.log-record/1',
    node,
    time: stamp,
    level: level ?? null,
    pid: pid ?? null,
    module: module ?? null,
    function: name ?? null,
    line: line ?? null,
    message,
  })}\n`;
}
