import type { Problem } from '../../problems/problem.js';
import type { ClusterView } from '../../view.js';
import type { Cause } from '../causes/cause.js';
import type { Check } from '../check.js';
import { type Finding, ok, unknown } from '../finding.js';
import type { Survey } from '../survey.js';

const GHOSTS = ['ghost'];
const SPLITS = ['one_sided_view', 'lost_link', 'undecided'];
const PARTITIONS = ['netsplit', 'separate_clusters'];
const ELSEWHERE = [
  ...GHOSTS,
  ...SPLITS,
  ...PARTITIONS,
  'version_skew',
  'listeners_suspended',
  'no_mqtt_listener',
];

const about = (
  name: string,
  summary: string,
  covers: (code: string) => boolean,
  fine: (survey: Survey) => string | Finding,
): Check => ({
  name,
  about: summary,
  run: async (survey) => fromProblems(survey, covers, fine(survey)),
});

/** What the mutual view itself shows, in four kinds. */
export const viewChecks: readonly Check[] = [
  about(
    'views',
    'Every member lists and sees every other one, and answers',
    (code) => !ELSEWHERE.includes(code),
    ({ evidence }) => judgeViews(evidence.view),
  ),
  about(
    'ghosts',
    'No member is dead',
    (code) => GHOSTS.includes(code),
    () => 'no member is dead',
  ),
  about(
    'splits',
    'No link works in one direction only',
    (code) => SPLITS.includes(code),
    () => 'no link is one-sided',
  ),
  about(
    'partitions',
    'The cluster is in one part',
    (code) => PARTITIONS.includes(code),
    ({ evidence: { view } }) => `one part: ${view.observers.join(', ')}`,
  ),
];

/** Views that are missing may be other ones. */
export function judgeViews({ observers, members }: Pick<ClusterView, 'observers' | 'members'>): Finding {
  const said = `${observers.length} of ${members.length} members give the same view`;
  // A dead member has no view, and is told by itself.
  const silent = members.filter(({ name, running }) => running !== 'no' && !observers.includes(name));
  if (silent.length === 0) return ok(said);
  return unknown(
    said,
    silent.map(({ name }) => `${name}: it does not answer here, though others see it run`),
    'Name a URL of each with --node, or see with vmqctl cluster show why it does not answer.',
  );
}

function fromProblems(
  { problems, causes }: Survey,
  covers: (code: string) => boolean,
  fine: string | Finding,
): Finding {
  const [first, ...more] = problems.filter(({ code }) => covers(code));
  if (!first) return typeof fine === 'string' ? ok(fine) : fine;
  const cause = causes.find((one) => explains(one, first));
  return {
    status: first.severity === 'error' ? 'critical' : 'warn',
    summary: first.message,
    evidence: more.map(({ message }) => message),
    ...(cause ? { cause: `${cause.code}: ${cause.message}` } : {}),
    cure: cause?.cure ?? first.hint,
    nodes: first.nodes,
  };
}

/** The cause of a problem is at one of its nodes. */
export const explains = (cause: Cause, { nodes }: Pick<Problem, 'nodes'>): boolean =>
  cause.nodes.some((node) => nodes.includes(node));
