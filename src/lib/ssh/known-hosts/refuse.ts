import { Failure } from '../../failure.js';
import { formatSshUrl, type SshAddress } from '../address.js';
import { describeSettings, type HostSettings } from '../config/settings.js';
import { typeOf } from './entry.js';
import { fingerprint, namesOf, type Verdict } from './judge.js';

/**
 * Why a host is not trusted, with its fingerprint and the way to accept it; nothing when it is.
 *
 * @param via the jump hosts that it was asked to be reached by, where these are not those of the configuration
 */
export function refusal(
  verdict: Verdict,
  key: Buffer,
  settings: HostSettings,
  via: readonly SshAddress[] = [],
): Failure | undefined {
  if (verdict.verdict === 'known') return undefined;
  const address = describeSettings(settings);
  const shown = `${typeOf(key)} ${fingerprint(key)}`;
  const details = { address, keyType: typeOf(key), fingerprint: fingerprint(key) };
  const refuse = (code: string, message: string, hint: string) =>
    new Failure('credentials', code, message, { hint, details });
  switch (verdict.verdict) {
    case 'revoked':
      return refuse(
        'ssh_host_key_revoked',
        `${address} shows a host key that ${verdict.entry.where} revokes: ${shown}`,
        'Do not connect; whoever revoked the key knows why.',
      );
    case 'changed':
      return refuse(
        'ssh_host_key_changed',
        `the host key of ${address} is not the one in ${verdict.entry.where}: it now shows ${shown}`,
        `Somebody may be listening in. If the host was reinstalled: ssh-keygen -R '${nameOf(settings)}', then ${accept(settings, via)}`,
      );
    case 'unknown':
      return refuse(
        'ssh_host_key_unknown',
        `the host key of ${address} is not known: it shows ${shown}${remark(verdict)}`,
        `${strictness(settings)}Compare the fingerprint with the host's own (ssh-keygen -lf there), then ${accept(settings, via)}`,
      );
  }
}

const nameOf = ({ hostname, port, hostKeyAlias }: HostSettings) => namesOf(hostname, port, hostKeyAlias)[0];

function remark({ others, authority }: Extract<Verdict, { verdict: 'unknown' }>): string {
  const [other] = others;
  if (other) return `, and ${other.where} has another kind of key for it`;
  return authority ? `; ${authority.where} has a certificate authority for it, which is not supported` : '';
}

function accept(settings: HostSettings, via: readonly SshAddress[]): string {
  const { name, user, port, strictHostKeyChecking } = settings;
  const words = [
    'ssh',
    // ssh does not ask where it is strict.
    ...(/^(yes|true)$/.test(strictHostKeyChecking) ? ['-o StrictHostKeyChecking=ask'] : []),
    ...(via.length > 0 ? [`-J ${via.map(formatSshUrl).join(',')}`] : []),
    ...(port === 22 ? [] : [`-p ${port}`]),
    `${user}@${name}`,
  ];
  return `accept it once with: ${words.join(' ')}`;
}

/** Such a host would be accepted by ssh; whoever relied on that has to be told why we do not. */
function strictness({ strictHostKeyChecking: given }: HostSettings): string {
  return /^(no|off|accept-new)$/.test(given)
    ? `StrictHostKeyChecking ${given} is not followed: vmqctl trusts no key by itself. `
    : '';
}
