import type { Finding } from '../../conf/lint/finding.js';
import { redactVernemqConf } from '../../conf/redact.js';
import type { PlannedFile } from '../../conf/render/write.js';
import type { Format } from '../render.js';
import { type Note, note, type View } from '../view.js';

export interface ConfRenderReport {
  readonly files: readonly PlannedFile[];
  readonly findings: readonly Finding[];
  readonly dryRun: boolean;
}

/** What was written where; of a dry run, all of it but the secrets. The document is `vmqctl.conf-render/1`. */
export function confRenderView({ files, findings, dryRun }: ConfRenderReport, format: Format): View {
  return {
    document: {
      schema: 'vmqctl.conf-render/1',
      written: !dryRun,
      files: files.map(({ node, path, state, text }) => ({
        node,
        path,
        state,
        ...(dryRun ? { text: redactVernemqConf(text).text } : {}),
      })),
      findings,
    },
    ...(dryRun && format === 'table'
      ? { above: files.flatMap(preview) }
      : {
          table: {
            columns: ['Node', 'File', 'State'],
            rows: files.map(({ node, path, state }) => [node, path, state]),
          },
        }),
    below: [
      ...findings.flatMap(warningNotes),
      dryRun ? note('dry run: nothing was written', 'dim') : handOver,
    ],
  };
}

const handOver = note(
  'On each host: owner vernemq, mode 0600, in place of /etc/vernemq/vernemq.conf. The cookie is in it.',
  'dim',
);

function preview({ path, state, text }: PlannedFile): Note[] {
  const lines = redactVernemqConf(text).text.trimEnd().split('\n');
  return [note(`${path}: ${state}`, 'good'), ...lines.map((line) => note(line)), note('')];
}

const warningNotes = ({ nodes, key, message, cure }: Finding): Note[] => [
  note(`warning: ${nodes.join(', ')}: ${key === null ? '' : `${key}: `}${message}`, 'warning'),
  note(`  -> ${cure}`, 'dim'),
];
