import type { ParsedKey } from 'ssh2';
import type { HostSettings } from '../config/settings.js';
import { agentIdentities, type Identity } from './agent.js';
import { type KeyFile, readKeyFile } from './key-file.js';
import type { UnlockedKeys } from './unlocked-keys.js';

/** Who has the passphrases. */
export type Unlocker = Pick<UnlockedKeys, 'unlock'>;

/** The keys for a host, in the order in which they are offered. */
export interface Identities {
  readonly offered: readonly Identity[];
  /** Of these not even the public half is known without the passphrase: asked for last. */
  readonly late: readonly (() => Promise<Identity>)[];
  /** Keys that cannot be offered, and why, for messages. */
  readonly skipped: readonly string[];
}

/**
 * Finds the keys as ssh does: those of the agent that the configuration names, the others of the agent, key files; here
 * those with a passphrase come last.
 *
 * @param unlocked undefined where nobody can be asked
 */
export async function findIdentities(
  settings: HostSettings,
  unlocked: Unlocker | undefined,
): Promise<Identities> {
  const skipped: string[] = [];
  const files = await Promise.all(
    settings.identityFiles.map(async (path) => ({ path, file: await readKeyFile(path) })),
  );
  const named = files.flatMap(({ file }) => publicOf(file) ?? []);
  const agent = await fromAgent(settings, named, skipped);
  const isInAgent = (file: KeyFile) =>
    isAmong(
      publicOf(file),
      agent.map(({ publicKey }) => publicKey),
    );
  const offered = [...agent];
  const locked: Identity[] = [];
  const late: (() => Promise<Identity>)[] = [];
  for (const { path, file } of files.filter((each) => !isInAgent(each.file))) {
    if (file.kind === 'ready') offered.push(fileIdentity(path, file.publicKey, async () => file.privateKey));
    else if (file.kind === 'unusable') skipped.push(`${path} (${file.reason})`);
    else if (file.kind === 'public') skipped.push(`${path} (only its public half is there)`);
    else if (file.kind === 'locked') {
      const { publicKey, text } = file;
      if (!unlocked) skipped.push(`${path} (has a passphrase, and nobody can be asked)`);
      else if (publicKey) locked.push(fileIdentity(path, publicKey, () => unlocked.unlock(path, text)));
      else late.push(async () => unlockedIdentity(path, await unlocked.unlock(path, text)));
    }
  }
  return { offered: [...offered, ...locked], late, skipped };
}

async function fromAgent(
  { agent, identitiesOnly }: HostSettings,
  named: readonly ParsedKey[],
  skipped: string[],
): Promise<Identity[]> {
  if (agent === undefined) return [];
  try {
    const all = await agentIdentities(agent);
    const isNamed = ({ publicKey }: Identity) => isAmong(publicKey, named);
    return [...all.filter(isNamed), ...(identitiesOnly ? [] : all.filter((each) => !isNamed(each)))];
  } catch {
    skipped.push(`the SSH agent (nobody answers at ${agent})`);
    return [];
  }
}

const publicOf = (file: KeyFile) => ('publicKey' in file ? file.publicKey : undefined);

const isAmong = (key: ParsedKey | undefined, keys: readonly ParsedKey[]): boolean =>
  key !== undefined && keys.some((other) => other.getPublicSSH().equals(key.getPublicSSH()));

const unlockedIdentity = (path: string, key: ParsedKey) => fileIdentity(path, key, async () => key);

function fileIdentity(label: string, publicKey: ParsedKey, privateKey: () => Promise<ParsedKey>): Identity {
  return {
    publicKey,
    label,
    sign: async (data, hash) => {
      const signature: Buffer | Error = (await privateKey()).sign(data, hash);
      if (signature instanceof Error) throw signature;
      return signature;
    },
  };
}
