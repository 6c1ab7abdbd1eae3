import { randomBytes } from 'node:crypto';
import { expel, joinAtOnce } from '../membership/membership.js';
import type { SimulatedNode } from '../node/node.js';
import type { Outage } from './outage.js';

/** Faults of a node itself, or of its membership. */
export const nodeOutages: readonly Outage[] = [
  {
    name: 'stopped',
    summary: 'it is stopped',
    set: (node) => node.stop(),
    clear: (node) => node.start(),
  },
  {
    name: 'killed',
    summary: 'its process is killed',
    set: (node) => node.halt(),
    clear: (node) => node.start(),
  },
  {
    name: 'frozen',
    summary: 'its process stands still; the others notice only after more than a minute',
    set: async (node) => node.freeze(),
    clear: async (node) => node.thaw(),
  },
  {
    name: 'cookie-changed',
    summary: 'it was started again with another cookie',
    set: async (node) => changeCookie(node),
    clear: async (node, others) => restoreCookie(node, others),
  },
  {
    name: 'cookie-before-join',
    summary: 'it has another cookie, and has not been joined',
    set: async (node, others) => {
      await takeOut(node, others);
      await startEmpty(node);
      changeCookie(node);
    },
    clear: async (node, others) => {
      restoreCookie(node, others);
      takeIn(node, others);
    },
  },
  {
    name: 'wiped',
    summary: 'its data was wiped, and it was started again under its name',
    set: startEmpty,
    clear: async (node, others) => takeIn(node, others),
  },
  {
    name: 'wiped-and-joined',
    summary: 'its data was wiped, and its join does not arrive',
    set: startEmpty,
    clear: async (node, others) => takeIn(node, others),
  },
  {
    name: 'expelled',
    summary: 'it was taken out as dead, and was started again with its old data',
    set: async (node, others) => {
      await takeOut(node, others);
      await node.start();
    },
    clear: async (node, others) => {
      await startEmpty(node);
      takeIn(node, others);
    },
  },
];

/** Its process is ended, and the others forget it. */
async function takeOut(node: SimulatedNode, [other]: readonly SimulatedNode[]): Promise<void> {
  await node.halt();
  if (other) expel(other, node.name);
}

async function startEmpty(node: SimulatedNode): Promise<void> {
  await node.halt();
  node.wipe();
  await node.start();
}

const takeIn = (node: SimulatedNode, others: readonly SimulatedNode[]): void => joinAtOnce([...others, node]);

function changeCookie({ links }: SimulatedNode): void {
  links.cookie = randomBytes(16).toString('hex');
}

function restoreCookie({ links }: SimulatedNode, [other]: readonly SimulatedNode[]): void {
  if (other) links.cookie = other.links.cookie;
}
