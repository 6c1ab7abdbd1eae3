import type { Finding } from './finding.js';
import type { Thresholds } from './options.js';
import type { Survey } from './survey.js';

/** One thing that can be wrong, looked at by itself. */
export interface Check {
  /** For `--only` and `--skip`, and for scripts: it does not change. */
  readonly name: string;
  /** What is the case when it is `ok`. */
  readonly about: string;
  run(survey: Survey, thresholds: Thresholds): Promise<Finding>;
}
