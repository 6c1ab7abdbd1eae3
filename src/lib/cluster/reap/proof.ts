import { refuse } from '../refuse.js';
import type { ReapOptions } from './options.js';
import type { Sign } from './signs.js';

export interface ReapTarget {
  readonly name: string;
  /** The members that list it, and as not running. */
  readonly missedBy: readonly string[];
  /** What its addresses answered here. */
  readonly signs: readonly Sign[];
}

type Consent = Pick<ReapOptions, 'allowUnprovenDeath'>;

/** @throws Failure (safety) where one of them, or something that may be one, answers */
export function refuseSignsOfLife(targets: readonly ReapTarget[], { allowUnprovenDeath }: Consent): void {
  for (const { name, signs } of targets) {
    const found = signs.find(({ found }) => found === 'alive');
    if (found) throw alive(name, `${found.address} answers`);
    const doubt = signs.find(({ found }) => found === 'answers');
    if (!doubt || allowUnprovenDeath) continue;
    throw refuse(
      'something_answers',
      `${name} may be alive: at ${doubt.address} there is something (${doubt.said})`,
      'A frozen node looks like this. Look at its host; stop the node for good, or, if that is something else, add --allow-unproven-death.',
    );
  }
}

const isProven = ({ signs }: ReapTarget) => signs.some(({ found }) => found === 'silent');

const areFew = (targets: readonly ReapTarget[], survivors: readonly string[]) =>
  survivors.length <= targets.length;

/**
 * A part of a split cluster that is not the larger one may be wrong about the others.
 *
 * @throws Failure (safety)
 */
export function refuseUnproven(
  targets: readonly ReapTarget[],
  survivors: readonly string[],
  { allowUnprovenDeath }: Consent,
): void {
  const [unproven] = targets.filter((target) => !isProven(target));
  if (!unproven || allowUnprovenDeath || !areFew(targets, survivors)) return;
  throw refuse(
    'death_unproven',
    `only ${survivors.join(', ')} ${survivors.length === 1 ? 'says' : 'say'} that ${unproven.name} is dead, which is no majority, and no address of it could be tried from here`,
    'It may be alive on the other side of a split network. Name its URL with another --node, or look at its host and add --allow-unproven-death.',
  );
}

export function proofWarnings(targets: readonly ReapTarget[], survivors: readonly string[]): string[] {
  const unproven = targets.filter((target) => !isProven(target)).map(({ name }) => name);
  return [
    ...(unproven.length > 0
      ? [
          `no address of ${unproven.join(', ')} could be tried from here: that ${unproven.length === 1 ? 'it is' : 'they are'} dead only the members say; to have it tried, name its URL with another --node`,
        ]
      : []),
    ...(targets.length > 0 && areFew(targets, survivors)
      ? [
          'those that are left are no majority: make sure that the others are not alive on the other side of a split network',
        ]
      : []),
  ];
}

export const alive = (node: string, why: string) =>
  refuse(
    'node_alive',
    `${node} is not dead: ${why}`,
    'A living node is taken out with vmqctl cluster leave. See who sees whom with vmqctl cluster show.',
  );
