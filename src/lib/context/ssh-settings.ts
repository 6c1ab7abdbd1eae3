import { splitWords } from '../admin/ssh/quote.js';
import type { VmqAdminOptions } from '../admin/ssh/vmq-admin-line.js';
import type { Secret } from '../secret.js';
import { arbitrate, arbitrateSecret, givenBy, type SelectedContext } from './precedence.js';
import { toSecret } from './secret-source.js';

/** How hosts are reached over SSH, besides what the OpenSSH configuration says, and what is run there. */
export interface SshSettings {
  /** OpenSSH configuration to read instead of the usual ones. */
  readonly configFile?: string | undefined;
  /** Fetched only if a host takes no key. */
  readonly password?: (() => Promise<Secret>) | undefined;
  readonly vmqAdmin: VmqAdminOptions;
}

/** The values of the SSH flags, with `VMQCTL_*` twins already filled in. */
export interface SshFlags {
  readonly 'ssh-config'?: string | undefined;
  readonly 'ssh-password-from'?: string | undefined;
  readonly 'ssh-prefix'?: string | undefined;
  readonly 'vmq-admin'?: string | undefined;
  readonly sudo?: boolean | undefined;
}

/** @throws Failure (usage) for a prefix that is no command */
export function sshSettings(
  flags: SshFlags,
  context: SelectedContext | undefined,
  environment: NodeJS.ProcessEnv,
): SshSettings {
  const { saved } = context ?? {};
  const pick = (value: string | undefined, twin: string | undefined, kept: string | undefined) =>
    arbitrate(givenBy(value, twin), kept, context);
  const prefix = pick(flags['ssh-prefix'], environment.VMQCTL_SSH_PREFIX, saved?.sshPrefix);
  return {
    configFile: pick(flags['ssh-config'], environment.VMQCTL_SSH_CONFIG, saved?.sshConfig),
    password: passwordReader(flags, context, environment),
    vmqAdmin: {
      path: pick(flags['vmq-admin'], environment.VMQCTL_VMQ_ADMIN, saved?.vmqAdmin),
      sudo: flags.sudo === true || saved?.sudo === true,
      prefix: prefix === undefined ? [] : splitWords(prefix, '--ssh-prefix'),
    },
  };
}

function passwordReader(
  flags: SshFlags,
  context: SelectedContext | undefined,
  environment: NodeJS.ProcessEnv,
): (() => Promise<Secret>) | undefined {
  const { VMQCTL_SSH_PASSWORD: password, VMQCTL_SSH_PASSWORD_FROM: twin } = environment;
  const places = {
    flag: '--ssh-password-from',
    source: givenBy(flags['ssh-password-from'], twin),
    ambient: password ? toSecret(password, 'VMQCTL_SSH_PASSWORD') : undefined,
    saved: context?.saved.sshPasswordFrom,
  };
  const { source, ambient, saved } = places;
  if ((source.typed ?? source.twin ?? ambient ?? saved) === undefined) return undefined;
  let read: Promise<Secret> | undefined;
  return () => {
    // Standard input and a command are asked once, however many hosts there are.
    read ??= arbitrateSecret(places, context, environment).then(
      (secret) => secret ?? toSecret('', places.flag),
    );
    return read;
  };
}
