import * as Flags from '@oclif/core/flags';
import { FORMATS } from './render.js';

const SHARED = 'SHARED';

/** How a result is shown. Every command has these. */
export const outputFlags = {
  format: Flags.option({
    options: [...FORMATS, 'human'] as const,
    helpGroup: SHARED,
    env: 'VMQCTL_FORMAT',
    summary: 'How to show the result; human is another word for table.',
  })(),
  json: Flags.boolean({ helpGroup: SHARED, summary: 'The same as --format json.' }),
};

/** Which cluster to reach, and how. */
export const nodeFlags = {
  context: Flags.string({
    helpGroup: SHARED,
    env: 'VMQCTL_CONTEXT',
    helpValue: 'NAME',
    summary: 'The saved cluster to use.',
  }),
  node: Flags.string({
    helpGroup: SHARED,
    env: 'VMQCTL_NODE',
    multiple: true,
    multipleNonGreedy: true,
    delimiter: ',',
    helpValue: 'URL',
    summary:
      'A node: its management API (http://172.16.16.13:8888), its name (erl://VerneMQ@172.16.16.13) or its host (ssh://root@172.16.16.13); repeatable.',
  }),
  'api-key-from': Flags.string({
    helpGroup: SHARED,
    env: 'VMQCTL_API_KEY_FROM',
    helpValue: 'SOURCE',
    summary: 'Where the API key is: file:PATH, env:NAME, command:LINE, keyring:SERVICE/ACCOUNT or stdin.',
  }),
  'api-key-header': Flags.option({
    options: ['basic', 'x-api-key'] as const,
    helpGroup: SHARED,
    env: 'VMQCTL_API_KEY_HEADER',
    summary: 'How the API key travels.',
  })(),
  'cookie-from': Flags.string({
    helpGroup: SHARED,
    env: 'VMQCTL_COOKIE_FROM',
    helpValue: 'SOURCE',
    summary: 'Where the Erlang cookie for erl:// nodes is; the same sources.',
  }),
  'ca-file': Flags.string({
    helpGroup: SHARED,
    env: 'VMQCTL_CA_FILE',
    helpValue: 'PATH',
    summary: 'PEM file of the authorities that https nodes and rediss servers are checked against.',
  }),
  'ssh-config': Flags.string({
    helpGroup: SHARED,
    env: 'VMQCTL_SSH_CONFIG',
    helpValue: 'PATH',
    summary: 'OpenSSH configuration to read instead of ~/.ssh/config.',
  }),
  'ssh-password-from': Flags.string({
    helpGroup: SHARED,
    env: 'VMQCTL_SSH_PASSWORD_FROM',
    helpValue: 'SOURCE',
    summary: 'Where the password for hosts that take no key is; the same sources.',
  }),
  'ssh-prefix': Flags.string({
    helpGroup: SHARED,
    env: 'VMQCTL_SSH_PREFIX',
    helpValue: 'COMMAND',
    summary:
      'What stands in front of vmq-admin, and of what reads logs, on ssh:// hosts, such as "docker exec -i vernemq".',
  }),
  'vmq-admin': Flags.string({
    helpGroup: SHARED,
    env: 'VMQCTL_VMQ_ADMIN',
    helpValue: 'PATH',
    summary: 'Where vmq-admin is on ssh:// hosts, if not in one of the usual places.',
  }),
  sudo: Flags.boolean({
    helpGroup: SHARED,
    env: 'VMQCTL_SUDO',
    summary: 'Run vmq-admin and read logs under sudo on ssh:// hosts; sudo must not want a password.',
  }),
  verbose: Flags.boolean({
    helpGroup: SHARED,
    env: 'VMQCTL_VERBOSE',
    summary: 'Tell on stderr how nodes are reached, and how each call to them ends.',
  }),
  deadline: Flags.string({
    helpGroup: SHARED,
    env: 'VMQCTL_DEADLINE',
    helpValue: 'DURATION',
    default: '5s',
    summary: 'How long one node may take to answer one call.',
  }),
};

/** Which Redis to reach, and how. */
export const redisFlags = {
  context: nodeFlags.context,
  redis: Flags.string({
    helpGroup: SHARED,
    env: 'VMQCTL_REDIS',
    helpValue: 'URL',
    summary:
      'The Redis of the user records, such as redis://127.0.0.1:6379/0; also rediss://, unix://, redis+cluster:// and redis+sentinel://.',
  }),
  'redis-password-from': Flags.string({
    helpGroup: SHARED,
    env: 'VMQCTL_REDIS_PASSWORD_FROM',
    helpValue: 'SOURCE',
    summary:
      'Where the Redis password is: file:PATH, env:NAME, command:LINE, keyring:SERVICE/ACCOUNT or stdin.',
  }),
  'ca-file': nodeFlags['ca-file'],
  deadline: nodeFlags.deadline,
};
