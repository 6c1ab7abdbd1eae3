import { Failure } from '../../failure.js';
import { didYouMean } from '../../suggest.js';
import type { SimulatedNode } from '../node/node.js';
import { linkOutages } from './links.js';
import { nodeOutages } from './nodes.js';
import type { Outage } from './outage.js';

export const OUTAGES: readonly Outage[] = [...linkOutages, ...nodeOutages];

/** An outage that a node has. */
export interface ActiveOutage {
  readonly fault: string;
  readonly node: string;
}

interface Entry extends ActiveOutage {
  readonly outage: Outage;
  readonly of: SimulatedNode;
  readonly others: readonly SimulatedNode[];
}

/** The outages that are set. They are set and cleared one after the other. */
export class OutageSet {
  private entries: readonly Entry[] = [];
  private work: Promise<unknown> = Promise.resolve();

  constructor(private readonly nodes: () => readonly SimulatedNode[]) {}

  get active(): readonly ActiveOutage[] {
    return this.entries.map(({ fault, node }) => ({ fault, node }));
  }

  /** @throws Failure (usage) for a fault or node that there is none of; (safety) where the node has one already */
  set(fault: string, node: string): Promise<void> {
    return this.inTurn(async () => {
      const outage = findOutage(fault);
      const of = this.find(node);
      const set = this.entries.find((entry) => entry.of === of);
      if (set)
        throw new Failure('safety', 'fault_set', `${of.name} has the fault ${set.fault} already`, {
          hint: 'vmqctl sandbox fault --clear takes all faults away.',
        });
      const others = this.nodes().filter((one) => one !== of && of.members.includes(one.name));
      await outage.set(of, others);
      this.entries = [...this.entries, { fault, node: of.name, outage, of, others }];
    });
  }

  /**
   * Takes faults away, the last one first.
   *
   * @param fault one of this name alone @param node of this one alone
   * @returns those that were taken away
   */
  clear(fault?: string, node?: string): Promise<readonly ActiveOutage[]> {
    return this.inTurn(async () => {
      if (fault !== undefined) findOutage(fault);
      const name = node === undefined ? undefined : this.find(node).name;
      const meant = this.entries.filter(
        (entry) => (fault ?? entry.fault) === entry.fault && (name ?? entry.node) === entry.node,
      );
      for (const entry of meant.toReversed()) {
        await entry.outage.clear(entry.of, entry.others);
        this.entries = this.entries.filter((one) => one !== entry);
      }
      return meant.map((entry) => ({ fault: entry.fault, node: entry.node }));
    });
  }

  private find(name: string): SimulatedNode {
    const nodes = this.nodes();
    const names = nodes.map((node) => node.name);
    const found = nodes.find((node) => node.name === name || node.name.startsWith(`${name}@`));
    if (found) return found;
    throw new Failure('usage', 'unknown_node', `the sandbox has no node ${name}${didYouMean(name, names)}`, {
      hint: `Its nodes are: ${names.join(', ')}.`,
    });
  }

  private inTurn<Result>(act: () => Promise<Result>): Promise<Result> {
    const done = this.work.then(act);
    // The next one does not care how this one ended: whoever asked is told.
    this.work = done.catch(() => undefined);
    return done;
  }
}

function findOutage(name: string): Outage {
  const found = OUTAGES.find((outage) => outage.name === name);
  if (found) return found;
  const names = OUTAGES.map((outage) => outage.name);
  throw new Failure('usage', 'unknown_fault', `there is no fault ${name}${didYouMean(name, names)}`, {
    hint: `The faults are: ${names.join(', ')}.`,
  });
}
