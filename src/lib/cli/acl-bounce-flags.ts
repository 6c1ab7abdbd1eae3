import * as Flags from '@oclif/core/flags';

/** Bringing changed records into force. */
export const bounceFlags = {
  disconnect: Flags.boolean({
    summary: 'Then disconnect the clients that are affected, so that they come back with what is new.',
  }),
  rate: Flags.integer({
    min: 1,
    helpValue: 'N',
    dependsOn: ['disconnect'],
    summary: 'Disconnect no more clients a second; 50 by default.',
  }),
  wait: Flags.string({
    helpValue: 'DURATION',
    dependsOn: ['disconnect'],
    summary: 'How long clients may take to come back; 30s by default.',
  }),
};

export interface BounceFlags {
  readonly disconnect: boolean;
  readonly rate?: number | undefined;
  readonly wait?: string | undefined;
}
