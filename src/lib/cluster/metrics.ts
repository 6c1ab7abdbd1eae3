import type { AdminReply } from '../admin/rpc.js';

/** One number of a node. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** The metrics of one node at one moment. */
export class Metrics {
  constructor(
    readonly samples: readonly Sample[],
    /** Milliseconds, of whatever clock read them. */
    readonly at: number,
  ) {}

  /**
   * The sum of a metric over its labels; undefined where the node does not have it.
   *
   * @param name without the namespace that `prometheus_namespace` puts before it
   */
  total(name: string, matches: (labels: Sample['labels']) => boolean = () => true): number | undefined {
    const found = this.samples.filter(
      (sample) => (sample.name === name || sample.name.endsWith(`_${name}`)) && matches(sample.labels),
    );
    return found.length === 0 ? undefined : found.reduce((sum, { value }) => sum + value, 0);
  }
}

const PROMETHEUS = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (-?[\d.e+]+)$/;
const LABEL = /([\w]+)="((?:[^"\\]|\\.)*)"/g;

/** Reads `/metrics`. What is no sample is passed over. */
export function readPrometheus(text: string, at: number): Metrics {
  const samples = text.split('\n').flatMap((line) => {
    const [, name, labels = '', value] = PROMETHEUS.exec(line.trim()) ?? [];
    if (name === undefined) return [];
    const pairs = [...labels.matchAll(LABEL)].map(([, key = '', text = '']) => [key, text]);
    return [{ name, labels: Object.fromEntries(pairs), value: Number(value) }];
  });
  return new Metrics(samples, at);
}

const SHOWN = /^(?:counter|gauge|histogram)\.(\S+) = (-?[\d.e+]+)$/;

/** Reads what `metrics show` writes: there are no labels in it. */
export function readShown(text: string, at: number): Metrics {
  const samples = text.split('\n').flatMap((line) => {
    const [, name, value] = SHOWN.exec(line.trim()) ?? [];
    return name === undefined ? [] : [{ name, labels: {}, value: Number(value) }];
  });
  return new Metrics(samples, at);
}

/** What a node's answer to `metrics show` says. */
export const shownIn = ({ elements }: AdminReply, at: number): Metrics =>
  readShown(elements.flatMap((element) => (element.type === 'text' ? element.text : [])).join('\n'), at);
