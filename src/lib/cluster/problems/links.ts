import type { ClusterView } from '../view.js';
import { list, type Problem } from './problem.js';
import { groups, sees } from './relations.js';

/** Living nodes that report each other as not running: the network between them is cut. */
export function partitions(view: ClusterView): Problem[] {
  const cut = view.observers.some((one) =>
    view.observers.some((other) => sees(view, one, other) === false && sees(view, other, one) === false),
  );
  if (!cut) return [];
  const sides = groups(
    view.observers,
    (one, other) => sees(view, one, other) === true && sees(view, other, one) === true,
  );
  if (sides.length < 2) return [];
  return [
    {
      code: 'netsplit',
      severity: 'error',
      message: `the cluster is split: ${sides.map(list).join(' | ')}; each side runs and reports the other as down`,
      hint: 'Check the Erlang ports (4369 and the distribution range), the cookie, and the address in listener.vmq.clustering on both sides. Do not join or leave anything now.',
      nodes: sides.flat(),
    },
  ];
}

export function oneSidedViews(view: ClusterView): Problem[] {
  return view.observers.flatMap((observer) => {
    const lost = view.observers.filter(
      (other) => sees(view, observer, other) === false && sees(view, other, observer) === true,
    );
    if (lost.length === 0) return [];
    return [
      {
        code: 'one_sided_view',
        severity: 'error' as const,
        message: `${observer} reports ${list(lost)} as not running, though ${list(lost)} ${lost.length === 1 ? 'runs and sees' : 'run and see'} it: the link works in one direction only`,
        hint: `Check listener.vmq.clustering on both: it must be an address that the other can dial, neither 0.0.0.0 nor 127.0.0.1 nor another machine's.`,
        nodes: [observer, ...lost],
      },
    ];
  });
}

/** Two that report each other as down while others still see both: no split of the whole, one link is lost. */
export function lostLinks(view: ClusterView): Problem[] {
  if (partitions(view).length > 0) return [];
  return view.observers.flatMap((one, index) =>
    view.observers
      .slice(index + 1)
      .filter((other) => sees(view, one, other) === false && sees(view, other, one) === false)
      .map((other) => ({
        code: 'lost_link',
        severity: 'error' as const,
        message: `${one} and ${other} report each other as not running, though others see both`,
        hint: 'Check the Erlang ports (4369 and the distribution range) and listener.vmq.clustering between these two.',
        nodes: [one, other],
      })),
  );
}

/** Alive for some and dead for others, and giving no view of its own that could decide it. */
export function undecided({ members }: ClusterView): Problem[] {
  return members
    .filter(({ running, own }) => running === 'split' && own === null)
    .map(({ name, seenBy }) => {
      const who = (wanted: boolean) =>
        list(Object.keys(seenBy).filter((observer) => seenBy[observer] === wanted));
      return {
        code: 'undecided',
        severity: 'error' as const,
        message: `${name} runs for ${who(true)} and not for ${who(false)}, and gives no view of its own`,
        hint: 'It may have just died: look again in a minute. If this lasts, reach it with its own --node URL.',
        nodes: [name],
      };
    });
}
