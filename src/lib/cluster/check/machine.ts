import type { Clock } from '../../clock.js';
import { findHostUrl } from '../../logs/hosts.js';
import type { Secret } from '../../secret.js';
import type { SshHost } from '../../ssh/host.js';
import { dialErlang, dialPort, readCertificateEnd } from './ports.js';
import type { Probes } from './probes.js';

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
    erlang: (node, options) => dialErlang(node, options, erlang),
    certificateEnd: readCertificateEnd,
    log: async (node, address, { deadline, signal = new AbortController().signal }) => {
      const url = findHostUrl(node, address, seeds);
      if (url === undefined) return undefined;
      const { readSigns } = await import('./log-probe.js');
      const { sudo = false, prefix } = vmqAdmin;
      return await readSigns(node, host(url), { sudo, prefix, deadline }, clock, signal);
    },
  };
}
