import type { Clock } from '../../clock.js';
import type { Secret } from '../../secret.js';
import type { SshHost } from '../../ssh/host.js';
import { hostUrlFor } from '../host-urls.js';
import { DIALS, dialErlang, dialPort, PORT_PATIENCE, readCertificateEnd } from './ports.js';
import type { Probes } from './probes.js';

/** Fetches that one log may take. */
const PATIENCE = 2;

export interface MachineOptions {
  readonly erlang: { readonly cookie?: Secret | undefined; readonly epmdPort?: number | undefined };
  /** URLs that the operator gave. */
  readonly seeds: readonly string[];
  readonly vmqAdmin: { readonly sudo?: boolean | undefined; readonly prefix?: readonly string[] | undefined };
  readonly clock: Clock;
  host(url: string): SshHost;
}

/** Looks from this machine, at hosts over SSH where the nodes are reached so. */
export function machineProbes({ erlang, seeds, vmqAdmin, clock, host }: MachineOptions): Probes {
  return {
    dial: dialPort,
    dialFrom: async (node, places, { deadline, signal }) => {
      const url = hostUrlFor(node, seeds);
      if (url === undefined) return undefined;
      const { tryFromHost } = await import('../ports/remote.js');
      const { sudo = false, prefix = [] } = vmqAdmin;
      const patience = Math.min(deadline || PORT_PATIENCE, PORT_PATIENCE);
      // Connecting takes no rights; getting into a container may.
      const shell = { signal, prefix, sudo: sudo && prefix.length > 0 };
      const { verdicts } = await tryFromHost(host(url), places, { ...shell, deadline: patience });
      return verdicts.map(({ state }) => DIALS[state]);
    },
    erlang: (node, options) => dialErlang(node, options, erlang),
    certificateEnd: readCertificateEnd,
    log: async (node, address, { deadline, signal }) => {
      const url = hostUrlFor({ name: node, address }, seeds);
      if (url === undefined) return undefined;
      const { readSigns } = await import('./log-probe.js');
      const { sudo = false, prefix } = vmqAdmin;
      const late = AbortSignal.timeout(PATIENCE * deadline);
      const until = signal ? AbortSignal.any([signal, late]) : late;
      const signs = await readSigns(node, host(url), { sudo, prefix, deadline }, clock, until);
      // Half a log would hide what came after it.
      return until.aborted ? undefined : signs;
    },
  };
}
