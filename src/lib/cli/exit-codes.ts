import type { FailureKind } from '../failure.js';

/** The exit codes are a contract: README.md lists them, scripts depend on them. They follow sysexits where it has one. */
export const EXIT_CODES: Readonly<Record<FailureKind, number>> = {
  failed: 1,
  partial: 3,
  safety: 4,
  unhealthy: 10,
  usage: 64,
  data: 65,
  unreachable: 69,
  bug: 70,
  unknown: 75,
  credentials: 77,
  configuration: 78,
  interrupted: 130,
};
