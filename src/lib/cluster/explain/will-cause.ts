import { grant } from './cures.js';
import type { Evidence } from './evidence.js';
import type { LogFinding } from './log-lines.js';
import { type Cause, list, logged, times } from './wording.js';

/** Milliseconds from the entry that names the topic to that which says that it was the last will. */
const TOGETHER = 100;

/** A broker asks for the right to the topic of a last will when the client connects, and refuses the CONNECT. */
export function willDenied(evidence: Evidence): Cause[] {
  const said = logged(evidence, 'will_denied');
  if (said.length === 0) return [];
  const topics = [
    ...new Set(
      logged(evidence, 'publish_denied')
        .filter((one) => isOfWill(evidence, one))
        .map(({ topic }) => topic),
    ),
  ];
  const where = topics.length > 0 ? ` to ${topics.join(', ')}` : '';
  return [
    {
      code: 'will_denied',
      confidence: 'certain',
      message: `its CONNECT was refused ${times(said.length)} because of its last will${where}: its ACL does not let it publish there (${list(said.map(({ reason }) => reason))})`,
      cure:
        topics.length > 0
          ? grant(evidence, topics)
          : 'Give it the right to publish to the topic of its last will, or take the will away.',
    },
  ];
}

/** Whether the PUBLISH that was refused is that of a last will. */
export const isOfWill = ({ findings }: Evidence, { node, time = 0 }: LogFinding): boolean =>
  findings.some((will) => {
    const after = (will.time ?? 0) - time;
    return will.kind === 'will_denied' && will.node === node && after >= 0 && after <= TOGETHER;
  });
