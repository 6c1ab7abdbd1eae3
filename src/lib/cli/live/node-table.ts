import type { Member } from '../../cluster/view.js';
import type { Past, WatchState } from '../../cluster/watch/state.js';
import { displayWidth, printable } from '../printable.js';
import { type Cell, cell, type Tone } from '../view.js';
import type { Glyphs } from './glyphs.js';
import { sparkline } from './sparkline.js';
import { compact, cutMiddle, padEnd, padStart } from './text.js';

/** A line of the screen: pieces that stand side by side. */
export type Line = readonly Cell[];

type Measured = keyof Past;

interface Column {
  readonly title: string;
  readonly width: number;
  /** What is shown of one node. */
  readonly value: (member: Member, state: WatchState) => Cell;
  /** What its sparkline shows. */
  readonly series?: Measured;
}

/** The narrowest that a name is still of use. */
const NARROWEST_NAME = 10;
const LONGEST_SPARKLINE = 40;
const SHORTEST_SPARKLINE = 4;

const RUNNING: Readonly<Record<Member['running'], Tone>> = { yes: 'good', no: 'bad', split: 'bad' };

const count = (value: number | null | undefined) => cell(value == null ? '?' : compact(value));

const rate = (which: 'in' | 'out') => (member: Member, state: WatchState) =>
  count(state.rates.get(member.name)?.[which]);

/** In the order in which they are given up where there is no room. */
const DISPENSABLE = ['OFFLINE', 'OUT/s', 'IN/s', 'QUEUED', 'ONLINE', 'RUNS'];

const COLUMNS: readonly Column[] = [
  { title: 'RUNS', width: 5, value: ({ running }) => cell(running, RUNNING[running]) },
  { title: 'ONLINE', width: 6, value: ({ own }) => count(own?.counters?.online) },
  { title: 'OFFLINE', width: 7, value: ({ own }) => count(own?.counters?.offline) },
  { title: 'IN/s', width: 5, value: rate('in'), series: 'in' },
  { title: 'OUT/s', width: 5, value: rate('out'), series: 'out' },
  { title: 'QUEUED', width: 6, value: queuedCell, series: 'queued' },
];

function queuedCell({ name }: Member, { report }: WatchState): Cell {
  const held = report.queued.get(name);
  return held ? cell(`${held.exact ? '' : '~'}${compact(held.messages)}`) : cell('?');
}

interface Layout {
  readonly names: ReadonlyMap<string, string>;
  readonly nameWidth: number;
  readonly columns: readonly Column[];
  readonly sparkWidth: number;
}

/** A line of titles and one for each member. */
export function nodeTable(
  state: WatchState,
  members: readonly Member[],
  width: number,
  glyphs: Glyphs,
): Line[] {
  const layout = layOut(members, width, glyphs);
  const title = [
    padEnd('NODE', layout.nameWidth).slice(0, layout.nameWidth),
    ...layout.columns.map((column) => `  ${padStart(column.title, column.width)}${spaceOf(column, layout)}`),
  ].join('');
  const most = highest(state);
  return [[cell(title, 'dim')], ...members.map((member) => rowOf(member, state, layout, most, glyphs))];
}

function rowOf(
  member: Member,
  state: WatchState,
  layout: Layout,
  most: Readonly<Record<Measured, number>>,
  glyphs: Glyphs,
): Line {
  const past = state.pasts.get(member.name);
  const cells = layout.columns.flatMap((column) => {
    const { text, tone } = column.value(member, state);
    const value = cell(`  ${padStart(text, column.width)}`, state.silence ? 'dim' : tone);
    const { series } = column;
    if (series === undefined || layout.sparkWidth === 0) return [value];
    const drawn = sparkline(past?.[series] ?? [], layout.sparkWidth, most[series], glyphs);
    return [value, cell(` ${drawn}`, 'dim')];
  });
  return [cell(padEnd(layout.names.get(member.name) ?? '', layout.nameWidth)), ...cells];
}

const spaceOf = ({ series }: Column, { sparkWidth }: Layout) =>
  series === undefined || sparkWidth === 0 ? '' : ' '.repeat(sparkWidth + 1);

/** Names get what they need as far as there is room; sparklines share what is left. */
function layOut(members: readonly Member[], width: number, glyphs: Glyphs): Layout {
  let columns = COLUMNS;
  for (const title of DISPENSABLE) {
    if (NARROWEST_NAME + widthOf(columns) <= width) break;
    columns = columns.filter((column) => column.title !== title);
  }
  const room = Math.max(1, width - widthOf(columns));
  const measured = columns.filter(({ series }) => series !== undefined).length;
  const full = members.map(({ name }) => printable(name));
  const isCrowded = longest(full) > room;
  const short = isCrowded ? withoutCommonStart(full) : full;
  const nameWidth = Math.min(Math.max(4, longest(short)), room);
  const spare = measured === 0 ? 0 : Math.floor((room - nameWidth) / measured) - 1;
  const names = members.map(
    ({ name }, index) => [name, cutMiddle(short[index] ?? '', nameWidth, glyphs.cut)] as const,
  );
  const sparkWidth = spare < SHORTEST_SPARKLINE ? 0 : Math.min(LONGEST_SPARKLINE, spare);
  return { names: new Map(names), nameWidth, columns, sparkWidth };
}

const widthOf = (columns: readonly Column[]) => columns.reduce((sum, { width }) => sum + width + 2, 0);
const longest = (texts: readonly string[]) => Math.max(0, ...texts.map(displayWidth));

/** What all have before the `@` tells none from another. */
function withoutCommonStart(names: readonly string[]): readonly string[] {
  const starts = new Set(names.map((name) => name.slice(0, name.indexOf('@') + 1)));
  return starts.size === 1 ? names.map((name) => name.slice(name.indexOf('@') + 1)) : names;
}

/** One scale for all nodes, so that they can be compared. */
function highest({ pasts }: WatchState): Readonly<Record<Measured, number>> {
  const of = (which: Measured) =>
    [...pasts.values()].reduce(
      (most, past) => past[which].reduce<number>((top, value) => Math.max(top, value ?? 0), most),
      0,
    );
  return { in: of('in'), out: of('out'), queued: of('queued') };
}
