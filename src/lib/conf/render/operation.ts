import { readSecret } from '../../context/secret-source.js';
import { Failure } from '../../failure.js';
import type { Secret } from '../../secret.js';
import type { Finding } from '../lint/finding.js';
import { lintCluster } from '../lint/lint.js';
import type { BrokerVersion } from '../versions.js';
import { parseDescription } from './parse-description.js';
import { type RenderedNode, renderCluster, secretSources } from './render.js';

export interface RenderRequest {
  /** What the description is called in messages. */
  readonly file: string;
  /** The description itself. */
  readonly text: string;
  readonly brokerVersion: BrokerVersion;
}

/**
 * Writes vernemq.conf of each node that a description speaks of, and looks it through.
 *
 * @returns with the warnings that there are
 * @throws Failure: data (a bad description, something critical in what comes of it); those of the secrets
 */
export async function renderChecked(
  { file, text, brokerVersion }: RenderRequest,
  environment: NodeJS.ProcessEnv,
): Promise<{ readonly nodes: readonly RenderedNode[]; readonly findings: readonly Finding[] }> {
  const description = parseDescription(text, file);
  const secrets = new Map<string, Secret>();
  for (const [source, what] of secretSources(description))
    secrets.set(source, await readSecret(source, what, environment));
  const nodes = renderCluster(description, secrets, brokerVersion);
  const configurations = nodes.map((node) => ({
    origin: node.name,
    vernemqConf: { path: node.name, text: node.text },
  }));
  const { findings } = lintCluster(configurations, { brokerVersion });
  const critical = findings.filter(({ severity }) => severity === 'critical');
  if (critical.length > 0) throw refused(file, critical);
  return { nodes, findings };
}

function refused(file: string, critical: readonly Finding[]): Failure {
  const [first] = critical;
  const others = critical.length > 1 ? ` There are ${critical.length - 1} more: see --json.` : '';
  return new Failure(
    'data',
    'critical_findings',
    `${file} would give ${first?.nodes.join(', ')} a critical fault: ${first?.key ?? ''}: ${first?.message}`,
    { hint: `${first?.cure}${others}`, details: { findings: critical } },
  );
}
