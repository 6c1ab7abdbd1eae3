import type { Problem } from '../../cluster/problems/problem.js';
import type { Member } from '../../cluster/view.js';
import type { WatchState } from '../../cluster/watch/state.js';
import { displayWidth } from '../printable.js';
import { cell, type Tone } from '../view.js';
import type { Glyphs } from './glyphs.js';
import { type Line, nodeTable } from './node-table.js';
import { compact, cutEnd, takeColumns, wrap } from './text.js';

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Below this there is room for sentences, and for no table. */
const SMALLEST = { width: 24, height: 6 };
/** Header, totals, titles of the table, and the blank lines between. */
const FIXED_LINES = 5;

/** What a terminal of this size shows: never more lines than it has, nor a wider one. */
export function frame(state: WatchState, size: Size, glyphs: Glyphs, keys: string): Line[] {
  const { width, height } = size;
  if (width < 1 || height < 1) return [];
  const problems = problemLines(state, width, glyphs);
  const header = headerLine(state, width, keys);
  if (width < SMALLEST.width || height < SMALLEST.height)
    return cutLines([header, totalsLine(state), ...problems].slice(0, height), width, glyphs);
  const { members } = state.report.view;
  const room = height - FIXED_LINES;
  const forProblems = Math.min(problems.length, Math.max(Math.floor(room / 2), room - members.length));
  const table = tableLines(state, room - forProblems, width, glyphs);
  const lines = [
    header,
    totalsLine(state),
    [],
    ...table,
    [],
    ...shortened(problems, forProblems, 'more lines', glyphs),
  ];
  return cutLines(lines, width, glyphs);
}

function headerLine(state: WatchState, width: number, keys: string): Line {
  const { report, silence, at } = state;
  const { members } = report.view;
  const time = new Date(at).toTimeString().slice(0, 8);
  const nodes = `${members.length} ${members.length === 1 ? 'node' : 'nodes'}`;
  const [text, tone] = silence
    ? [`no node answers since ${time}`, 'bad' as Tone]
    : report.healthy
      ? [`healthy, ${nodes}`, 'good' as Tone]
      : [`not healthy, ${nodes}`, 'bad' as Tone];
  const right = `${silence ? '' : `${time}  `}${keys}`;
  const gap = width - displayWidth(text) - displayWidth(right);
  return gap < 2 ? [cell(text, tone)] : [cell(text, tone), cell(' '.repeat(gap)), cell(right, 'dim')];
}

/** Of the nodes that tell; what a node does not tell is no zero. */
function totalsLine({ report, rates }: WatchState): Line {
  const counters = report.view.members.flatMap(({ own }) => own?.counters ?? []);
  const sum = (values: readonly (number | null)[]) => {
    const known = values.filter((value) => value !== null);
    return known.length === 0 ? '?' : compact(known.reduce((total, value) => total + value, 0));
  };
  const queued = [...report.queued.values()];
  const estimated = queued.some(({ exact }) => !exact) ? '~' : '';
  return [
    cell(
      [
        `${sum(counters.map(({ online }) => online))} online`,
        `${sum(counters.map(({ offline }) => offline))} offline`,
        `${sum([...rates.values()].map((rate) => rate.in))} in/s`,
        `${sum([...rates.values()].map((rate) => rate.out))} out/s`,
        `${estimated}${sum(queued.map(({ messages }) => messages))} queued`,
      ].join('   '),
    ),
  ];
}

/** Where not all have room, those that are in trouble come first. */
function tableLines(state: WatchState, room: number, width: number, glyphs: Glyphs): Line[] {
  const { members } = state.report.view;
  if (members.length <= room) return nodeTable(state, members, width, glyphs);
  const isWell = ({ running, own }: Member) => Number(running === 'yes' && own !== null);
  const sorted = [...members].sort((one, other) => isWell(one) - isWell(other));
  const shown = Math.max(0, room - 1);
  const more = `${glyphs.cut} ${members.length - shown} more ${shown === 0 ? '' : 'nodes'}`.trimEnd();
  return [...nodeTable(state, sorted.slice(0, shown), width, glyphs), [cell(more, 'dim')]];
}

const TONES: Readonly<Record<Problem['severity'], Tone>> = { error: 'bad', warning: 'warning' };

function problemLines({ report, silence }: WatchState, width: number, glyphs: Glyphs): Line[] {
  const paragraph = (first: string, text: string, tone: Tone) =>
    wrap(first, text, width, glyphs.cut).map((line): Line => [cell(line, tone)]);
  const explained = ({ message, hint }: { message: string; hint?: string | undefined }, tone: Tone) => [
    ...paragraph('', message, tone),
    ...(hint === undefined ? [] : paragraph('  -> ', hint, 'dim')),
  ];
  if (silence) return explained(silence, 'bad');
  return report.problems.flatMap(({ severity, message, hint }) =>
    explained({ message: `${severity}: ${message}`, hint }, TONES[severity]),
  );
}

function shortened(lines: readonly Line[], room: number, what: string, glyphs: Glyphs): Line[] {
  if (lines.length <= room) return [...lines];
  if (room <= 0) return [];
  return [...lines.slice(0, room - 1), [cell(`${glyphs.cut} ${lines.length - room + 1} ${what}`, 'dim')]];
}

/** Nothing is wider than the terminal, whatever has been put into a line. */
function cutLines(lines: readonly Line[], width: number, glyphs: Glyphs): Line[] {
  return lines.map((line) => {
    const fitting: Line[number][] = [];
    let left = width;
    for (const { text, tone } of line) {
      if (left <= 0) break;
      const part = line.length === 1 ? cutEnd(text, left, glyphs.cut) : takeColumns(text, left);
      fitting.push({ text: part, tone });
      left -= displayWidth(part);
    }
    return fitting;
  });
}
