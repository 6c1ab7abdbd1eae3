/** The flags that forwarded commands have besides the broker's own and those of all commands. */
export const FORWARD_FLAGS = {
  'key-from': {
    helpValue: 'SOURCE',
    summary: 'Where the key is: file:PATH, env:NAME, command:LINE, keyring:SERVICE/ACCOUNT or stdin.',
  },
  yes: { char: 'y', summary: 'Do not ask.' },
  'show-command': { summary: 'Print the equal line of vmq-admin, and send nothing.' },
} as const;
